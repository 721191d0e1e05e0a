//! The catalogue (M2) and its part of the shop (P15, B7).

mod product;
