//! The catalogue (M2) and its part of the shop (P15, B7, B8).

mod category;
mod import;
mod media;
mod product;
mod search;
mod store;
mod variants;
