//! What can go wrong.

use sea_orm::DbErr;

/// An error of the search.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused, or is not there.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// Neither SQLite nor PostgreSQL.
    #[error("this database can't be searched: SQLite and PostgreSQL can")]
    Unsupported,
}
