//! Imports.

pub mod import_course;
pub mod import_picture;
pub mod import_row;
