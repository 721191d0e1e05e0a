//! The storefront (P15), as a browser without scripts sees it.

mod account;
mod browser;
mod forms;
mod lists;
mod pages;
mod purchase;

pub(crate) use browser::{Browser, between};
