//! What a shopper can choose from: methods that go there, with what they cost (M8.7).

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use zg_base::shelf::Seen;
use zg_db::entity::{carrier, shipping_method, shipping_rate, zone_region};
use zg_domain::Locale;
use zg_domain::shipping::{Parcel, Quote, quote};

use crate::Error;
use crate::shipping::Destination;
use crate::shipping::address::located;
use crate::shipping::place::Place;
use crate::shipping::rate;

/// A method that goes there, and its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Row of `shipping_method`.
    pub method_id: i64,
    /// Its code.
    pub code: String,
    /// Its name, in the language asked for.
    pub name: String,
    /// Row of `carrier`.
    pub carrier_id: Option<i64>,
    /// May the courier collect the money?
    pub cod: bool,
    /// The zone whose rate it is.
    pub zone_id: i64,
    /// What it costs, in minor units of the channel's currency.
    pub quote: Quote,
}

/// Everything that prices a parcel: it changes rarely, and every cart asks for it.
struct Rates {
    methods: Vec<shipping_method::Model>,
    rates: Vec<shipping_rate::Model>,
    lines: Vec<zone_region::Model>,
}

impl Rates {
    async fn read(db: &impl ConnectionTrait) -> Result<Self, Error> {
        let methods = enabled(db).await?;
        let rates = shipping_rate::Entity::find()
            .filter(shipping_rate::Column::MethodId.is_in(methods.iter().map(|row| row.id)))
            .order_by(shipping_rate::Column::Id, Order::Asc)
            .all(db)
            .await?;
        let lines = zone_region::Entity::find().order_by(zone_region::Column::Id, Order::Asc).all(db).await?;
        Ok(Self { methods, rates, lines })
    }

    fn bytes(&self) -> usize {
        self.methods.len() * 400 + self.rates.len() * 400 + self.lines.len() * 80
    }
}

/// The enabled methods that go there, in their order. One whose carrier is
/// disabled, or no zone of which holds the destination, is absent.
///
/// # Errors
/// [`Error::Base`].
pub async fn offers(seen: &Seen<'_>, to: &Destination, parcel: &Parcel, locale: Locale) -> Result<Vec<Offer>, Error> {
    let located = located(seen, to).await?;
    let known = seen.or_read("rates", Rates::bytes, Rates::read(seen.app().read())).await?;
    let zones = holding(&known.lines, &located.place);
    let mut offers = Vec::with_capacity(known.methods.len());
    for method in &known.methods {
        let of_method = known.rates.iter().filter(|row| row.method_id == method.id && zones.contains_key(&row.zone_id));
        // The most exact zone; of two alike, the older.
        let best = of_method.max_by_key(|row| (zones.get(&row.zone_id), std::cmp::Reverse(row.id)));
        let Some(row) = best else { continue };
        offers.push(Offer {
            method_id: method.id,
            name: match locale {
                Locale::ZhCn => method.name_zh.clone(),
                Locale::En => method.name_en.clone(),
            },
            code: method.code.clone(),
            carrier_id: method.carrier_id,
            cod: method.cod,
            zone_id: row.zone_id,
            quote: quote(&rate::of(row)?, parcel),
        });
    }
    Ok(offers)
}

/// The zones into which an enabled method has a rate.
pub(crate) async fn zones_served(db: &impl ConnectionTrait) -> Result<BTreeSet<i64>, Error> {
    let methods = enabled(db).await?;
    let rates = shipping_rate::Entity::find().filter(shipping_rate::Column::MethodId.is_in(methods.iter().map(|row| row.id)));
    Ok(rates.all(db).await?.into_iter().map(|row| row.zone_id).collect())
}

async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<shipping_method::Model>, Error> {
    use shipping_method::Column;
    let asleep: Vec<i64> =
        carrier::Entity::find().filter(carrier::Column::Enabled.eq(false)).all(db).await?.into_iter().map(|row| row.id).collect();
    let carried = Condition::any().add(Column::CarrierId.is_null()).add(Column::CarrierId.is_not_in(asleep));
    let found = shipping_method::Entity::find().filter(Column::Enabled.eq(true)).filter(carried);
    Ok(found.order_by(Column::Position, Order::Asc).order_by(Column::Id, Order::Asc).all(db).await?)
}

/// The zones that hold a place, and how exactly each names it. In a zone the most
/// exact line decides; where one takes it in and one leaves it out, it is out.
fn holding(lines: &[zone_region::Model], place: &Place) -> BTreeMap<i64, usize> {
    let mut zones: BTreeMap<i64, (Option<usize>, Option<usize>)> = BTreeMap::new();
    for line in lines {
        let Some(depth) = place.depth(&line.country, line.region.as_deref()) else { continue };
        let (taken, left_out) = zones.entry(line.zone_id).or_default();
        let side = if line.excluded { left_out } else { taken };
        *side = (*side).max(Some(depth));
    }
    zones.into_iter().filter_map(|(id, (taken, left_out))| taken.filter(|depth| Some(*depth) > left_out).map(|depth| (id, depth))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zg_db::entity::region;

    fn line(zone_id: i64, country: &str, region: Option<&str>, excluded: bool) -> zone_region::Model {
        zone_region::Model { id: 0, zone_id, country: country.into(), region: region.map(Into::into), excluded }
    }

    fn place(country: &str, path: &[&str]) -> Place {
        let row = |code: &&str| region::Model {
            code: (*code).into(),
            country: country.into(),
            parent: None,
            level: 1,
            name: String::new(),
            name_en: None,
        };
        Place { country: country.into(), path: path.iter().map(row).collect() }
    }

    #[test]
    fn m8_8_a_zone_leaves_out_what_it_excludes_and_takes_in_what_it_names_more_exactly() {
        let lines = [
            line(1, "CN", None, false),
            line(1, "CN", Some("65"), true),
            line(1, "CN", Some("6501"), false),
            line(2, "CN", Some("65"), false),
            line(3, "*", None, false),
            line(3, "CN", None, true),
        ];
        assert_eq!(holding(&lines, &place("CN", &["11"])), BTreeMap::from([(1, 2)]));
        assert_eq!(holding(&lines, &place("CN", &["65", "6532"])), BTreeMap::from([(2, 3)]));
        assert_eq!(holding(&lines, &place("CN", &["65", "6501"])), BTreeMap::from([(1, 4), (2, 3)]));
        assert_eq!(holding(&lines, &place("US", &[])), BTreeMap::from([(3, 1)]));
        assert_eq!(holding(&[line(1, "CN", None, false), line(1, "CN", None, true)], &place("CN", &[])), BTreeMap::new());
    }
}
