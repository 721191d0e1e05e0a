//! Imports: a file becomes rows, rows are staged and validated whole, then applied
//! in batches, so that a checkout never waits for an import.
//!
//! A module says what it imports by implementing [`Importer`]; reading, mapping,
//! staging, progress, errors and cancelling are here, once.
//!
//! Owns `import_row`; jobs belong to the base.

mod engine;
mod error;
mod importer;
mod job;
mod sheet;
mod start;

pub use engine::{Run, RunArgs, execute};
pub use error::Error;
pub use importer::{Column, Faults, Importer, Plan, Record, fault};
pub use sheet::{Encoding, Sheet};
pub use start::{Kind, Options, kinds, know, start_from_bytes};
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See jobs: imports, bulk changes, reports.
    ReadJobs = "jobs.read";
    /// Start and cancel imports.
    WriteImports = "imports.write";
}

/// A file may hold this much.
pub const FILE_LIMIT: usize = 64 * 1024 * 1024;

/// The routes of imports and jobs.
pub fn routes() -> Routes {
    Routes::new("imports")
        .problems(include_str!("../problems.toml"))
        .allow::<WriteImports>(routes!(start::kinds_handler))
        .allow_upload::<WriteImports>(FILE_LIMIT + 64 * 1024, routes!(start::upload))
        .allow::<WriteImports>(routes!(start::start))
        .allow::<ReadJobs>(routes!(job::list))
        .allow::<ReadJobs>(routes!(job::one))
        .allow::<ReadJobs>(routes!(job::errors))
        .allow::<ReadJobs>(routes!(job::errors_file))
        .allow::<WriteImports>(routes!(job::cancel))
}
