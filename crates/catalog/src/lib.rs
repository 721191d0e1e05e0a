//! The catalogue: categories, products, SKUs, prices and pictures, as staff keep
//! them and as shoppers find them.
//!
//! Owns `category`, `product`, `product_option`, `sku`, `price`, `slug`, `media`
//! with their texts, and the search index `product`, which changes in the same
//! transaction as the product. A deleted SKU's code stays taken.
//! Others may call [`prices_of`].

mod category;
mod error;
mod goods;
mod index;
mod media;
mod price;
mod product;
mod save;
mod slug;
pub mod store;
mod text;

pub use error::Error;
pub use goods::{Goods, goods, sku_by_code};
pub use index::reindex;
pub use media::MEDIA_LIMIT;
pub use price::{Listed, prices_of};
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See products and categories.
    ReadCatalog = "catalog.read";
    /// Change products, prices and pictures.
    WriteProducts = "products.write";
    /// Change the category tree.
    WriteCategories = "categories.write";
}

/// The routes of the catalogue.
pub fn routes() -> Routes {
    Routes::new("catalog")
        .problems(include_str!("../problems.toml"))
        .allow::<ReadCatalog>(routes!(category::list))
        .allow::<WriteCategories>(routes!(category::create))
        .allow::<WriteCategories>(routes!(category::change, category::delete))
        .allow::<WriteCategories>(routes!(category::move_to))
        .allow::<ReadCatalog>(routes!(product::list))
        .allow::<ReadCatalog>(routes!(product::one))
        .allow::<ReadCatalog>(routes!(product::tax_classes))
        .allow::<WriteProducts>(routes!(save::create))
        .allow::<WriteProducts>(routes!(save::change, save::delete))
        .allow::<WriteProducts>(routes!(save::publish))
        .allow::<WriteProducts>(routes!(save::unpublish))
        .allow_upload::<WriteProducts>(MEDIA_LIMIT + 64 * 1024, routes!(media::upload))
        .allow::<WriteProducts>(routes!(media::change, media::delete))
        .public(routes!(store::list_handler))
        .public(routes!(store::one_handler))
        .public(routes!(store::tree_handler))
        .public(routes!(store::suggest_handler))
}
