//! Products as rows of a list, each remembered by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder};
use zg_base::shelf::{Life, Seen};
use zg_db::entity::{media, sku, slug, stock};
use zg_domain::{Locale, Money};

use super::view::{ProductCard, StorePicture, StorePictureSize};
use crate::Error;
use crate::names;
use crate::price::{Listed, Priced, priced};
use crate::product::{Picture, pictures};
use crate::slug::Kind;
use crate::text::{Texts, pick};

/// A product's row, all but whether it is available.
#[derive(Clone)]
pub(super) struct Card {
    pub(super) view: ProductCard,
    /// Its SKUs that have a price.
    pub(super) skus: Vec<Held>,
    /// When one of its prices changes.
    pub(super) until: Option<DateTime<Utc>>,
}

/// A SKU, as far as its availability goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) sku_id: i64,
    pub(super) tracked: bool,
}

/// The rows of products, in the order of the ids.
pub(super) async fn cards(seen: &Seen<'_>, ids: &[i64], locale: Locale) -> Result<Vec<Arc<Card>>, Error> {
    let app = seen.app();
    let key = |id: i64| format!("card|{}|{id}", locale.tag());
    let mut found: BTreeMap<i64, Arc<Card>> = ids.iter().filter_map(|id| Some((*id, seen.get(&key(*id))?))).collect();
    let wanted: Vec<i64> = ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
    if !wanted.is_empty() {
        for (id, card) in read(app.read(), &wanted, locale, app.now()).await? {
            let card = Arc::new(card);
            let life = Life { until: card.until, lasts: None };
            seen.keep_for(life, key(id), 700 + card.skus.len() * 16, Arc::clone(&card));
            found.insert(id, card);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

async fn read(db: &impl ConnectionTrait, ids: &[i64], locale: Locale, now: DateTime<Utc>) -> Result<Vec<(i64, Card)>, Error> {
    let mut names = names::products(db, ids).await?;
    let slugs = slugs(db, ids).await?;
    let skus = sku::Entity::find()
        .filter(sku::Column::ProductId.is_in(ids.iter().copied()))
        .filter(sku::Column::DeletedAt.is_null())
        .order_by(sku::Column::Position, Order::Asc)
        .order_by(sku::Column::Id, Order::Asc)
        .all(db)
        .await?;
    let list = Listed::default(db).await?;
    let Priced { prices, until } = priced(db, &list, &skus.iter().map(|row| (row.id, 1)).collect::<Vec<_>>(), now).await?;
    let mut by_product: BTreeMap<i64, Vec<&sku::Model>> = BTreeMap::new();
    for row in skus.iter().filter(|row| prices.contains_key(&row.id)) {
        by_product.entry(row.product_id).or_default().push(row);
    }
    let first = first_media(db, ids).await?;
    let pictures = pictures(db, &first).await?;
    let card = |id: i64| {
        let skus = by_product.remove(&id).unwrap_or_default();
        let (price, price_to) = span(skus.iter().filter_map(|row| prices.get(&row.id)));
        let name = pick(&names.remove(&id).unwrap_or_default(), locale);
        let picture = first.iter().find(|row| row.product_id == id).and_then(|row| pictures.get(&row.id));
        let card = Card {
            view: ProductCard {
                slug: slugs.get(&id).map(|slugs| pick(slugs, locale)).unwrap_or_default(),
                picture: picture.map(|picture| shown(picture, &name, locale)),
                name,
                price,
                price_to,
                available: false,
                sku: if let [only] = skus.as_slice() { Some(only.code.clone()) } else { None },
            },
            until: skus.iter().filter_map(|row| until.get(&row.id)).min().copied(),
            skus: skus.iter().map(|row| Held { sku_id: row.id, tracked: row.tracked }).collect(),
        };
        (id, card)
    };
    Ok(ids.iter().copied().map(card).collect())
}

/// The lowest price, and the highest if it is another.
pub(super) fn span<'a>(prices: impl Iterator<Item = &'a Money> + Clone) -> (Option<Money>, Option<Money>) {
    let lowest = prices.clone().min_by_key(|price| price.amount).copied();
    (lowest, prices.max_by_key(|price| price.amount).copied().filter(|highest| Some(*highest) != lowest))
}

/// A picture for a reader.
pub(super) fn shown(picture: &Picture, name: &str, locale: Locale) -> StorePicture {
    let alt = pick(&picture.alt, locale);
    StorePicture {
        url: picture.url.clone(),
        width: picture.width,
        height: picture.height,
        sizes: picture.sizes.iter().map(|size| StorePictureSize { width: size.width, url: size.url.clone() }).collect(),
        alt: if alt.is_empty() { name.to_owned() } else { alt },
        sku: picture.sku.clone(),
    }
}

/// Present slugs of products, by language.
pub(super) async fn slugs(db: &impl ConnectionTrait, ids: &[i64]) -> Result<BTreeMap<i64, Texts>, DbErr> {
    let rows = slug::Entity::find()
        .filter(slug::Column::Entity.eq(Kind::Product.as_str()))
        .filter(slug::Column::EntityId.is_in(ids.iter().copied()))
        .filter(slug::Column::Current.eq(true))
        .all(db)
        .await?;
    let mut slugs: BTreeMap<i64, Texts> = BTreeMap::new();
    for row in rows {
        slugs.entry(row.entity_id).or_default().insert(row.locale, row.slug);
    }
    Ok(slugs)
}

/// Each product's first picture.
async fn first_media(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<media::Model>, DbErr> {
    let mut rows = media::Entity::find()
        .filter(media::Column::ProductId.is_in(ids.iter().copied()))
        .order_by(media::Column::ProductId, Order::Asc)
        .order_by(media::Column::Position, Order::Asc)
        .order_by(media::Column::Id, Order::Asc)
        .all(db)
        .await?;
    rows.dedup_by_key(|row| row.product_id);
    Ok(rows)
}

/// How many of each SKU can be bought now, over all warehouses. Those without stock are absent.
pub(super) async fn sellable(db: &impl ConnectionTrait, skus: impl Iterator<Item = Held>) -> Result<BTreeMap<i64, i64>, DbErr> {
    let tracked: Vec<i64> = skus.filter(|sku| sku.tracked).map(|sku| sku.sku_id).collect();
    let mut left: BTreeMap<i64, i64> = BTreeMap::new();
    if tracked.is_empty() {
        return Ok(left);
    }
    for row in stock::Entity::find().filter(stock::Column::SkuId.is_in(tracked)).all(db).await? {
        *left.entry(row.sku_id).or_default() += row.on_hand - row.reserved - row.held + row.backorder_limit;
    }
    Ok(left)
}

/// Can any of these be bought?
pub(super) fn any_left(skus: &[Held], left: &BTreeMap<i64, i64>) -> bool {
    skus.iter().any(|sku| !sku.tracked || left.get(&sku.sku_id).is_some_and(|left| *left > 0))
}
