//! SKUs as carts and orders copy them: name, picture, weight, tax and price at an instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, JoinType, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect as _};
use zg_base::shelf::Seen;
use zg_db::entity::{category_text, file, media, media_size, product, product_text, sku, tax_class};
use zg_domain::{Locale, Money, Ppm};

use crate::price::{self, Listed, Tier};
use crate::text::pick;
use crate::{Error, names};

/// A SKU, as a cart shows it and an order copies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// Row of `sku`.
    pub sku_id: i64,
    /// The SKU's code.
    pub sku: String,
    /// Row of `product`.
    pub product_id: i64,
    /// The product's name in the language asked for, or in another.
    pub name: String,
    /// The chosen values, `红色 / XL`; none if the product has no variants.
    pub options: Option<String>,
    /// The product's primary category.
    pub category_id: Option<i64>,
    /// Its name in the language asked for, or in another.
    pub category_name: Option<String>,
    /// Address of the smallest copy of its picture: the SKU's own, else the product's first.
    pub picture: Option<String>,
    /// Row of `file` of that copy.
    pub file_id: Option<i64>,
    /// Grams.
    pub weight_g: i64,
    /// False: for sale without stock.
    pub tracked: bool,
    /// Tax rate.
    pub tax: Ppm,
    /// Price of one, bought in the quantity asked for; none is not for sale.
    pub price: Option<Money>,
    /// Is the product published, not deleted, and has the SKU a price?
    pub for_sale: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    code: String,
    product_id: i64,
    weight_g: i64,
    tracked: bool,
    sku_deleted_at: Option<DateTime<Utc>>,
    status: String,
    deleted_at: Option<DateTime<Utc>>,
    category_id: Option<i64>,
    rate_ppm: i64,
    name: Option<String>,
    other_name: Option<String>,
    category_name: Option<String>,
    other_category_name: Option<String>,
}

/// A SKU as it is remembered: its price is chosen by quantity and instant.
struct Ware {
    goods: Goods,
    tiers: Vec<Tier>,
    /// Is the product published, and is neither it nor the SKU deleted?
    there: bool,
}

impl Ware {
    fn bytes(&self) -> usize {
        600 + self.tiers.len() * 48
    }

    fn bought(&self, list: &Listed, quantity: i64, at: DateTime<Utc>) -> Goods {
        let price = price::best(&self.tiers, quantity, at).map(|amount| Money { amount, currency: list.currency });
        Goods { price, for_sale: self.there && price.is_some(), ..self.goods.clone() }
    }
}

/// SKUs by id, each bought now in a quantity: pairs of `sku` id and pieces. Unknown ids
/// are absent; deleted ones are there, not for sale, so that an old cart can name them.
///
/// # Errors
/// [`Error::Base`].
pub async fn goods(seen: &Seen<'_>, list: &Listed, wanted: &[(i64, i64)], locale: Locale) -> Result<BTreeMap<i64, Goods>, Error> {
    let key = |id: i64| format!("ware|{}|{id}", locale.tag());
    let mut wares: BTreeMap<i64, Arc<Ware>> = wanted.iter().filter_map(|(id, _)| Some((*id, seen.get(&key(*id))?))).collect();
    let missing: Vec<i64> = wanted.iter().map(|(id, _)| *id).filter(|id| !wares.contains_key(id)).collect();
    let now = seen.app().now();
    for (id, ware) in read(seen.app().read(), list, &missing, locale, now).await? {
        let ware = Arc::new(ware);
        seen.keep(key(id), ware.bytes(), Arc::clone(&ware));
        wares.insert(id, ware);
    }
    Ok(wanted.iter().filter_map(|(id, quantity)| Some((*id, wares.get(id)?.bought(list, *quantity, now)))).collect())
}

/// SKUs by id as they are in this database or transaction, bought in a quantity at an instant.
///
/// # Errors
/// [`Error::Base`].
pub async fn goods_in(
    db: &impl ConnectionTrait,
    list: &Listed,
    wanted: &[(i64, i64)],
    locale: Locale,
    at: DateTime<Utc>,
) -> Result<BTreeMap<i64, Goods>, Error> {
    let ids: Vec<i64> = wanted.iter().map(|(id, _)| *id).collect();
    let wares = read(db, list, &ids, locale, at).await?;
    Ok(wanted.iter().filter_map(|(id, quantity)| Some((*id, wares.get(id)?.bought(list, *quantity, at)))).collect())
}

async fn read(
    db: &impl ConnectionTrait,
    list: &Listed,
    ids: &[i64],
    locale: Locale,
    at: DateTime<Utc>,
) -> Result<BTreeMap<i64, Ware>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = db.query_all(&rows(ids, locale)).await?;
    let rows = rows.iter().map(|row| Row::from_query_result(row, "")).collect::<Result<Vec<_>, _>>()?;
    let options = names::variants(db, ids).await?;
    let mut tiers = price::tiers(db, list, ids, at).await?;
    let products: Vec<i64> = rows.iter().map(|row| row.product_id).collect();
    let pictures = Pictures::read(db, &products).await?;
    let ware = |row: Row| {
        let picture = pictures.of(row.product_id, row.id);
        let there = row.status == "published" && row.deleted_at.is_none() && row.sku_deleted_at.is_none();
        let goods = Goods {
            sku_id: row.id,
            sku: row.code,
            product_id: row.product_id,
            name: row.name.or(row.other_name).unwrap_or_default(),
            options: options.get(&row.id).map(|texts| pick(texts, locale)),
            category_id: row.category_id,
            category_name: row.category_name.or(row.other_category_name),
            picture: picture.map(|(_, sha256)| format!("/files/{sha256}")),
            file_id: picture.map(|(id, _)| *id),
            weight_g: row.weight_g,
            tracked: row.tracked,
            tax: Ppm(row.rate_ppm),
            price: None,
            for_sale: false,
        };
        (row.id, Ware { goods, tiers: tiers.remove(&row.id).unwrap_or_default(), there })
    };
    Ok(rows.into_iter().map(ware).collect())
}

/// SKU, product, tax class and names in one statement.
fn rows(ids: &[i64], locale: Locale) -> SelectStatement {
    let (name, other) = (Alias::new("name_text"), Alias::new("other_text"));
    let (category, other_category) = (Alias::new("category_name_text"), Alias::new("other_category_text"));
    let product_text =
        |alias: &Alias| Expr::col((alias.clone(), product_text::Column::ProductId)).equals((product::Entity, product::Column::Id));
    let category_of = |alias: &Alias| {
        Expr::col((alias.clone(), category_text::Column::CategoryId)).equals((product::Entity, product::Column::PrimaryCategoryId))
    };
    Query::select()
        .column((sku::Entity, sku::Column::Id))
        .column((sku::Entity, sku::Column::Code))
        .column((sku::Entity, sku::Column::ProductId))
        .column((sku::Entity, sku::Column::WeightG))
        .column((sku::Entity, sku::Column::Tracked))
        .expr_as(Expr::col((sku::Entity, sku::Column::DeletedAt)), "sku_deleted_at")
        .column((product::Entity, product::Column::Status))
        .column((product::Entity, product::Column::DeletedAt))
        .expr_as(Expr::col((product::Entity, product::Column::PrimaryCategoryId)), "category_id")
        .column((tax_class::Entity, tax_class::Column::RatePpm))
        .expr_as(Expr::col((name.clone(), product_text::Column::Name)), "name")
        .expr_as(Expr::col((other.clone(), product_text::Column::Name)), "other_name")
        .expr_as(Expr::col((category.clone(), category_text::Column::Name)), "category_name")
        .expr_as(Expr::col((other_category.clone(), category_text::Column::Name)), "other_category_name")
        .from(sku::Entity)
        .join(
            JoinType::InnerJoin,
            product::Entity,
            Expr::col((product::Entity, product::Column::Id)).equals((sku::Entity, sku::Column::ProductId)),
        )
        .join(
            JoinType::InnerJoin,
            tax_class::Entity,
            Expr::col((tax_class::Entity, tax_class::Column::Id)).equals((product::Entity, product::Column::TaxClassId)),
        )
        .join_as(
            JoinType::LeftJoin,
            product_text::Entity,
            name.clone().into_iden(),
            product_text(&name).and(Expr::col((name.clone(), product_text::Column::Locale)).eq(locale.tag())),
        )
        .join_as(
            JoinType::LeftJoin,
            product_text::Entity,
            other.clone().into_iden(),
            product_text(&other).and(Expr::col((other.clone(), product_text::Column::Locale)).eq(fallback(locale).tag())),
        )
        .join_as(
            JoinType::LeftJoin,
            category_text::Entity,
            category.clone().into_iden(),
            category_of(&category).and(Expr::col((category.clone(), category_text::Column::Locale)).eq(locale.tag())),
        )
        .join_as(
            JoinType::LeftJoin,
            category_text::Entity,
            other_category.clone().into_iden(),
            category_of(&other_category).and(Expr::col((other_category.clone(), category_text::Column::Locale)).eq(fallback(locale).tag())),
        )
        .and_where(Expr::col((sku::Entity, sku::Column::Id)).is_in(ids.iter().copied()))
        .to_owned()
}

/// The language that stands in for another.
pub(crate) const fn fallback(locale: Locale) -> Locale {
    match locale {
        Locale::ZhCn => Locale::En,
        Locale::En => Locale::ZhCn,
    }
}

/// The smallest copies of products' pictures, in order.
struct Pictures(BTreeMap<i64, Vec<PictureOf>>);

/// The SKU it shows, if it is one SKU's; its file and address.
type PictureOf = (Option<i64>, (i64, String));

impl Pictures {
    async fn read(db: &impl ConnectionTrait, products: &[i64]) -> Result<Self, DbErr> {
        let small = Alias::new("small_file");
        let statement = Query::select()
            .column((media::Entity, media::Column::Id))
            .column((media::Entity, media::Column::ProductId))
            .column((media::Entity, media::Column::SkuId))
            .column((media::Entity, media::Column::FileId))
            .column((file::Entity, file::Column::Sha256))
            .expr_as(Expr::col((media_size::Entity, media_size::Column::FileId)), "small_id")
            .expr_as(Expr::col((small.clone(), file::Column::Sha256)), "small_sha256")
            .from(media::Entity)
            .join(
                JoinType::InnerJoin,
                file::Entity,
                Expr::col((file::Entity, file::Column::Id)).equals((media::Entity, media::Column::FileId)),
            )
            .join(
                JoinType::LeftJoin,
                media_size::Entity,
                Expr::col((media_size::Entity, media_size::Column::MediaId)).equals((media::Entity, media::Column::Id)),
            )
            .join_as(
                JoinType::LeftJoin,
                file::Entity,
                small.clone().into_iden(),
                Expr::col((small, file::Column::Id)).equals((media_size::Entity, media_size::Column::FileId)),
            )
            .and_where(Expr::col((media::Entity, media::Column::ProductId)).is_in(products.iter().copied()))
            .order_by((media::Entity, media::Column::Position), Order::Asc)
            .order_by((media::Entity, media::Column::Id), Order::Asc)
            .order_by((media_size::Entity, media_size::Column::Width), Order::Asc)
            .to_owned();
        let mut found: BTreeMap<i64, Vec<PictureOf>> = BTreeMap::new();
        let mut seen = None;
        for row in db.query_all(&statement).await? {
            let id: i64 = row.try_get("", "id")?;
            // Its narrowest copy comes first; wider ones are passed over.
            if seen.replace(id) == Some(id) {
                continue;
            }
            let small: (Option<i64>, Option<String>) = (row.try_get("", "small_id")?, row.try_get("", "small_sha256")?);
            let picture = match small {
                (Some(id), Some(sha256)) => (id, sha256),
                _ => (row.try_get("", "file_id")?, row.try_get("", "sha256")?),
            };
            found.entry(row.try_get("", "product_id")?).or_default().push((row.try_get("", "sku_id")?, picture));
        }
        Ok(Self(found))
    }

    fn of(&self, product_id: i64, sku_id: i64) -> Option<&(i64, String)> {
        let pictures = self.0.get(&product_id)?;
        let own = pictures.iter().find(|(sku, _)| *sku == Some(sku_id));
        own.or_else(|| pictures.iter().find(|(sku, _)| sku.is_none())).or_else(|| pictures.first()).map(|(_, picture)| picture)
    }
}

/// The SKU with a code, unless it was deleted.
///
/// # Errors
/// [`Error::Base`].
pub async fn sku_by_code(seen: &Seen<'_>, code: &str) -> Result<Option<i64>, Error> {
    let key = format!("sku|{code}");
    if let Some(id) = seen.get::<i64>(&key) {
        return Ok(Some(*id));
    }
    let id: Option<i64> = sku::Entity::find()
        .select_only()
        .column(sku::Column::Id)
        .filter(sku::Column::Code.eq(code))
        .filter(sku::Column::DeletedAt.is_null())
        .into_tuple()
        .one(seen.app().read())
        .await?;
    // Codes that do not exist are not kept: anybody can think of many.
    if let Some(id) = id {
        seen.keep(key, 100, Arc::new(id));
    }
    Ok(id)
}
