//! What can be refused in this module.

use sea_orm::DbErr;
use zg_web::Problem;

/// An error of a report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The last day lies before the first.
    #[error("the last day lies before the first")]
    Range,
    /// A word that names nothing to filter by.
    #[error("`{word}` is nothing to filter {parameter} by")]
    Word {
        /// The parameter.
        parameter: &'static str,
        /// The word.
        word: String,
    },
    /// The file could not be written.
    #[error("the file could not be written")]
    Csv(#[from] csv::Error),
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Base(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Range => Self::bad_request("report_range"),
            Error::Word { parameter, word } => Self::bad_request("report_word").with("parameter", parameter).with("word", word),
            Error::Csv(error) => zg_base::Error::Io(std::io::Error::other(error)).into(),
            Error::Base(error) => error.into(),
        }
    }
}
