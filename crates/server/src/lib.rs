//! The program: modules put together, configured, listened for, worked for.
//!
//! A library beside the binary, so that the tests drive what ships.

pub mod archive;
pub mod cli;
pub mod compose;
mod config;
mod events;
mod figures;
pub mod listen;
mod open;
mod pages;
mod proofs;
mod serve;
mod telemetry;
