//! The catalogue.

pub mod category;
pub mod category_text;
pub mod media;
pub mod media_size;
pub mod price;
pub mod price_list;
pub mod product;
pub mod product_category;
pub mod product_option;
pub mod product_option_text;
pub mod product_option_value;
pub mod product_option_value_text;
pub mod product_text;
pub mod sku;
pub mod sku_value;
pub mod slug;
