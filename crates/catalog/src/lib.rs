//! The catalogue: categories, products, SKUs, prices and pictures, as staff keep
//! them and as shoppers find them.
//!
//! Owns `category`, `product`, `product_option`, `sku`, `price`, `slug`, `media`
//! with their texts, and the search index `product`, which changes in the same
//! transaction as the product. A deleted SKU's code stays taken.
//!
//! Others may call [`goods`], [`sku_by_code`], [`Listed`], and what is in [`names`] and [`store`].
//! What shoppers see is remembered in the process; every change of it counts up the
//! shop's version in its own transaction ([`zg_base::shelf`]), so that no node shows what was.

mod category;
mod error;
mod goods;
mod import;
mod index;
mod media;
pub mod names;
mod price;
mod product;
mod rank;
mod save;
mod slug;
pub mod store;
mod text;

pub use error::Error;
pub use goods::{Goods, goods, goods_in, sku_by_code};
pub use import::{Categories, CategoryRow, PRODUCT_COLUMNS, ProductRow, Products};
pub use index::{ReindexCategory, reindex};
pub use media::MEDIA_LIMIT;
pub use price::Listed;
pub use rank::Rank;
pub use text::{Texts, pick};
use utoipa_axum::routes;
use zg_base::App;
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

/// The tasks of the catalogue; its imports are registered where stock is added to them.
///
/// # Errors
/// If another task has a name of theirs.
pub fn tasks(registry: &mut celery::Registry<App>) -> Result<(), celery::Error> {
    registry.add::<Rank>()?;
    registry.add::<ReindexCategory>()?;
    Ok(())
}

/// What the catalogue does by the clock.
///
/// # Errors
/// If another entry has its name.
pub fn schedule(beat: &mut celery::Beat) -> Result<(), celery::Error> {
    beat.add::<Rank, App>("catalog.rank", celery::Schedule::Every(std::time::Duration::from_secs(900)), &Rank {})?;
    Ok(())
}
