mod cli;
mod http;
mod limits;
mod observed;
mod proofs;
mod stopping;
mod walk;
