mod cli;
mod http;
mod limits;
mod observed;
mod stopping;
mod walk;
