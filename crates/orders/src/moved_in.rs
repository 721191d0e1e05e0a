//! Past orders of another shop (B17): written as they stood there, many in few
//! statements.
//!
//! They are completed, paid and delivered, of origin `import`: no queue, no expiry and
//! no mail looks at them, and they hold no stock. What was paid and what was sent are
//! lines of `payments` and `fulfilment`, which the caller writes in the same transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use serde_json::json;
use zg_base::Tx;
use zg_db::entity::{channel, order, order_entry, order_line};
use zg_domain::Currency;
use zg_domain::order::{Fulfilment, Payment, Returns, State};
use zg_domain::pricing::{Phase, Step};

use crate::{Address, Error};

/// Where such orders come from.
pub const ORIGIN: &str = "import";
/// Lines written with one statement.
const CHUNK: usize = 400;
/// Numbers looked up at a time.
const NUMBERS: usize = 5_000;

/// An order of another shop.
#[derive(Clone, Debug)]
pub struct PastOrder {
    /// Its number there, and here.
    pub number: String,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// The day of the shop.
    pub placed_on: NaiveDate,
    /// Whose it is.
    pub customer_id: Option<i64>,
    /// The contact's name.
    pub name: String,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Where it went.
    pub address: Option<Address>,
    /// The old shop's name for the way it went.
    pub shipping: Option<String>,
    /// Of all amounts.
    pub currency: Currency,
    /// Its lines; the place is the ordinal.
    pub lines: Vec<PastLine>,
}

impl PastOrder {
    /// What it came to, in minor units.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.total).sum()
    }
}

/// A line of such an order: list × quantity − discount = total, in minor units.
#[derive(Clone, Debug)]
pub struct PastLine {
    /// Row of `sku`.
    pub sku_id: Option<i64>,
    /// Its code.
    pub sku: String,
    /// The product's name.
    pub name: String,
    /// The chosen values.
    pub options: Option<String>,
    /// The category it is sold under.
    pub category_id: Option<i64>,
    /// Its name.
    pub category_name: Option<String>,
    /// A picture.
    pub file_id: Option<i64>,
    /// Grams of one.
    pub weight_g: i64,
    /// Pieces.
    pub quantity: i64,
    /// List price of one.
    pub list: i64,
    /// Taken off the line.
    pub discount: i64,
    /// What it came to.
    pub total: i64,
}

/// An order as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedIn {
    /// Row of `orders`.
    pub order_id: i64,
    /// Rows of `order_line`, by ordinal.
    pub lines: Vec<i64>,
}

/// An order that is here under a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Was it moved in?
    pub moved_in: bool,
    /// Minor units.
    pub total: i64,
    /// Lines.
    pub lines: usize,
}

/// Which of these numbers are taken, and by what.
///
/// # Errors
/// [`Error::Base`].
pub async fn standing(db: &impl ConnectionTrait, numbers: &[String]) -> Result<BTreeMap<String, Standing>, Error> {
    let mut found = BTreeMap::new();
    for part in numbers.chunks(NUMBERS) {
        let rows: Vec<(i64, String, String, i64)> = order::Entity::find()
            .select_only()
            .columns([order::Column::Id, order::Column::Number, order::Column::Origin, order::Column::TotalMinor])
            .filter(order::Column::Number.is_in(part.iter().map(String::as_str)))
            .into_tuple()
            .all(db)
            .await?;
        let mut lines: BTreeMap<i64, usize> = BTreeMap::new();
        let of: Vec<i64> = order_line::Entity::find()
            .select_only()
            .column(order_line::Column::OrderId)
            .filter(order_line::Column::OrderId.is_in(rows.iter().map(|row| row.0)))
            .into_tuple()
            .all(db)
            .await?;
        for id in of {
            *lines.entry(id).or_default() += 1;
        }
        found.extend(rows.into_iter().map(|(id, number, origin, total)| {
            let lines = lines.get(&id).copied().unwrap_or_default();
            (number, Standing { moved_in: origin == ORIGIN, total, lines })
        }));
    }
    Ok(found)
}

/// Writes past orders with their lines and a line of each one's timeline.
///
/// # Errors
/// [`Error::Base`], also if a number is taken.
pub async fn move_in(tx: &Tx, orders: &[PastOrder]) -> Result<Vec<MovedIn>, Error> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let channel = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(tx.db()).await?;
    let channel = channel.ok_or(Error::Stored("the default channel"))?;
    let mut made = Vec::with_capacity(orders.len());
    for part in orders.chunks(CHUNK / 4) {
        let rows = part.iter().map(|past| row(tx, channel.id, past)).collect::<Result<Vec<_>, Error>>()?;
        let ids: BTreeMap<String, i64> =
            order::Entity::insert_many(rows).exec_with_returning(tx.db()).await?.into_iter().map(|row| (row.number, row.id)).collect();
        let id_of = |past: &PastOrder| ids.get(&past.number).copied().ok_or(Error::Stored("an order that was just written"));
        let mut lines = Vec::new();
        let mut entries = Vec::new();
        for past in part {
            let order_id = id_of(past)?;
            lines.extend((1..).zip(&past.lines).map(|(ordinal, line)| line_row(order_id, ordinal, line)));
            entries.push(entry(tx, order_id, past));
        }
        let mut by_order: BTreeMap<i64, Vec<(i32, i64)>> = BTreeMap::new();
        for chunk in lines.chunks(CHUNK) {
            for row in order_line::Entity::insert_many(chunk.to_vec()).exec_with_returning(tx.db()).await? {
                by_order.entry(row.order_id).or_default().push((row.ordinal, row.id));
            }
        }
        order_entry::Entity::insert_many(entries).exec_without_returning(tx.db()).await?;
        for past in part {
            let order_id = id_of(past)?;
            let mut lines = by_order.remove(&order_id).unwrap_or_default();
            lines.sort_unstable();
            made.push(MovedIn { order_id, lines: lines.into_iter().map(|(_, id)| id).collect() });
        }
    }
    Ok(made)
}

fn row(tx: &Tx, channel_id: i64, past: &PastOrder) -> Result<order::ActiveModel, Error> {
    let total = past.total();
    let address = past.address.as_ref();
    let plain = |text: fn(&Address) -> &String| address.map(|address| text(address).clone());
    Ok(order::ActiveModel {
        number: Set(past.number.clone()),
        token: Set(tx.token()),
        channel_id: Set(channel_id),
        customer_id: Set(past.customer_id),
        locale: Set(zg_domain::Locale::ZhCn.tag().to_owned()),
        currency: Set(past.currency.to_string()),
        state: Set(State::Completed.as_str().to_owned()),
        payment_state: Set(Payment::Paid.as_str().to_owned()),
        fulfilment_state: Set(Fulfilment::Delivered.as_str().to_owned()),
        return_state: Set(Returns::None.as_str().to_owned()),
        lines_minor: Set(total),
        discount_minor: Set(past.lines.iter().map(|line| line.discount).sum()),
        shipping_minor: Set(0),
        fees_minor: Set(0),
        tax_added_minor: Set(0),
        tax_included_minor: Set(0),
        total_minor: Set(total),
        paid_minor: Set(total),
        refunded_minor: Set(0),
        email: Set(past.email.clone()),
        phone: Set(past.phone.clone()),
        contact_name: Set(past.name.clone()),
        address: Set(address.map(serde_json::to_value).transpose().map_err(zg_base::Error::from)?),
        country: Set(plain(|address| &address.country)),
        province: Set(plain(|address| &address.province)),
        city: Set(plain(|address| &address.city)),
        shipping_name: Set(past.shipping.clone()),
        origin: Set(ORIGIN.to_owned()),
        explanation: Set(serde_json::to_value(explained(past)).map_err(zg_base::Error::from)?),
        placed_at: Set(Some(past.placed_at)),
        placed_on: Set(Some(past.placed_on)),
        confirmed_at: Set(Some(past.placed_at)),
        completed_at: Set(Some(past.placed_at)),
        created_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    })
}

/// The price as it was sold: list price, then the discount the old shop gave (B1).
fn explained(past: &PastOrder) -> Vec<Step> {
    let step = |rule: &str, ordinal, before, after| Step {
        phase: if rule == "list_price" { Phase::Base } else { Phase::Line },
        rule: rule.to_owned(),
        name: None,
        promotion: None,
        line: Some(ordinal),
        before,
        after,
        applied: true,
        reason: None,
    };
    let mut steps = Vec::new();
    for (ordinal, line) in (1..).zip(&past.lines) {
        let base = line.total + line.discount;
        steps.push(step("list_price", ordinal, 0, base));
        if line.discount > 0 {
            steps.push(step("agreed_discount", ordinal, base, line.total));
        }
    }
    steps
}

fn line_row(order_id: i64, ordinal: i32, line: &PastLine) -> order_line::ActiveModel {
    let unit = if line.quantity > 0 { (line.total * 2 + line.quantity) / (line.quantity * 2) } else { 0 };
    order_line::ActiveModel {
        order_id: Set(order_id),
        ordinal: Set(ordinal),
        sku_id: Set(line.sku_id),
        sku_code: Set(line.sku.clone()),
        name: Set(line.name.clone()),
        options: Set(line.options.clone()),
        category_id: Set(line.category_id),
        category_name: Set(line.category_name.clone()),
        file_id: Set(line.file_id),
        weight_g: Set(line.weight_g),
        quantity: Set(line.quantity),
        list_minor: Set(line.list),
        unit_minor: Set(unit),
        discount_minor: Set(line.discount),
        total_minor: Set(line.total),
        tax_ppm: Set(0),
        tax_minor: Set(0),
        allocated: Set(0),
        picked: Set(line.quantity),
        shipped: Set(line.quantity),
        delivered: Set(line.quantity),
        cancelled: Set(0),
        refunded_minor: Set(0),
        ..Default::default()
    }
}

fn entry(tx: &Tx, order_id: i64, past: &PastOrder) -> order_entry::ActiveModel {
    order_entry::ActiveModel {
        order_id: Set(order_id),
        at: Set(tx.now()),
        kind: Set("moved_in".to_owned()),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        data: Set(json!({ "placed_on": past.placed_on, "lines": past.lines.len() })),
        comment: Set(None),
        ..Default::default()
    }
}
