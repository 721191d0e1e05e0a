#![doc = include_str!("../README.md")]

mod database;
mod error;
mod query;
mod sound;
mod text;

pub use database::{Document, Found, Index, clear, find, put, remove, schema};
pub use error::Error;
pub use query::Query;
pub use text::{has_han, is_warm, warm};
