//! Customers as staff see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use zg_db::entity::{customer, customer_address, customer_note, customer_tag, tag};
use zg_domain::Money;
use zg_web::View;

use crate::find::{ACTIVE, ERASED, MERGED};
use crate::{Error, address};

/// Whether a customer is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CustomerState {
    /// In use.
    Active,
    /// Taken in by another.
    Merged,
    /// Personal data erased.
    Erased,
}

impl CustomerState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => ACTIVE,
            Self::Merged => MERGED,
            Self::Erased => ERASED,
        }
    }

    fn of(text: &str) -> Self {
        match text {
            MERGED => Self::Merged,
            ERASED => Self::Erased,
            _ => Self::Active,
        }
    }
}

/// A customer in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerRow {
    pub(crate) id: i64,
    code: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    segment: Option<String>,
    tags: Vec<String>,
    state: CustomerState,
    /// They can sign in.
    has_account: bool,
    /// Orders, not counting cancelled ones.
    orders: i64,
    /// What these came to, less refunds, a sum a currency.
    spent: Vec<Money>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl CustomerRow {
    pub(crate) fn of(row: customer::Model, tags: Vec<String>, orders: i64, spent: Vec<Money>) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            email: row.email,
            phone: row.phone,
            segment: row.segment,
            tags,
            state: CustomerState::of(&row.state),
            has_account: row.password_hash.is_some(),
            orders,
            spent,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// A customer whole, but for the orders.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerView {
    pub(crate) id: i64,
    /// What the shop calls it; unique.
    code: String,
    name: String,
    /// In lower case; unique.
    email: Option<String>,
    /// When they showed that it is theirs.
    email_verified_at: Option<DateTime<Utc>>,
    phone: Option<String>,
    segment: Option<String>,
    /// Language tag.
    locale: String,
    tags: Vec<String>,
    state: CustomerState,
    /// The customer that took this one in.
    merged_into: Option<i64>,
    /// Those that were merged into this one.
    merged: Vec<MergedCustomer>,
    /// They can sign in.
    has_account: bool,
    /// When they agreed to advertising mails.
    marketing_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    addresses: Vec<AddressView>,
    /// Newest first.
    notes: Vec<NoteView>,
    version: i64,
}

impl View for CustomerView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A customer that was merged into another.
#[derive(Serialize, ToSchema)]
pub(crate) struct MergedCustomer {
    id: i64,
    code: String,
    name: String,
}

/// An address of a customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddressView {
    pub(crate) id: i64,
    name: String,
    phone: String,
    /// ISO 3166-1, two letters.
    country: String,
    province: String,
    city: String,
    district: String,
    street: String,
    postal_code: String,
    is_default: bool,
}

impl View for AddressView {}

impl From<customer_address::Model> for AddressView {
    fn from(row: customer_address::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            phone: row.phone,
            country: row.country,
            province: row.province,
            city: row.city,
            district: row.district,
            street: row.street,
            postal_code: row.postal_code,
            is_default: row.is_default,
        }
    }
}

/// What staff noted of a customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoteView {
    pub(crate) id: i64,
    body: String,
    author: String,
    at: DateTime<Utc>,
}

impl View for NoteView {}

impl From<customer_note::Model> for NoteView {
    fn from(row: customer_note::Model) -> Self {
        Self { id: row.id, body: row.body, author: row.author, at: row.at }
    }
}

/// The view of a row, with what belongs to it.
pub(crate) async fn whole(db: &impl ConnectionTrait, row: customer::Model) -> Result<CustomerView, Error> {
    let addresses = address::of(db, row.id).await?;
    let notes = customer_note::Entity::find()
        .filter(customer_note::Column::CustomerId.eq(row.id))
        .order_by(customer_note::Column::Id, Order::Desc)
        .all(db)
        .await?;
    let merged = customer::Entity::find().filter(customer::Column::MergedInto.eq(row.id)).all(db).await?;
    let mut tags = tags_of(db, &[row.id]).await?;
    Ok(CustomerView {
        id: row.id,
        code: row.code,
        name: row.name,
        email: row.email,
        email_verified_at: row.email_verified_at,
        phone: row.phone,
        segment: row.segment,
        locale: row.locale,
        tags: tags.remove(&row.id).unwrap_or_default(),
        state: CustomerState::of(&row.state),
        merged_into: row.merged_into,
        merged: merged.into_iter().map(|row| MergedCustomer { id: row.id, code: row.code, name: row.name }).collect(),
        has_account: row.password_hash.is_some(),
        marketing_at: row.marketing_at,
        created_at: row.created_at,
        addresses: addresses.into_iter().map(AddressView::from).collect(),
        notes: notes.into_iter().map(NoteView::from).collect(),
        version: row.version,
    })
}

/// Customer → names of its tags, in order.
pub(crate) async fn tags_of(db: &impl ConnectionTrait, customers: &[i64]) -> Result<BTreeMap<i64, Vec<String>>, Error> {
    let links = customer_tag::Entity::find().filter(customer_tag::Column::CustomerId.is_in(customers.iter().copied())).all(db).await?;
    let wanted: std::collections::BTreeSet<i64> = links.iter().map(|link| link.tag_id).collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: BTreeMap<i64, String> =
        tag::Entity::find().filter(tag::Column::Id.is_in(wanted)).all(db).await?.into_iter().map(|row| (row.id, row.name)).collect();
    let mut tags: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for link in links {
        tags.entry(link.customer_id).or_default().extend(names.get(&link.tag_id).cloned());
    }
    for names in tags.values_mut() {
        names.sort_unstable();
    }
    Ok(tags)
}
