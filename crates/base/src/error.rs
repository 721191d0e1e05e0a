//! What can go wrong below every module.

use sea_orm::DbErr;

use crate::idempotency::Stored;

/// An error of the base: of the database, the queue, the files, or a replayed key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused, or is not there.
    #[error("the database failed")]
    Db(#[from] DbErr),
    /// The queue refused a task.
    #[error("the task queue failed")]
    Queue(#[from] celery::Error),
    /// The request was answered before: this is that answer, and nothing was done.
    #[error("the request was answered before")]
    Replay(Box<Stored>),
    /// The same `Idempotency-Key` came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A value could not be written as JSON, or read from it.
    #[error("a stored value is not as expected")]
    Json(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error("a file could not be read or written")]
    Io(#[from] std::io::Error),
    /// The object store failed.
    #[error("the file store failed")]
    Files(#[from] object_store::Error),
    /// A key or a sealed value is not as it should be.
    #[error("{0}")]
    Secret(&'static str),
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Password,
    /// A mail could not be built or handed over.
    #[error("a mail could not be sent: {0}")]
    Mail(String),
}
