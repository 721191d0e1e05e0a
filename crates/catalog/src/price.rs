//! Prices: what a SKU costs in a price list, from a quantity on, within a time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set};
use zg_base::Tx;
use zg_base::shelf::Seen;
use zg_db::entity::{channel, price, price_list, product, sku};
use zg_domain::{Currency, Money};

use crate::Error;

/// The price list of the default channel.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Row of `price_list`.
    pub id: i64,
    /// The channel it belongs to.
    pub channel_id: i64,
    /// Its currency.
    pub currency: Currency,
    /// Do its prices include tax?
    pub tax_included: bool,
}

impl Listed {
    /// The default channel's.
    ///
    /// # Errors
    /// [`Error::Base`] if there is none, which the first migration excludes.
    pub async fn default(db: &impl ConnectionTrait) -> Result<Self, Error> {
        let missing = || zg_base::Error::Db(DbErr::RecordNotFound("the default channel and its price list".to_owned()));
        let channel = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(db).await?.ok_or_else(missing)?;
        let list = price_list::Entity::find().filter(price_list::Column::ChannelId.eq(channel.id)).one(db).await?.ok_or_else(missing)?;
        let currency = list.currency.parse().map_err(|_| missing())?;
        Ok(Self { id: list.id, channel_id: channel.id, currency, tax_included: channel.tax_included })
    }

    /// The default channel's, as it is remembered.
    ///
    /// # Errors
    /// As [`Listed::default`].
    pub async fn seen(seen: &Seen<'_>) -> Result<Self, Error> {
        let kept = seen.or_read("price_list", |_| 200, Self::default(seen.app().read())).await?;
        Ok(Self::clone(&kept))
    }
}

/// A price of a SKU: from a quantity on, within a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tier {
    min_qty: i64,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    amount: i64,
}

impl Tier {
    fn of(row: &price::Model) -> Self {
        Self { min_qty: row.min_qty, from: row.from_at, until: row.until_at, amount: row.amount_minor }
    }

    fn holds(&self, quantity: i64, at: DateTime<Utc>) -> bool {
        self.min_qty <= quantity && self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// What one costs at an instant, bought in this quantity: the tier nearest below it;
/// within a tier a dated price before the standing one; the lower of two.
pub(crate) fn best(tiers: &[Tier], quantity: i64, at: DateTime<Utc>) -> Option<i64> {
    let rank = |tier: &&Tier| (tier.min_qty, tier.from.is_some() || tier.until.is_some(), std::cmp::Reverse(tier.amount));
    tiers.iter().filter(|tier| tier.holds(quantity, at)).max_by_key(rank).map(|tier| tier.amount)
}

/// Every price of SKUs in a list that has not ended.
pub(crate) async fn tiers(
    db: &impl ConnectionTrait,
    list: &Listed,
    skus: &[i64],
    at: DateTime<Utc>,
) -> Result<BTreeMap<i64, Vec<Tier>>, DbErr> {
    let rows = price::Entity::find()
        .filter(price::Column::PriceListId.eq(list.id))
        .filter(price::Column::SkuId.is_in(skus.iter().copied()))
        .filter(Condition::any().add(price::Column::UntilAt.is_null()).add(price::Column::UntilAt.gt(at)))
        .all(db)
        .await?;
    let mut tiers: BTreeMap<i64, Vec<Tier>> = BTreeMap::new();
    for row in &rows {
        tiers.entry(row.sku_id).or_default().push(Tier::of(row));
    }
    Ok(tiers)
}

/// What each SKU costs at an instant, bought in this quantity. A SKU without a
/// price is absent: it is not for sale.
///
/// # Errors
/// [`Error::Base`].
pub(crate) async fn prices_of(
    db: &impl ConnectionTrait,
    list: &Listed,
    skus: &[(i64, i64)],
    at: DateTime<Utc>,
) -> Result<BTreeMap<i64, Money>, Error> {
    Ok(priced(db, list, skus, at).await?.prices)
}

/// Prices at an instant, and how long they hold.
pub(crate) struct Priced {
    /// SKU → price.
    pub(crate) prices: BTreeMap<i64, Money>,
    /// SKU → the next instant at which a price of it begins or ends.
    pub(crate) until: BTreeMap<i64, DateTime<Utc>>,
}

/// As [`prices_of`], with the instant at which each price may change.
pub(crate) async fn priced(db: &impl ConnectionTrait, list: &Listed, skus: &[(i64, i64)], at: DateTime<Utc>) -> Result<Priced, DbErr> {
    let wanted: BTreeMap<i64, i64> = skus.iter().copied().collect();
    let ids: Vec<i64> = wanted.keys().copied().collect();
    let tiers = tiers(db, list, &ids, at).await?;
    let money = |id: i64, quantity: i64| Some(Money { amount: best(tiers.get(&id)?, quantity, at)?, currency: list.currency });
    let prices = wanted.iter().filter_map(|(&id, &quantity)| Some((id, money(id, quantity)?))).collect();
    let edge = |tiers: &Vec<Tier>| tiers.iter().flat_map(|tier| [tier.from, tier.until]).flatten().filter(|edge| *edge > at).min();
    Ok(Priced { prices, until: tiers.iter().filter_map(|(id, tiers)| Some((*id, edge(tiers)?))).collect() })
}

/// Sets the standing price of SKUs in a list: many in a few statements.
pub(crate) async fn put(tx: &Tx, list: &Listed, prices: &[(i64, i64)]) -> Result<(), DbErr> {
    for chunk in prices.chunks(400) {
        let ids: Vec<i64> = chunk.iter().map(|(id, _)| *id).collect();
        price::Entity::delete_many()
            .filter(price::Column::PriceListId.eq(list.id))
            .filter(price::Column::SkuId.is_in(ids))
            .filter(price::Column::MinQty.eq(1))
            .filter(price::Column::FromAt.is_null())
            .filter(price::Column::UntilAt.is_null())
            .exec(tx.db())
            .await?;
        let rows = chunk.iter().map(|(sku_id, amount)| price::ActiveModel {
            sku_id: Set(*sku_id),
            price_list_id: Set(list.id),
            currency: Set(list.currency.to_string()),
            min_qty: Set(1),
            amount_minor: Set(*amount),
            from_at: Set(None),
            until_at: Set(None),
            ..Default::default()
        });
        price::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// Takes the standing price of SKUs away: they are not for sale.
pub(crate) async fn remove(tx: &Tx, list: &Listed, skus: &[i64]) -> Result<(), DbErr> {
    if skus.is_empty() {
        return Ok(());
    }
    price::Entity::delete_many()
        .filter(price::Column::PriceListId.eq(list.id))
        .filter(price::Column::SkuId.is_in(skus.iter().copied()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Writes the lowest standing price of products into their rows, by which lists are
/// ordered and filtered.
pub(crate) async fn settle(tx: &Tx, list: &Listed, products: &[i64]) -> Result<(), DbErr> {
    let lowest = Query::select()
        .expr(Expr::col((price::Entity, price::Column::AmountMinor)).min())
        .from(price::Entity)
        .join(JoinType::InnerJoin, sku::Entity, Expr::col((sku::Entity, sku::Column::Id)).equals((price::Entity, price::Column::SkuId)))
        .and_where(Expr::col((sku::Entity, sku::Column::ProductId)).equals((product::Entity, product::Column::Id)))
        .and_where(Expr::col((sku::Entity, sku::Column::DeletedAt)).is_null())
        .and_where(Expr::col((price::Entity, price::Column::PriceListId)).eq(list.id))
        .and_where(Expr::col((price::Entity, price::Column::MinQty)).eq(1))
        .and_where(Expr::col((price::Entity, price::Column::FromAt)).is_null())
        .and_where(Expr::col((price::Entity, price::Column::UntilAt)).is_null())
        .to_owned();
    product::Entity::update_many()
        .col_expr(product::Column::MinPriceMinor, Expr::SubQuery(None, Box::new(lowest.into())))
        .filter(product::Column::Id.is_in(products.iter().copied()))
        .exec(tx.db())
        .await?;
    Ok(())
}
