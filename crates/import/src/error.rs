//! What can be refused before a row is looked at.

use sea_orm::DbErr;
use zg_web::Problem;

use crate::pack::{ENTRIES, UNPACKED};

/// An error of an import as a whole; a row's faults are [`zg_base::job::RowError`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Cut short, or not what its name says.
    #[error("the file can't be read: {0}")]
    Broken(String),
    /// Too much.
    #[error("the file is too large")]
    TooLarge,
    /// Nobody imports this.
    #[error("there is no import of {0}")]
    KindUnknown(String),
    /// Required columns that no heading matches.
    #[error("columns are missing: {}", .0.join(", "))]
    ColumnsMissing(Vec<String>),
    /// The mapping names a heading that is not in the file.
    #[error("the mapping names an unknown column: {0}")]
    ColumnUnknown(String),
    /// No such job.
    #[error("no such job")]
    JobNotFound,
    /// It ended before.
    #[error("the job has ended")]
    JobEnded,
    /// It has not ended: there is nothing to resume.
    #[error("the job is still open")]
    JobOpen,
    /// It was done, or failed of its file.
    #[error("the job left nothing to go on from")]
    NotResumable,
    /// The file it works on is no longer kept.
    #[error("the job's file is gone")]
    FileGone,
    /// What should be a zip of pictures is none.
    #[error("the zip can't be read: {0}")]
    Pack(String),
    /// A zip without pictures.
    #[error("there is no picture in the zip")]
    PackEmpty,
    /// A zip that is too large as it is.
    #[error("the zip is too large")]
    PackTooLarge,
    /// A zip of too many files.
    #[error("there are too many files in the zip")]
    PackEntries,
    /// A zip that would be too large unpacked.
    #[error("the zip would be too large unpacked")]
    PackUnpacked,
    /// No zip came with the request, or another file is named as it.
    #[error("no zip of pictures was sent")]
    PackMissing,
    /// Pictures for an import whose rows name none.
    #[error("this import takes no pictures")]
    PicturesUnwanted,
    /// No file came with the request.
    #[error("no file was sent")]
    FileMissing,
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
    /// What a module's import failed of.
    #[error("{0}")]
    Module(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Base(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Empty => Self::unprocessable("import_file_empty"),
            Error::Broken(reason) | Error::Module(reason) => Self::unprocessable("import_file_broken").with("reason", reason),
            Error::TooLarge => Self::too_large("import_file_large").with("limit", crate::FILE_LIMIT / 1024 / 1024),
            Error::KindUnknown(kind) => {
                let known: Vec<&str> = crate::kinds().iter().map(|kind| kind.name).collect();
                Self::not_found("import_kind_unknown").with("kind", kind).with("known", known.join(", "))
            }
            Error::ColumnsMissing(columns) => Self::unprocessable("import_column_missing").with("columns", columns.join(", ")),
            Error::ColumnUnknown(column) => Self::unprocessable("import_column_unknown").with("column", column),
            Error::JobNotFound => Self::not_found("job_not_found"),
            Error::JobEnded => Self::conflict("job_ended"),
            Error::JobOpen => Self::conflict("job_open"),
            Error::NotResumable => Self::conflict("job_not_resumable"),
            Error::FileGone => Self::conflict("job_file_gone"),
            Error::Pack(reason) => Self::unprocessable("import_zip_broken").with("reason", reason),
            Error::PackEmpty => Self::unprocessable("import_zip_empty"),
            Error::PackTooLarge => Self::too_large("import_zip_large").with("limit", crate::PACK_LIMIT / 1024 / 1024),
            Error::PackEntries => Self::unprocessable("import_zip_many").with("limit", ENTRIES),
            Error::PackUnpacked => Self::unprocessable("import_zip_unpacked").with("limit", UNPACKED / 1024 / 1024 / 1024),
            Error::PackMissing => Self::unprocessable("import_zip_missing"),
            Error::PicturesUnwanted => Self::unprocessable("import_pictures_unwanted"),
            Error::FileMissing => Self::unprocessable("import_file_missing"),
            Error::Base(error) => error.into(),
        }
    }
}
