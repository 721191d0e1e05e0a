//! Reports: the same figures as a table, as CSV and on the command line.
//!
//! Owns no table. What always holds: a cancelled order is not counted; one report is of
//! one currency; days are the shop's and both ends are included; an order belongs to the
//! day on which it was placed, also one that was moved in from another shop.

mod ask;
mod error;
mod file;
mod orders;
mod sums;

pub use ask::{Ask, By};
pub use error::Error;
pub use file::{Detail, csv};
pub use orders::{Figures, Reconciled, Report, ReportRow, orders};
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See reports and take them away as files.
    ReadReports = "reports.read";
}

/// The routes of reports.
pub fn routes() -> Routes {
    Routes::new("reports")
        .problems(include_str!("../problems.toml"))
        .allow::<ReadReports>(routes!(ask::handler))
        .allow::<ReadReports>(routes!(ask::file))
}
