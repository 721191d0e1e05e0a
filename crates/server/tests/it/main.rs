//! Every use case, through the real router on an empty database of its own.
//!
//! `ZG_TEST_DATABASE` names the database, `sqlite` (the default) or `postgres`;
//! the suite itself names none.

mod support;

mod catalog;
mod customers;
mod dashboard;
mod fulfilment;
mod import;
mod inventory;
mod live;
mod payments;
mod platform;
mod reports;
mod storefront;
mod system;
mod whole_sale;
