mod course;
mod files;
mod pictures;
mod resume;
