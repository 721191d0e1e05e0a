//! The queue on real databases: every test on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and says where")]

mod beat;
mod canvas;
mod control;
mod enqueue;
mod faults;
mod lab;
mod running;
