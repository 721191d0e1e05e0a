//! A method's rate into a zone (M8.7).

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_db::entity::{shipping_rate as row, zone};
use zg_domain::shipping::{Basis, Rate};

use crate::Error;

/// The most that a rate names: more is a slip of the keyboard.
const MOST: i64 = 1_000_000_000_000;

/// What a method costs into a zone: `base` up to `from_value` included, then
/// `step` for each begun `step_value`. Amounts in minor units of the channel's currency.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShippingRate {
    /// Row of `zone`: one rate a zone.
    zone_id: i64,
    /// What it goes by.
    basis: Basis,
    /// What the base covers: grams, pieces or minor units.
    #[schema(minimum = 0)]
    from_value: i64,
    /// The base.
    #[schema(minimum = 0)]
    base: i64,
    /// Size of a step in grams, pieces or minor units; 0 is no steps.
    #[serde(default)]
    #[schema(minimum = 0)]
    step_value: i64,
    /// Price of a step.
    #[serde(default)]
    #[schema(minimum = 0)]
    step: i64,
    /// Free from this amount of goods on; never if null.
    #[schema(minimum = 0)]
    free_over: Option<i64>,
}

impl ShippingRate {
    pub(crate) const fn new(zone_id: i64, rate: Rate) -> Self {
        let Rate { basis, from_value, base, step_value, step, free_over } = rate;
        Self { zone_id, basis, from_value, base, step_value, step, free_over }
    }

    fn numbers(&self) -> [(&'static str, i64); 5] {
        [
            ("from_value", self.from_value),
            ("base", self.base),
            ("step_value", self.step_value),
            ("step", self.step),
            ("free_over", self.free_over.unwrap_or_default()),
        ]
    }
}

const fn name(basis: Basis) -> &'static str {
    match basis {
        Basis::Weight => "weight",
        Basis::Count => "count",
        Basis::Amount => "amount",
    }
}

/// The rule a row holds.
pub(crate) fn of(row: &row::Model) -> Result<Rate, Error> {
    let basis = [Basis::Weight, Basis::Count, Basis::Amount].into_iter().find(|basis| name(*basis) == row.basis);
    Ok(Rate {
        basis: basis.ok_or(Error::RateBroken)?,
        from_value: row.from_value,
        base: row.base_minor,
        step_value: row.step_value,
        step: row.step_minor,
        free_over: row.free_over_minor,
    })
}

/// The rates of methods, by method, in the order they were given.
pub(crate) async fn by_method(db: &impl ConnectionTrait, methods: &[i64]) -> Result<BTreeMap<i64, Vec<ShippingRate>>, Error> {
    let found = row::Entity::find().filter(row::Column::MethodId.is_in(methods.iter().copied()));
    let mut rates: BTreeMap<i64, Vec<ShippingRate>> = BTreeMap::new();
    for row in found.order_by(row::Column::Id, Order::Asc).all(db).await? {
        rates.entry(row.method_id).or_default().push(ShippingRate::new(row.zone_id, of(&row)?));
    }
    Ok(rates)
}

/// Are these rates of known zones, one a zone, without nonsense?
pub(crate) async fn check(db: &impl ConnectionTrait, rates: &[ShippingRate]) -> Result<(), Error> {
    let known: Vec<i64> = zone::Entity::find()
        .filter(zone::Column::Id.is_in(rates.iter().map(|rate| rate.zone_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let mut seen = Vec::new();
    for (at, rate) in rates.iter().enumerate() {
        let fault = |field: &str, code| Err(Error::Field(format!("/rates/{at}/{field}"), code));
        if !known.contains(&rate.zone_id) {
            return fault("zone_id", "zone_unknown");
        }
        if seen.contains(&rate.zone_id) {
            return fault("zone_id", "rate_twice");
        }
        seen.push(rate.zone_id);
        if let Some((field, _)) = rate.numbers().into_iter().find(|(_, number)| !(0..=MOST).contains(number)) {
            return fault(field, "rate_number");
        }
        if rate.step > 0 && rate.step_value == 0 {
            return fault("step_value", "rate_step");
        }
    }
    Ok(())
}

/// Puts a method's rates in place of the ones it had.
pub(crate) async fn replace(db: &impl ConnectionTrait, method_id: i64, rates: &[ShippingRate]) -> Result<(), Error> {
    row::Entity::delete_many().filter(row::Column::MethodId.eq(method_id)).exec(db).await?;
    if rates.is_empty() {
        return Ok(());
    }
    let rows = rates.iter().map(|rate| row::ActiveModel {
        method_id: Set(method_id),
        zone_id: Set(rate.zone_id),
        basis: Set(name(rate.basis).to_owned()),
        from_value: Set(rate.from_value),
        base_minor: Set(rate.base),
        step_value: Set(rate.step_value),
        step_minor: Set(rate.step),
        free_over_minor: Set(rate.free_over),
        ..Default::default()
    });
    row::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}
