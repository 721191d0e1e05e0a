//! What shoppers see: rows of lists, the product's page, the tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_domain::Money;
use zg_web::{Limit, PageMeta};

/// Which products, in what order.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words, a "quoted phrase", -not; Chinese, pinyin or its initials; a SKU.
    pub q: Option<String>,
    /// Slug or code of a category: in it or below it.
    pub category: Option<String>,
    /// The order; `relevance` if something is searched, else the newest first.
    #[param(inline)]
    pub sort: Option<Sort>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    pub limit: Limit,
    /// The lowest price, in minor units.
    #[param(minimum = 0)]
    pub price_min: Option<i64>,
    /// The highest price, in minor units.
    #[param(minimum = 0)]
    pub price_max: Option<i64>,
    /// Only what can be bought now.
    #[serde(default)]
    pub in_stock: bool,
    /// Values of variants, `colour:red,colour:blue,size:xl`: one of each option named.
    pub option: Option<String>,
    /// With counts by category, price, option and stock.
    #[serde(default)]
    pub facets: bool,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StoreSort)]
pub enum Sort {
    /// Best match first.
    #[serde(rename = "relevance")]
    Relevance,
    /// Newest first.
    #[serde(rename = "-published_at")]
    Newest,
    /// Cheapest first.
    #[serde(rename = "price")]
    Cheapest,
    /// Dearest first.
    #[serde(rename = "-price")]
    Dearest,
    /// Best sold first.
    #[serde(rename = "-sales")]
    BestSold,
}

/// A page of products.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreProducts)]
pub struct ProductList {
    /// The products.
    pub data: Vec<ProductCard>,
    /// Where the next page begins.
    pub meta: PageMeta,
    /// Counts, if they were asked for.
    pub facets: Option<Facets>,
    /// What was searched instead, for nothing matched what was typed.
    pub corrected: Option<String>,
}

/// A product in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreProductCard)]
pub struct ProductCard {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its first picture.
    pub picture: Option<StorePicture>,
    /// The lowest price of its SKUs.
    pub price: Option<Money>,
    /// The highest, if it is another.
    pub price_to: Option<Money>,
    /// Can any of its SKUs be bought now?
    pub available: bool,
    /// Its SKU's code, if it has only one: it can be put into a cart at once.
    pub sku: Option<String>,
}

/// A picture with its smaller copies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StorePicture {
    /// Address of the original.
    pub url: String,
    /// Width of the original, in pixels.
    pub width: i32,
    /// Height of the original, in pixels.
    pub height: i32,
    /// Smaller copies, narrowest first: for `srcset`.
    pub sizes: Vec<StorePictureSize>,
    /// What it shows, for those who can't see it; the product's name if staff wrote nothing.
    pub alt: String,
    /// The SKU it shows, if it is one SKU's.
    pub sku: Option<String>,
}

/// A smaller copy of a picture.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StorePictureSize {
    /// Width in pixels.
    pub width: i32,
    /// Its address.
    pub url: String,
}

/// How many products of a list are of which kind.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = StoreFacets)]
pub struct Facets {
    /// Categories that hold products of the list, those below included.
    pub categories: Vec<CategoryFacet>,
    /// Options and their values.
    pub options: Vec<OptionFacet>,
    /// The lowest price in the list.
    pub price_min: Option<Money>,
    /// The highest of the lowest prices in the list.
    pub price_max: Option<Money>,
    /// Products that can be bought now.
    pub in_stock: i64,
}

/// A category and how many products of the list are in it or below it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreCategoryFacet)]
pub struct CategoryFacet {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// 0 at the root.
    pub depth: i32,
    /// Products.
    pub count: i64,
}

/// An option and how many products have which value.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreOptionFacet)]
pub struct OptionFacet {
    /// Its code, as in the query.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its values, most products first.
    pub values: Vec<ValueFacet>,
}

/// A value of an option and how many products have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreValueFacet)]
pub struct ValueFacet {
    /// Its code, as in the query.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Products.
    pub count: i64,
}

/// What an address leads to.
#[derive(Clone, Debug)]
pub enum Found {
    /// A product.
    Page(Arc<ProductPage>),
    /// A product that has another address now: its slug.
    Moved(String),
}

/// A product's page.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreProduct)]
pub struct ProductPage {
    /// Its address in this language.
    pub slug: String,
    /// Language tag → its address in that language: canonical and alternates.
    pub slugs: BTreeMap<String, String>,
    /// Its name.
    pub name: String,
    /// HTML that was cleaned when it was written.
    pub description: String,
    /// Title for search engines; its name if staff wrote none.
    pub seo_title: String,
    /// Description for search engines; the beginning of its description if staff wrote none.
    pub seo_description: String,
    /// From the root down to its primary category.
    pub breadcrumbs: Vec<Crumb>,
    /// Pictures, in order.
    pub pictures: Vec<StorePicture>,
    /// The axes of its variants.
    pub options: Vec<StoreOption>,
    /// What can be bought.
    pub skus: Vec<StoreSku>,
    /// The lowest price of its SKUs.
    pub price: Option<Money>,
    /// The highest, if it is another.
    pub price_to: Option<Money>,
    /// Do its prices include tax?
    pub tax_included: bool,
    /// Can any of its SKUs be bought now?
    pub available: bool,
    /// Since when it has been for sale.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was last changed: for sitemaps.
    pub updated_at: DateTime<Utc>,
}

/// A category above a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreCrumb)]
pub struct Crumb {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// An axis of a product's variants.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoreOption {
    /// `colour`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its values, in order.
    pub values: Vec<StoreOptionValue>,
}

/// A value of an axis.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoreOptionValue {
    /// `red`.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A SKU on a product's page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoreSku {
    /// Its code: what a cart is told.
    pub sku: String,
    /// Option code → value code.
    pub options: BTreeMap<String, String>,
    /// Its values in words, `红色 / XL`; empty if the product has no variants.
    pub label: String,
    /// Its price; none is not for sale.
    pub price: Option<Money>,
    /// How many can be bought now, at most 99: what lies beyond is nobody's business.
    pub available: i64,
    /// Grams.
    pub weight_g: i64,
}

/// A category as shoppers see it, with those below it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoreCategory {
    /// Its code.
    pub code: String,
    /// Its address.
    pub slug: String,
    /// Language tag → its address in that language.
    pub slugs: BTreeMap<String, String>,
    /// Its name.
    pub name: String,
    /// Products in it and below it.
    pub products: i64,
    /// The categories below it.
    #[schema(no_recursion)]
    pub children: Vec<StoreCategory>,
}

/// What somebody may be about to search.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreSuggestions)]
pub struct Suggestions {
    /// Products.
    pub products: Vec<ProductCard>,
    /// Categories.
    pub categories: Vec<Crumb>,
    /// What was searched instead, for nothing matched what was typed.
    pub corrected: Option<String>,
}
