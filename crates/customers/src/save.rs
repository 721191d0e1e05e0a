//! Entering and changing a customer (M7.1).

use axum::extract::State;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::customer::{self, Column, Entity, Model};
use zg_domain::Locale;
use zg_web::{Committed, IfMatch, Json, Patch, Path, Result, Staff};

use crate::event::{CustomerChanged, CustomerCreated};
use crate::find::{self, ACTIVE};
use crate::for_order::fresh_code;
use crate::view::{CustomerView, whole};
use crate::{Error, field, folded, tag};

/// A customer to be entered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomer {
    /// What the shop calls it; made up if absent.
    #[serde(default)]
    code: String,
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    segment: String,
    locale: Option<Locale>,
    /// Names; those that do not exist are made.
    #[serde(default)]
    tags: Vec<String>,
    /// They agreed to advertising mails.
    #[serde(default)]
    marketing: bool,
}

/// What is to be changed; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeCustomer {
    code: Option<String>,
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    segment: Patch<String>,
    locale: Option<Locale>,
    /// All of them, by name; those that do not exist are made.
    tags: Option<Vec<String>>,
    /// They agreed to advertising mails, or do not any more.
    marketing: Option<bool>,
}

/// Enters a customer.
#[utoipa::path(post, path = "/admin/customers", request_body = NewCustomer, responses((status = 201, body = CustomerView)))]
pub(crate) async fn create_handler(
    State(app): State<App>,
    staff: Staff,
    Json(asked): Json<NewCustomer>,
) -> Result<Committed<CustomerView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = create(&tx, &asked).await?;
    let location = format!("/admin/customers/{}", row.id);
    let view = whole(tx.db(), row).await?;
    Committed::created(tx, view, &location).await
}

async fn create(tx: &Tx, asked: &NewCustomer) -> Result<Model, Error> {
    let code = field::text("/code", &asked.code, 64)?;
    let code = if code.is_empty() { fresh_code(tx) } else { code };
    let name = field::required("/name", &asked.name, 100)?;
    let email = field::email("/email", &asked.email)?;
    let phone = field::phone("/phone", &asked.phone)?;
    let row = customer::ActiveModel {
        segment: Set(Some(field::text("/segment", &asked.segment, 64)?).filter(|text| !text.is_empty())),
        locale: Set(asked.locale.unwrap_or(Locale::ZhCn).tag().to_owned()),
        state: Set(ACTIVE.to_owned()),
        marketing_at: Set(asked.marketing.then_some(tx.now())),
        created_at: Set(tx.now()),
        version: Set(1),
        ..folded::row(&code, &name, email.as_deref(), phone.as_deref())
    };
    let row = row.insert(tx.db()).await?;
    tag::set(tx, row.id, &asked.tags).await?;
    tx.audit("customer.create", "customer", row.id, None, Some(seen(&row, Some(&asked.tags)))).await?;
    tx.publish(&CustomerCreated { id: row.id }).await?;
    Ok(row)
}

/// Changes a customer. `If-Match` is the version that was seen.
#[utoipa::path(patch, path = "/admin/customers/{id}", params(("id" = i64, Path), IfMatch), request_body = ChangeCustomer, responses((status = 200, body = CustomerView)))]
pub(crate) async fn change_handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ChangeCustomer>,
) -> Result<Committed<CustomerView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = change(&tx, id, version, asked).await?;
    let view = whole(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

async fn change(tx: &Tx, id: i64, version: i64, asked: ChangeCustomer) -> Result<Model, Error> {
    let before = find::active(tx.db(), id).await?;
    let text = |pointer, value: Option<String>, before: &str, most| match value {
        Some(value) => field::required(pointer, &value, most),
        None => Ok(before.to_owned()),
    };
    let code = text("/code", asked.code, &before.code, 64)?;
    let name = text("/name", asked.name, &before.name, 100)?;
    let email = match asked.email {
        Patch::Set(text) => field::email("/email", &text)?,
        other => other.over(before.email.clone()),
    };
    let phone = match asked.phone {
        Patch::Set(text) => field::phone("/phone", &text)?,
        other => other.over(before.phone.clone()),
    };
    let segment = match asked.segment {
        Patch::Set(text) => Some(field::text("/segment", &text, 64)?).filter(|text| !text.is_empty()),
        other => other.over(before.segment.clone()),
    };
    let marketing_at = match asked.marketing {
        None => before.marketing_at,
        Some(true) => before.marketing_at.or(Some(tx.now())),
        Some(false) => None,
    };
    // Nobody has shown that a new address is theirs.
    let verified = before.email_verified_at.filter(|_| email == before.email);
    let set = customer::ActiveModel {
        segment: Set(segment),
        locale: Set(asked.locale.map_or_else(|| before.locale.clone(), |locale| locale.tag().to_owned())),
        marketing_at: Set(marketing_at),
        email_verified_at: Set(verified),
        version: Set(version + 1),
        ..folded::row(&code, &name, email.as_deref(), phone.as_deref())
    };
    let this =
        Entity::update_many().set(set).filter(Column::Id.eq(id)).filter(Column::Version.eq(version)).filter(Column::State.eq(ACTIVE));
    if this.exec(tx.db()).await?.rows_affected == 0 {
        return Err(Error::Changed);
    }
    if let Some(tags) = &asked.tags {
        tag::set(tx, id, tags).await?;
    }
    let after = find::active(tx.db(), id).await?;
    let values = (seen(&before, None), seen(&after, asked.tags.as_deref()));
    tx.audit("customer.change", "customer", id, Some(values.0), Some(values.1)).await?;
    tx.publish(&CustomerChanged { id }).await?;
    Ok(after)
}

/// The version of a customer moves on, because something that belongs to it was changed.
pub(crate) async fn touch(tx: &Tx, row: &Model) -> Result<(), Error> {
    let set = customer::ActiveModel { version: Set(row.version + 1), ..Default::default() };
    Entity::update_many().set(set).filter(Column::Id.eq(row.id)).exec(tx.db()).await?;
    tx.publish(&CustomerChanged { id: row.id }).await?;
    Ok(())
}

fn seen(row: &Model, tags: Option<&[String]>) -> Value {
    let mut seen = json!({
        "code": row.code,
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "segment": row.segment,
        "locale": row.locale,
        "marketing_at": row.marketing_at,
    });
    if let (Some(tags), Some(seen)) = (tags, seen.as_object_mut()) {
        seen.insert("tags".to_owned(), json!(tags));
    }
    seen
}
