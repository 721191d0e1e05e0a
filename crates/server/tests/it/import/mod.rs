mod course;
mod files;
