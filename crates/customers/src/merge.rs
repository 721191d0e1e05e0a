//! Merging two records of one person (M7.1).
//!
//! The one that is merged keeps its row, its code and its orders, and points to the
//! other; everything else moves. Orders are found through both ids, so that no order
//! of years ago is rewritten.

use std::collections::BTreeSet;

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx, one_time, session};
use zg_db::entity::customer::{self, Column, Entity, Model};
use zg_db::entity::{customer_address, customer_note, customer_tag};
use zg_web::{Committed, IfMatch, Json, Path, Result, Staff};

use crate::event::{CustomerChanged, CustomerMerged};
use crate::find::{self, MERGED};
use crate::view::{CustomerView, whole};
use crate::{Error, address, folded, tag};

/// Into which customer.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Merge {
    /// The one that stays.
    into: i64,
}

/// Merges a customer into another one, which is answered. `If-Match` is the version of
/// the one that is merged. There is no way back.
#[utoipa::path(post, path = "/admin/customers/{id}/merge", params(("id" = i64, Path), IfMatch), request_body = Merge, responses((status = 200, body = CustomerView)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<Merge>,
) -> Result<Committed<CustomerView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = merge(&tx, id, version, asked.into).await?;
    let view = whole(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

async fn merge(tx: &Tx, id: i64, version: i64, into: i64) -> Result<Model, Error> {
    if id == into {
        return Err(Error::MergeSelf);
    }
    // In key order, so that two merges of the same pair wait for each other.
    let (first, second) = (find::locked(tx.db(), id.min(into)).await?, find::locked(tx.db(), id.max(into)).await?);
    let (gone, stays) = if first.id == id { (first, second) } else { (second, first) };
    if gone.version != version {
        return Err(Error::Changed);
    }
    move_parts(tx, id, into).await?;
    let emptied = customer::ActiveModel {
        email: Set(None),
        email_key: Set(None),
        phone: Set(None),
        found_by: Set(String::new()),
        password_hash: Set(None),
        marketing_at: Set(None),
        email_verified_at: Set(None),
        state: Set(MERGED.to_owned()),
        merged_into: Set(Some(into)),
        version: Set(gone.version + 1),
        ..Default::default()
    };
    Entity::update_many().set(emptied).filter(Column::Id.eq(id)).exec(tx.db()).await?;
    // Whoever it had taken in now belongs to the one that stays: nobody points to a merged record.
    let moved_on = customer::ActiveModel { merged_into: Set(Some(into)), ..Default::default() };
    Entity::update_many().set(moved_on).filter(Column::MergedInto.eq(id)).exec(tx.db()).await?;
    take_over(tx, &gone, &stays).await?;
    session::revoke_all(tx, session::Owner::Shopper(id), None).await?;
    one_time::withdraw(tx, crate::shopper::RESET, id).await?;

    tx.audit("customer.merge", "customer", id, Some(json!({ "code": gone.code })), Some(json!({ "into": into, "code": stays.code })))
        .await?;
    tx.publish(&CustomerMerged { id }).await?;
    tx.publish(&CustomerChanged { id: into }).await?;
    find::active(tx.db(), into).await
}

/// The one that stays takes what it lacks. An account moves whole, address and password
/// together: a password alone would open the account of somebody who never chose it.
async fn take_over(tx: &Tx, gone: &Model, stays: &Model) -> Result<(), Error> {
    let lacks_email = stays.email.is_none();
    let email = stays.email.clone().or_else(|| gone.email.clone());
    let phone = stays.phone.clone().or_else(|| gone.phone.clone());
    let (hash, verified) = if lacks_email {
        (gone.password_hash.clone(), gone.email_verified_at)
    } else {
        (stays.password_hash.clone(), stays.email_verified_at)
    };
    let set = customer::ActiveModel {
        password_hash: Set(hash),
        email_verified_at: Set(verified),
        segment: Set(stays.segment.clone().or_else(|| gone.segment.clone())),
        // Consent was given to mails to one address: it goes with it.
        marketing_at: Set(if lacks_email { gone.marketing_at } else { stays.marketing_at }),
        created_at: Set(stays.created_at.min(gone.created_at)),
        version: Set(stays.version + 1),
        ..folded::row(&stays.code, &stays.name, email.as_deref(), phone.as_deref())
    };
    Entity::update_many().set(set).filter(Column::Id.eq(stays.id)).exec(tx.db()).await?;
    Ok(())
}

/// Addresses, notes and tags go to the one that stays; an address it has already is dropped.
async fn move_parts(tx: &Tx, id: i64, into: i64) -> Result<(), Error> {
    let has: Vec<_> = address::of(tx.db(), into).await?;
    let mine = address::of(tx.db(), id).await?;
    let same = |a: &customer_address::Model, b: &customer_address::Model| {
        (&a.name, &a.phone, &a.country, &a.city, &a.street) == (&b.name, &b.phone, &b.country, &b.city, &b.street)
    };
    let twice: Vec<i64> = mine.iter().filter(|row| has.iter().any(|other| same(row, other))).map(|row| row.id).collect();
    customer_address::Entity::delete_many().filter(customer_address::Column::Id.is_in(twice)).exec(tx.db()).await?;
    if !has.is_empty() {
        address::take_default(tx, id).await?;
    }
    let owner = customer_address::ActiveModel { customer_id: Set(into), ..Default::default() };
    customer_address::Entity::update_many().set(owner).filter(customer_address::Column::CustomerId.eq(id)).exec(tx.db()).await?;

    let owner = customer_note::ActiveModel { customer_id: Set(into), ..Default::default() };
    customer_note::Entity::update_many().set(owner).filter(customer_note::Column::CustomerId.eq(id)).exec(tx.db()).await?;

    let theirs = customer_tag::Column::CustomerId.eq(id);
    let links = customer_tag::Entity::find().filter(theirs.clone()).all(tx.db()).await?;
    let tags: BTreeSet<i64> = links.into_iter().map(|link| link.tag_id).collect();
    customer_tag::Entity::delete_many().filter(theirs).exec(tx.db()).await?;
    tag::link(tx, tags.into_iter().map(|tag_id| (into, tag_id)).collect()).await
}
