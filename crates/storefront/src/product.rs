//! A product: its pictures, its variants, its price, and the way into the cart.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;
use zg_catalog::store::{self, Found, ListQuery, ProductCard, ProductPage, Sort, StoreOption, StorePicture, StoreSku};
use zg_domain::Locale;
use zg_web::{Limit, Result};

use crate::page::{Head, Page};
use crate::template::value;

/// Below this, the page says how many are left.
const FEW: i64 = 10;
/// Other products below.
const RELATED: u16 = 4;

/// What is chosen on the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    /// Code of a SKU.
    #[serde(default)]
    sku: String,
    /// Position of a picture, from 1.
    #[serde(default)]
    picture: String,
}

pub(crate) async fn page(page: Page, Path(slug): Path<String>, Query(chosen): Query<Chosen>) -> Result<Response> {
    let product = match store::one(page.app(), &slug, page.locale()).await? {
        Found::Moved(slug) => return Ok(page.moved(&format!("/p/{slug}"))),
        Found::Page(product) => product,
    };
    let sku = sku(&product, &chosen.sku);
    let path = page.path(&format!("/p/{}", product.slug));
    let head = Head {
        title: product.seo_title.clone(),
        description: product.seo_description.clone(),
        canonical: Some(path.clone()),
        alternates: alternates(&product),
        image: product.pictures.first().map(|picture| picture.url.clone()),
    };
    let shown = picture(&product, sku, chosen.picture.parse().ok());
    let related = related(&page, &product).await?;
    let values = context! {
        related => value(&related),
        product => value(&*product),
        steps => value(&product.breadcrumbs),
        trail => product.breadcrumbs.iter().map(|step| step.slug.clone()).collect::<Vec<_>>(),
        sku => value(sku),
        chosen => !chosen.sku.is_empty(),
        few => sku.is_some_and(|sku| (1..FEW).contains(&sku.available)),
        options => sku.map(|sku| options(&product, sku)),
        picture => shown.map(|at| at + 1),
        shown => shown.and_then(|at| product.pictures.get(at)).map(value),
    };
    page.show("product.html", head, values).await
}

/// What else sells best in the same category.
async fn related(page: &Page, product: &ProductPage) -> Result<Vec<ProductCard>> {
    let Some(category) = product.breadcrumbs.last() else { return Ok(Vec::new()) };
    let query = ListQuery {
        sort: Some(Sort::BestSold),
        category: Some(category.slug.clone()),
        limit: Limit::new(RELATED + 1),
        ..ListQuery::default()
    };
    let list = store::list(page.app(), &query, page.locale()).await?;
    Ok(list.data.iter().filter(|card| card.slug != product.slug).take(usize::from(RELATED)).cloned().collect())
}

/// The SKU that is asked for; else the first that can be bought; else the first.
fn sku<'a>(product: &'a ProductPage, code: &str) -> Option<&'a StoreSku> {
    let sellable = |sku: &&StoreSku| sku.price.is_some() && sku.available > 0;
    product.skus.iter().find(|sku| sku.sku == code).or_else(|| product.skus.iter().find(sellable)).or_else(|| product.skus.first())
}

/// The picture that is asked for; else the one of the SKU; else the first.
fn picture(product: &ProductPage, sku: Option<&StoreSku>, asked: Option<usize>) -> Option<usize> {
    let asked = asked.and_then(|position| position.checked_sub(1)).filter(|at| *at < product.pictures.len());
    let own = |picture: &StorePicture| picture.sku.is_some() && picture.sku.as_deref() == sku.map(|sku| sku.sku.as_str());
    asked.or_else(|| product.pictures.iter().position(own)).or(if product.pictures.is_empty() { None } else { Some(0) })
}

/// The axes with their values, and which SKU each value leads to from the one chosen.
fn options(product: &ProductPage, sku: &StoreSku) -> Vec<Value> {
    let of = |option: &StoreOption| {
        let values: Vec<Value> = option
            .values
            .iter()
            .filter_map(|value| {
                let target = nearest(product, &sku.options, &option.code, &value.code)?;
                let current = sku.options.get(&option.code) == Some(&value.code);
                let buyable = target.price.is_some() && target.available > 0;
                Some(context! { name => value.name.as_str(), sku => target.sku.as_str(), current, buyable })
            })
            .collect();
        context! { name => option.name.as_str(), values => values }
    };
    product.options.iter().map(of).collect()
}

/// Of the SKUs with this value, the one that shares most with what is chosen, and
/// among those one that can be bought.
fn nearest<'a>(product: &'a ProductPage, chosen: &BTreeMap<String, String>, option: &str, value: &str) -> Option<&'a StoreSku> {
    let with = product.skus.iter().filter(|sku| sku.options.get(option).is_some_and(|own| own == value));
    let shared = |sku: &StoreSku| chosen.iter().filter(|(code, value)| *code != option && sku.options.get(*code) == Some(value)).count();
    // `max_by_key` takes the last of equals; the first in the shop's own order is wanted.
    with.rev().max_by_key(|sku| (shared(sku), sku.price.is_some() && sku.available > 0))
}

fn alternates(product: &ProductPage) -> Vec<(Locale, String)> {
    let of = |locale: Locale| product.slugs.get(locale.tag()).map(|slug| (locale, format!("/{}/p/{slug}", locale.tag())));
    Locale::ALL.into_iter().filter_map(of).collect()
}
