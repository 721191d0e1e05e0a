//! Payments: recorded by hand, given back, looked up, and the ways to pay.

mod history;
mod methods;
mod proofs;
mod record;
mod refund;
mod second;
