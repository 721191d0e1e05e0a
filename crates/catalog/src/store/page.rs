//! A product's page (P15), found by its slug.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use zg_base::App;
use zg_base::shelf::{Life, STOCK_BELIEVED, Seen};
use zg_db::entity::{media, product, product_text, sku, sku_value};
use zg_domain::Locale;

use super::card::{Held, any_left, sellable, shown, slugs, span};
use super::tree::Tree;
use super::view::{Found, ProductPage, StoreOption, StoreOptionValue, StoreSku};
use crate::Error;
use crate::price::{Listed, Priced, priced};
use crate::product::{Axes, pictures};
use crate::slug::{self, Kind};
use crate::text::{Texts, pick, plain};

/// More than this is not told.
const AVAILABLE_SHOWN: i64 = 99;
/// Characters of a description that a search engine is given.
const DESCRIPTION_SHOWN: usize = 160;

/// A slug, as far as it is remembered.
enum Kept {
    Page(Box<Sheet>),
    Moved(String),
}

/// A page, all but what is available, which is laid over it.
struct Sheet {
    page: ProductPage,
    /// As the page's SKUs.
    skus: Vec<Held>,
    shown: Mutex<Option<(i64, Instant, Arc<ProductPage>)>>,
}

/// The product at a slug, in a language. A slug of the other language leads to the
/// product as well; the page's own slug says what is canonical.
///
/// # Errors
/// [`Error::ProductNotFound`] if there is none, or it is not published.
pub async fn one(app: &App, slug: &str, locale: Locale) -> Result<Found, Error> {
    let shop = Seen::look(app).await?;
    let key = format!("page|{}|{slug}", locale.tag());
    let kept = match shop.get::<Kept>(&key) {
        Some(kept) => kept,
        None => {
            let (kept, until, bytes) = find(&shop, slug, locale).await?;
            let kept = Arc::new(kept);
            shop.keep_for(Life { until, lasts: None }, key, bytes, Arc::clone(&kept));
            kept
        }
    };
    match &*kept {
        Kept::Page(sheet) => Ok(Found::Page(sheet.with_stock(&shop).await?)),
        Kept::Moved(slug) => Ok(Found::Moved(slug.clone())),
    }
}

impl Sheet {
    async fn with_stock(&self, shop: &Seen<'_>) -> Result<Arc<ProductPage>, Error> {
        if let Some((stock, at, page)) = &*self.shown.lock().unwrap_or_else(PoisonError::into_inner)
            && *stock == shop.stock()
            && at.elapsed() < STOCK_BELIEVED
        {
            return Ok(Arc::clone(page));
        }
        let left = sellable(shop.app().read(), self.skus.iter().copied()).await?;
        let mut page = self.page.clone();
        for (sku, held) in page.skus.iter_mut().zip(&self.skus) {
            let free = if held.tracked { left.get(&held.sku_id).copied().unwrap_or(0) } else { AVAILABLE_SHOWN };
            sku.available = if sku.price.is_some() { free.clamp(0, AVAILABLE_SHOWN) } else { 0 };
        }
        page.available = page.skus.iter().any(|sku| sku.available > 0);
        debug_assert!(!page.available || any_left(&self.skus, &left));
        let page = Arc::new(page);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some((shop.stock(), Instant::now(), Arc::clone(&page)));
        Ok(page)
    }
}

async fn find(shop: &Seen<'_>, slug: &str, locale: Locale) -> Result<(Kept, Option<DateTime<Utc>>, usize), Error> {
    let db = shop.app().read();
    let target = slug::find(db, Kind::Product, slug).await?.ok_or(Error::ProductNotFound)?;
    let row = product::Entity::find_by_id(target.entity_id)
        .filter(product::Column::Status.eq("published"))
        .filter(product::Column::DeletedAt.is_null())
        .one(db)
        .await?
        .ok_or(Error::ProductNotFound)?;
    let slugs = slugs(db, &[row.id]).await?.remove(&row.id).unwrap_or_default();
    if !target.current {
        return Ok((Kept::Moved(pick(&slugs, locale)), None, 200));
    }
    let tree = Tree::load(shop).await?;
    let (page, skus, until) = read(db, row, slugs, &tree, locale, shop.app().now()).await?;
    let bytes = 3_000 + page.description.len() * 2 + page.skus.len() * 600 + page.pictures.len() * 800;
    Ok((Kept::Page(Box::new(Sheet { page, skus, shown: Mutex::new(None) })), until, bytes))
}

async fn read(
    db: &impl ConnectionTrait,
    row: product::Model,
    slugs: Texts,
    tree: &Tree,
    locale: Locale,
    now: DateTime<Utc>,
) -> Result<(ProductPage, Vec<Held>, Option<DateTime<Utc>>), Error> {
    let texts = Words::read(db, row.id, locale).await?;
    let axes = Axes::read(db, row.id).await?;
    let skus = sku::Entity::find()
        .filter(sku::Column::ProductId.eq(row.id))
        .filter(sku::Column::DeletedAt.is_null())
        .order_by(sku::Column::Position, Order::Asc)
        .order_by(sku::Column::Id, Order::Asc)
        .all(db)
        .await?;
    let chosen = sku_value::Entity::find().filter(sku_value::Column::SkuId.is_in(skus.iter().map(|row| row.id))).all(db).await?;
    let list = Listed::default(db).await?;
    let Priced { prices, until } = priced(db, &list, &skus.iter().map(|row| (row.id, 1)).collect::<Vec<_>>(), now).await?;
    let media = media::Entity::find()
        .filter(media::Column::ProductId.eq(row.id))
        .order_by(media::Column::Position, Order::Asc)
        .order_by(media::Column::Id, Order::Asc)
        .all(db)
        .await?;
    let pictures = pictures(db, &media).await?;
    let options: Vec<StoreOption> = axes
        .documents()
        .into_iter()
        .map(|option| StoreOption {
            name: pick(&option.name, locale),
            code: option.code,
            values: option.values.into_iter().map(|value| StoreOptionValue { name: pick(&value.name, locale), code: value.code }).collect(),
        })
        .collect();
    let held = skus.iter().map(|row| Held { sku_id: row.id, tracked: row.tracked }).collect();
    let views: Vec<StoreSku> = skus
        .into_iter()
        .map(|row| {
            let values: BTreeMap<String, String> = chosen
                .iter()
                .filter(|value| value.sku_id == row.id)
                .filter_map(|value| axes.codes(value.option_id, value.value_id))
                .collect();
            StoreSku {
                label: label(&options, &values),
                price: prices.get(&row.id).copied(),
                available: 0,
                weight_g: row.weight_g,
                sku: row.code,
                options: values,
            }
        })
        .collect();
    let (price, price_to) = span(prices.values());
    let page = ProductPage {
        slug: pick(&slugs, locale),
        slugs,
        seo_title: texts.seo_title.unwrap_or_else(|| texts.name.clone()),
        seo_description: texts.seo_description.unwrap_or_else(|| plain(&texts.description, DESCRIPTION_SHOWN)),
        breadcrumbs: tree.crumbs(row.primary_category_id, locale),
        pictures: media.iter().filter_map(|row| pictures.get(&row.id)).map(|picture| shown(picture, &texts.name, locale)).collect(),
        name: texts.name,
        description: texts.description,
        options,
        skus: views,
        price,
        price_to,
        tax_included: list.tax_included,
        available: false,
        published_at: row.published_at,
        updated_at: row.updated_at,
    };
    Ok((page, held, until.values().min().copied()))
}

/// A SKU's values in words, in the order of the axes.
fn label(options: &[StoreOption], values: &BTreeMap<String, String>) -> String {
    let name = |option: &StoreOption| {
        let code = values.get(&option.code)?;
        option.values.iter().find(|value| value.code == *code).map(|value| value.name.clone())
    };
    options.iter().filter_map(name).collect::<Vec<_>>().join(" / ")
}

/// A product's texts in a language, each falling back to the other one.
#[derive(Default)]
struct Words {
    name: String,
    description: String,
    seo_title: Option<String>,
    seo_description: Option<String>,
}

impl Words {
    async fn read(db: &impl ConnectionTrait, product_id: i64, locale: Locale) -> Result<Self, Error> {
        let mut rows = product_text::Entity::find().filter(product_text::Column::ProductId.eq(product_id)).all(db).await?;
        rows.sort_by_key(|row| row.locale != locale.tag());
        let mut words = Self::default();
        for row in rows {
            if words.name.is_empty() {
                words.name = row.name;
            }
            if words.description.is_empty() {
                words.description = row.description;
            }
            // A title of another language would be wrong where the name is right.
            if row.locale == locale.tag() {
                words.seo_title = row.seo_title.filter(|text| !text.is_empty());
                words.seo_description = row.seo_description.filter(|text| !text.is_empty());
            }
        }
        Ok(words)
    }
}
