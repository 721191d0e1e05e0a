//! What of an order leaves through the API: lines and totals, for staff and shoppers alike.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_db::entity::{file, order, order_line};
use zg_domain::pricing::Step;
use zg_domain::{Currency, Money};

use crate::Error;
use crate::find::{due, to_pay, to_refund};

/// Where an order goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
#[schema(as = OrderAddress)]
pub struct Address {
    /// Who receives it.
    #[serde(default)]
    pub name: String,
    /// Their telephone number.
    #[serde(default)]
    pub phone: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Province or state.
    #[serde(default)]
    pub province: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// District or county.
    #[serde(default)]
    pub district: String,
    /// Street and house.
    #[serde(default)]
    pub street: String,
    /// Postal code.
    #[serde(default)]
    pub postal_code: String,
}

/// A line of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub struct LineView {
    /// Row of `order_line`.
    pub id: i64,
    /// Its place in the order.
    pub ordinal: i32,
    /// Row of `sku`; none if it was not known here.
    pub sku_id: Option<i64>,
    /// The SKU's code.
    pub sku: String,
    /// The product's name, as it was sold.
    pub name: String,
    /// The chosen values.
    pub options: Option<String>,
    /// Address of a picture.
    pub picture: Option<String>,
    /// The category it was sold under.
    pub category: Option<String>,
    /// Ordered.
    pub quantity: i64,
    /// Called off.
    pub cancelled: i64,
    /// Held in stock for it and still here.
    pub allocated: i64,
    /// Taken off the shelf.
    pub picked: i64,
    /// Left the house.
    pub shipped: i64,
    /// Arrived.
    pub delivered: i64,
    /// Still to leave.
    pub open: i64,
    /// List price of one.
    pub list: Money,
    /// What one cost on average.
    pub unit: Money,
    /// Taken off the pieces that stand.
    pub discount: Money,
    /// What the pieces that stand cost.
    pub total: Money,
    /// Its tax rate, in millionths.
    pub tax_ppm: i64,
    /// The tax within, or on top.
    pub tax: Money,
}

/// What an order comes to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderTotals)]
pub struct Totals {
    /// Σ of the lines.
    pub lines: Money,
    /// Taken off the lines.
    pub discount: Money,
    /// Shipping.
    pub shipping: Money,
    /// Fees.
    pub fees: Money,
    /// Tax on top.
    pub tax_added: Money,
    /// Tax within: information.
    pub tax_included: Money,
    /// Lines + shipping + fees + tax on top.
    pub total: Money,
    /// What is due: the total, and nothing of a cancelled order.
    pub due: Money,
    /// Paid.
    pub paid: Money,
    /// Given back.
    pub refunded: Money,
    /// Still to be paid.
    pub to_pay: Money,
    /// To be given back: kept beyond what is due.
    pub to_refund: Money,
}

/// The currency of an order.
pub(crate) fn currency_of(row: &order::Model) -> Result<Currency, Error> {
    row.currency.parse().map_err(|_| Error::Stored("the currency of an order"))
}

impl Totals {
    pub(crate) fn of(row: &order::Model) -> Result<Self, Error> {
        let currency = currency_of(row)?;
        let money = |amount| Money::new(amount, currency);
        Ok(Self {
            lines: money(row.lines_minor),
            discount: money(row.discount_minor),
            shipping: money(row.shipping_minor),
            fees: money(row.fees_minor),
            tax_added: money(row.tax_added_minor),
            tax_included: money(row.tax_included_minor),
            total: money(row.total_minor),
            due: money(due(row)),
            paid: money(row.paid_minor),
            refunded: money(row.refunded_minor),
            to_pay: money(to_pay(row)),
            to_refund: money(to_refund(row)),
        })
    }
}

/// The steps of an order's price (B1), as they were stored with it.
pub(crate) fn explanation_of(row: &order::Model) -> Result<Vec<Step>, Error> {
    Ok(serde_json::from_value(row.explanation.clone()).map_err(zg_base::Error::from)?)
}

/// The address of an order.
pub(crate) fn address_of(row: &order::Model) -> Result<Option<Address>, Error> {
    Ok(row.address.clone().map(serde_json::from_value).transpose().map_err(zg_base::Error::from)?)
}

/// Lines with their pictures.
pub(crate) async fn line_views(
    db: &impl ConnectionTrait,
    currency: Currency,
    lines: Vec<order_line::Model>,
) -> Result<Vec<LineView>, Error> {
    let pictures = pictures(db, lines.iter().filter_map(|line| line.file_id)).await?;
    let money = |amount| Money::new(amount, currency);
    let view = |line: order_line::Model| LineView {
        id: line.id,
        ordinal: line.ordinal,
        sku_id: line.sku_id,
        picture: line.file_id.and_then(|id| pictures.get(&id).cloned()),
        quantity: line.quantity,
        cancelled: line.cancelled,
        allocated: line.allocated,
        picked: line.picked,
        shipped: line.shipped,
        delivered: line.delivered,
        open: (line.quantity - line.cancelled - line.shipped).max(0),
        list: money(line.list_minor),
        unit: money(line.unit_minor),
        discount: money(line.discount_minor),
        total: money(line.total_minor),
        tax_ppm: line.tax_ppm,
        tax: money(line.tax_minor),
        sku: line.sku_code,
        name: line.name,
        options: line.options,
        category: line.category_name,
    };
    Ok(lines.into_iter().map(view).collect())
}

async fn pictures(db: &impl ConnectionTrait, files: impl Iterator<Item = i64>) -> Result<BTreeMap<i64, String>, Error> {
    let ids: Vec<i64> = files.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = file::Entity::find().filter(file::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, format!("/files/{}", row.sha256))).collect())
}
