//! RabbitMQ for real: queues of its own for each test, a wire to the server that can be cut, results
//! on a Redis, and Python's Celery beside it.
//!
//! `ZG_TEST_RABBITMQ` is the URL of a RabbitMQ; without it, one is looked for on this machine.
//! `ZG_TEST_PYTHON` names a Python with the packages of `tests/python/requirements.txt`.
//! `cargo xtask test` provides both.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and says where")]

mod alone;
mod faults;
mod lab;
mod programs;
mod python;
mod queues;
mod tasks;
