//! Full-text search over rows of a database: segmentation, pinyin, a small query
//! language and facets, indexed by the database itself.

/// An error of the index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Db(#[from] sea_orm::DbErr),
}
