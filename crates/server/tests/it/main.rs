//! Every use case, through the real router on an empty database of its own.
//!
//! `ZG_TEST_DATABASE` names the database, `sqlite` (the default) or `postgres`;
//! the suite itself names none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::large_stack_arrays,
    clippy::redundant_closure_for_method_calls,
    clippy::range_plus_one,
    clippy::zombie_processes,
    reason = "a test fails by panicking, and tells what it measured"
)]
#![allow(dead_code, reason = "what tests stand on is there before the test that needs it")]

mod support;

mod catalog;
mod customers;
mod dashboard;
mod fulfilment;
mod import;
mod inventory;
mod live;
mod orders;
mod payments;
mod platform;
mod reports;
mod storefront;
mod system;
mod whole_sale;
