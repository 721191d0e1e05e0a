//! Imports: a file becomes rows, rows are staged and validated whole, then applied
//! in batches, so that a checkout never waits for an import.
//!
//! A module says what it imports by implementing [`Importer`]; reading, mapping,
//! staging, progress, errors and cancelling are here, once.
//!
//! How far an import has come is written with what it did, so that it goes on where it
//! stopped. Pictures that rows name are brought last, by tasks of their own.
//!
//! Owns `import_row`, `import_course` and `import_picture`; jobs belong to the base.

mod course;
mod engine;
mod error;
mod fetch;
mod importer;
mod job;
mod pack;
mod picture;
mod resume;
mod sheet;
mod sources;
mod start;
mod sweep;
mod upload;

pub use engine::{Run, RunArgs};
pub use error::Error;
pub use importer::{Column, Faults, Hung, Importer, Plan, Record, Wanted, fault, is_address};
pub use picture::{Pictures, PicturesArgs};
pub use sheet::{Encoding, Sheet};
pub use start::{Kind, Options, execute, kinds, know, start_from_bytes};
pub use sweep::Sweep;
use utoipa_axum::routes;
use zg_base::App;
use zg_web::Routes;

zg_base::rights! {
    /// See jobs: imports, bulk changes, reports.
    ReadJobs = "jobs.read";
    /// Start, cancel and resume imports.
    WriteImports = "imports.write";
}

/// A file may hold this much.
pub const FILE_LIMIT: usize = 64 * 1024 * 1024;
/// A zip of pictures may hold this much.
pub const PACK_LIMIT: usize = 256 * 1024 * 1024;

/// The routes of imports and jobs.
pub fn routes() -> Routes {
    Routes::new("imports")
        .problems(include_str!("../problems.toml"))
        .allow::<WriteImports>(routes!(start::kinds_handler))
        .allow_upload::<WriteImports>(FILE_LIMIT + 64 * 1024, routes!(upload::upload))
        .allow_upload::<WriteImports>(PACK_LIMIT + 64 * 1024, routes!(upload::pictures))
        .allow::<WriteImports>(routes!(start::start))
        .allow::<ReadJobs>(routes!(job::list))
        .allow::<ReadJobs>(routes!(job::one))
        .allow::<ReadJobs>(routes!(job::errors))
        .allow::<ReadJobs>(routes!(job::errors_file))
        .allow::<WriteImports>(routes!(job::cancel))
        .allow::<WriteImports>(routes!(resume::resume))
}

/// Background work that is of no kind of import; each module adds its own imports.
///
/// # Errors
/// If two tasks have one name.
pub fn tasks(registry: &mut celery::Registry<App>) -> Result<(), celery::Error> {
    registry.add::<Sweep>()?;
    Ok(())
}

/// What runs by the clock.
///
/// # Errors
/// If two entries have one name.
pub fn schedule(beat: &mut celery::Beat) -> Result<(), celery::Error> {
    let hourly = celery::Schedule::Every(std::time::Duration::from_secs(3600));
    beat.add::<Sweep, App>("import.sweep", hourly, &Sweep {})?;
    Ok(())
}
