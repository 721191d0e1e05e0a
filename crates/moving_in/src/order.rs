//! The importer: rows of an order become the order, what was paid, and its parcel.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use zg_base::{App, Error as BaseError, Tx};
use zg_catalog::{Goods, Listed};
use zg_db::entity::{customer, region, sku};
use zg_domain::time::start_of;
use zg_domain::{Currency, Locale, Money};
use zg_fulfilment::{PastShipment, import_shipments};
use zg_import::{Column, Error, Faults, Importer, Plan, Record};
use zg_orders::Address;
use zg_orders::moved_in::{PastLine, PastOrder, Standing, move_in, standing};
use zg_payments::{PastPayment, import_entries};

use crate::row::{self, COLUMNS, Row};

/// How the old shop was paid, where its file does not say.
const METHOD: &str = "moved_in";

/// Past orders, by number.
#[derive(Clone, Copy, Debug)]
pub struct Orders;

impl Importer for Orders {
    const KIND: &'static str = "orders";
    const TASK: &'static str = "import.orders";
    const COLUMNS: &'static [Column] = COLUMNS;
    type Row = Row;

    fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<Row> {
        row::parse(record, faults)
    }

    fn group(row: &Row) -> String {
        row.order.clone()
    }

    async fn plan(app: &App, rows: &[(i64, Row)]) -> Result<Plan, Error> {
        let known = Known::look(app.read(), rows).await?;
        let mut plan = Plan::default();
        for (number, lines) in by_order(rows) {
            let before = plan.errors.len();
            refuse_unknown(&known, &lines, &mut plan);
            refuse_mixed(&lines, &mut plan);
            if plan.errors.len() > before {
                // An order comes whole or not at all.
                refuse_rest(&lines, before, &mut plan);
                continue;
            }
            let total: i64 = lines.iter().map(|(_, row)| row.total).sum();
            match known.there.get(number) {
                None => plan.created += 1,
                Some(order) if order.moved_in && order.total == total && order.lines == lines.len() => {}
                Some(_) => lines.iter().for_each(|(at, _)| plan.refuse(*at, "order_no", "order_taken", Some(number))),
            }
        }
        Ok(plan)
    }

    async fn apply(tx: &Tx, rows: &[(i64, Row)]) -> Result<(), Error> {
        let known = Known::look(tx.db(), rows).await?;
        let zone = tx.app().shop().time_zone;
        let mut orders = Vec::new();
        let mut parcels = Vec::new();
        for (number, lines) in by_order(rows) {
            if known.there.contains_key(number) {
                continue;
            }
            let Some((_, first)) = lines.first() else { continue };
            // Noon of the shop's day: the day stays the day in every zone nearby.
            let at = |day| start_of(day, zone) + chrono::Duration::hours(12);
            let shipped = lines.iter().filter_map(|(_, row)| row.shipped_on).max().unwrap_or(first.placed_on);
            parcels.push(at(shipped));
            orders.push(past_order(&known, number, &lines, at(first.placed_on)));
        }
        let made = move_in(tx, &orders).await.map_err(outside)?;
        let mut payments = Vec::new();
        let mut shipments = Vec::new();
        for ((made, order), shipped_at) in made.into_iter().zip(&orders).zip(parcels) {
            payments.push(PastPayment {
                order_id: made.order_id,
                method: METHOD.to_owned(),
                amount: Money::new(order.total(), order.currency),
                reference: order.number.clone(),
                at: order.placed_at,
            });
            let pieces = made.lines.into_iter().zip(order.lines.iter().map(|line| line.quantity)).collect();
            shipments.push(PastShipment {
                order_id: made.order_id,
                number: order.number.clone(),
                carrier_id: None,
                tracking_number: None,
                at: shipped_at,
                lines: pieces,
            });
        }
        import_entries(tx, &payments).await.map_err(outside)?;
        import_shipments(tx, &shipments).await.map_err(outside)?;
        Ok(())
    }
}

/// Rows of the same order, in the file's order.
fn by_order(rows: &[(i64, Row)]) -> BTreeMap<&str, Vec<(i64, &Row)>> {
    let mut orders: BTreeMap<&str, Vec<(i64, &Row)>> = BTreeMap::new();
    for (at, row) in rows {
        orders.entry(&row.order).or_default().push((*at, row));
    }
    orders
}

/// What the rows speak of, as it stands here.
struct Known {
    customers: BTreeMap<String, customer::Model>,
    skus: BTreeMap<String, i64>,
    goods: BTreeMap<i64, Goods>,
    /// By ISO code and by both names, folded.
    countries: BTreeMap<String, String>,
    there: BTreeMap<String, Standing>,
}

impl Known {
    async fn look(db: &impl ConnectionTrait, rows: &[(i64, Row)]) -> Result<Self, Error> {
        let distinct = |of: fn(&Row) -> Option<&String>| {
            let mut all: Vec<String> = rows.iter().filter_map(|(_, row)| of(row).cloned()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let codes = zg_customers::by_codes(db, &distinct(|row| row.customer.as_ref())).await.map_err(outside)?;
        let people =
            customer::Entity::find().filter(customer::Column::Id.is_in(codes.values().copied())).all(db).await.map_err(BaseError::from)?;
        let people: BTreeMap<i64, customer::Model> = people.into_iter().map(|row| (row.id, row)).collect();
        let customers = codes.into_iter().filter_map(|(code, id)| Some((code, people.get(&id)?.clone()))).collect();

        let wares =
            sku::Entity::find().filter(sku::Column::Code.is_in(distinct(|row| Some(&row.sku)))).all(db).await.map_err(BaseError::from)?;
        let skus: BTreeMap<String, i64> = wares.into_iter().map(|row| (row.code, row.id)).collect();
        let list = Listed::default(db).await.map_err(outside)?;
        let wanted: Vec<(i64, i64)> = skus.values().map(|id| (*id, 1)).collect();
        let goods = zg_catalog::goods_in(db, &list, &wanted, Locale::ZhCn, chrono::DateTime::UNIX_EPOCH).await.map_err(outside)?;

        let rows_of_countries = region::Entity::find().filter(region::Column::Level.eq(0)).all(db).await.map_err(BaseError::from)?;
        let mut countries = BTreeMap::new();
        for row in rows_of_countries {
            for name in [Some(&row.code), Some(&row.name), row.name_en.as_ref()].into_iter().flatten() {
                countries.insert(name.to_lowercase(), row.code.clone());
            }
        }
        let there = standing(db, &distinct(|row| Some(&row.order))).await.map_err(outside)?;
        Ok(Self { customers, skus, goods, countries, there })
    }

    fn country(&self, name: &str) -> Option<&str> {
        self.countries.get(&name.trim().to_lowercase()).map(String::as_str)
    }
}

/// What went wrong in a module is the import's failure.
fn outside(error: impl std::error::Error) -> Error {
    Error::Module(error.to_string())
}

fn refuse_unknown(known: &Known, lines: &[(i64, &Row)], plan: &mut Plan) {
    for (at, row) in lines {
        if let Some(code) = row.customer.as_deref().filter(|code| !known.customers.contains_key(*code)) {
            plan.refuse(*at, "customer", "unknown", Some(code));
        }
        if !known.skus.contains_key(&row.sku) {
            plan.refuse(*at, "sku", "unknown", Some(&row.sku));
        }
        if let Some(name) = row.country.as_deref().filter(|name| known.country(name).is_none()) {
            plan.refuse(*at, "country", "unknown", Some(name));
        }
    }
}

/// What belongs to the order stands on each of its rows, and is the same.
fn refuse_mixed(lines: &[(i64, &Row)], plan: &mut Plan) {
    let Some((_, first)) = lines.first() else { return };
    for (at, row) in lines {
        let differs = [
            ("placed_on", row.placed_on != first.placed_on),
            ("customer", row.customer != first.customer),
            ("unit_price", row.currency != first.currency),
        ];
        for (column, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            plan.refuse(*at, column, "differs_in_order", None);
        }
    }
}

fn refuse_rest(lines: &[(i64, &Row)], before: usize, plan: &mut Plan) {
    let refused: Vec<i64> = plan.errors.iter().skip(before).map(|error| error.row).collect();
    for (at, row) in lines.iter().filter(|(at, _)| !refused.contains(at)) {
        plan.refuse(*at, "order_no", "order_refused", Some(&row.order));
    }
}

fn past_order(known: &Known, number: &str, lines: &[(i64, &Row)], placed_at: chrono::DateTime<chrono::Utc>) -> PastOrder {
    let first = lines.first().map(|(_, row)| *row);
    let person = first.and_then(|row| known.customers.get(row.customer.as_deref()?));
    let name = first.and_then(|row| row.name.clone()).or_else(|| person.map(|person| person.name.clone())).unwrap_or_default();
    let phone = first.and_then(|row| row.phone.clone()).or_else(|| person?.phone.clone());
    PastOrder {
        number: number.to_owned(),
        placed_at,
        placed_on: first.map_or_else(|| placed_at.date_naive(), |row| row.placed_on),
        customer_id: person.map(|person| person.id),
        email: first.and_then(|row| row.email.clone()).or_else(|| person?.email.clone()),
        address: first.and_then(|row| {
            Some(Address {
                name: name.clone(),
                phone: phone.clone().unwrap_or_default(),
                country: known.country(row.country.as_deref()?)?.to_owned(),
                province: row.province.clone(),
                city: row.city.clone(),
                district: row.district.clone(),
                street: row.street.clone(),
                postal_code: row.postal_code.clone(),
            })
        }),
        name,
        phone,
        shipping: first.and_then(|row| row.ship_mode.clone()),
        currency: first.map_or(Currency::CNY, |row| row.currency),
        lines: lines.iter().map(|(_, row)| past_line(known, row)).collect(),
    }
}

fn past_line(known: &Known, row: &Row) -> PastLine {
    let sku_id = known.skus.get(&row.sku).copied();
    let goods = sku_id.and_then(|id| known.goods.get(&id));
    PastLine {
        sku_id,
        sku: row.sku.clone(),
        name: goods.map_or_else(|| row.sku.clone(), |goods| goods.name.clone()),
        options: goods.and_then(|goods| goods.options.clone()),
        category_id: goods.and_then(|goods| goods.category_id),
        category_name: goods.and_then(|goods| goods.category_name.clone()),
        file_id: goods.and_then(|goods| goods.file_id),
        weight_g: goods.map_or(0, |goods| goods.weight_g),
        quantity: row.quantity,
        list: row.list,
        discount: row.discount,
        total: row.total,
    }
}
