//! Imports.

pub mod import_row;
