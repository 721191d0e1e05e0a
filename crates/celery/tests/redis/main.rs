//! Redis for real: a server of its own for each test, and Python's Celery beside it.
//!
//! `ZG_TEST_PYTHON` names a Python with the packages of `tests/python/requirements.txt`;
//! `cargo xtask test` makes one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and says where")]

mod alone;
mod canvas;
mod control;
mod events;
mod faults;
mod flower;
mod inspect;
mod lab;
mod programs;
mod python;
