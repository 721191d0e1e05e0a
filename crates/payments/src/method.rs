//! The ways to pay (M8.9): which are offered, in which order, what a shopper reads
//! about each, and how long an unpaid order waits.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx, shelf};
use zg_db::entity::payment_method;
use zg_web::{Answer, Committed, IfMatch, Json, Path, Problem, Result, Staff, View};

use crate::Error;
use crate::view::names;

/// Minutes for which an unpaid order may wait: five, to a year.
const EXPIRY: std::ops::RangeInclusive<i64> = 5..=365 * 24 * 60;
/// Characters of a name, and of what a shopper reads.
const NAME: usize = 60;
const INSTRUCTIONS: usize = 4_000;

/// A way to pay.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentMethod {
    id: i64,
    /// By which the API names it.
    code: String,
    /// `bank_transfer`, `cod`.
    kind: String,
    /// Language tag → its name.
    name: BTreeMap<String, String>,
    /// Language tag → what a shopper reads after ordering: where to send the money.
    instructions: BTreeMap<String, String>,
    /// Offered to shoppers.
    enabled: bool,
    /// An unpaid order ends after so many minutes; never, if absent.
    expires_minutes: Option<i64>,
    /// The lower, the sooner in the list.
    position: i32,
    version: i64,
}

impl View for PaymentMethod {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl From<payment_method::Model> for PaymentMethod {
    fn from(row: payment_method::Model) -> Self {
        let instructions =
            BTreeMap::from([("zh-CN".to_owned(), row.instructions_zh.clone()), ("en".to_owned(), row.instructions_en.clone())]);
        Self {
            id: row.id,
            name: names(&row),
            code: row.code,
            kind: row.kind,
            instructions,
            enabled: row.enabled,
            expires_minutes: row.expires_minutes,
            position: row.position,
            version: row.version,
        }
    }
}

/// A text in both languages.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PaymentMethodText)]
pub(crate) struct Text {
    /// Chinese.
    #[serde(rename = "zh-CN")]
    zh: String,
    /// English.
    en: String,
}

/// A way to pay as it shall be.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePaymentMethod {
    /// Its name, of at most 60 characters.
    name: Text,
    /// What a shopper reads after ordering, of at most 4,000 characters.
    instructions: Text,
    /// Offer it to shoppers?
    enabled: bool,
    /// An unpaid order ends after so many minutes, from 5 to 525,600; never, if absent.
    /// Not for cash on delivery, which is paid last.
    #[serde(default)]
    #[schema(minimum = 5, maximum = 525_600)]
    expires_minutes: Option<i64>,
    /// The lower, the sooner in the list.
    #[schema(minimum = 0, maximum = 1_000)]
    position: i32,
}

/// Every way to pay, offered or not.
#[utoipa::path(get, path = "/admin/payment-methods", responses((status = 200, body = Vec<PaymentMethod>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<PaymentMethod>>> {
    use payment_method::Column;
    let rows = payment_method::Entity::find().order_by(Column::Position, Order::Asc).order_by(Column::Id, Order::Asc).all(app.read());
    Ok(Answer::ok(rows.await?.into_iter().map(PaymentMethod::from).collect()))
}

/// One way to pay.
#[utoipa::path(get, path = "/admin/payment-methods/{id}", params(("id" = i64, Path)), responses((status = 200, body = PaymentMethod)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<PaymentMethod>> {
    let row = payment_method::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::MethodNotFound)?;
    let version = row.version;
    Ok(Answer::ok(row.into()).etag(version))
}

/// Changes a way to pay. `If-Match` is the version that was seen.
#[utoipa::path(put, path = "/admin/payment-methods/{id}", params(("id" = i64, Path), IfMatch), request_body = ChangePaymentMethod, responses((status = 200, body = PaymentMethod)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ChangePaymentMethod>,
) -> Result<Committed<PaymentMethod>> {
    check(&asked)?;
    let tx = app.begin(&staff.actor).await?;
    let row = change(&tx, id, version, &asked).await?;
    Committed::ok(tx, row.into()).await
}

fn check(asked: &ChangePaymentMethod) -> Result<()> {
    let mut wrong = Problem::unprocessable("invalid");
    for (pointer, text, most, needed) in [
        ("/name/zh-CN", &asked.name.zh, NAME, true),
        ("/name/en", &asked.name.en, NAME, true),
        ("/instructions/zh-CN", &asked.instructions.zh, INSTRUCTIONS, false),
        ("/instructions/en", &asked.instructions.en, INSTRUCTIONS, false),
    ] {
        if needed && text.trim().is_empty() {
            wrong = wrong.field(pointer, "required");
        } else if text.trim().chars().count() > most {
            wrong = wrong.field(pointer, "too_long");
        }
    }
    if asked.expires_minutes.is_some_and(|minutes| !EXPIRY.contains(&minutes)) {
        wrong = wrong.field("/expires_minutes", "payment_method_expiry");
    }
    if !(0..=1_000).contains(&asked.position) {
        wrong = wrong.field("/position", "invalid_value");
    }
    wrong.or_ok()
}

async fn change(tx: &Tx, id: i64, version: i64, asked: &ChangePaymentMethod) -> Result<payment_method::Model, Error> {
    let before = payment_method::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::MethodNotFound)?;
    if before.kind == zg_orders::COD && asked.expires_minutes.is_some() {
        return Err(Error::Field { pointer: "/expires_minutes", code: "payment_method_expiry_cod" });
    }
    let set = payment_method::ActiveModel {
        name_zh: Set(asked.name.zh.trim().to_owned()),
        name_en: Set(asked.name.en.trim().to_owned()),
        instructions_zh: Set(asked.instructions.zh.trim().to_owned()),
        instructions_en: Set(asked.instructions.en.trim().to_owned()),
        enabled: Set(asked.enabled),
        expires_minutes: Set(asked.expires_minutes),
        position: Set(asked.position),
        version: Set(version + 1),
        ..Default::default()
    };
    let changed = payment_method::Entity::update_many()
        .set(set)
        .filter(payment_method::Column::Id.eq(id))
        .filter(payment_method::Column::Version.eq(version))
        .exec_with_returning(tx.db())
        .await?;
    let after = changed.into_iter().next().ok_or(Error::Changed)?;
    tx.audit("payment_method.change", "payment_method", id, Some(seen(&before)), Some(seen(&after))).await?;
    shelf::touch(tx).await?;
    Ok(after)
}

fn seen(row: &payment_method::Model) -> serde_json::Value {
    json!({
        "code": row.code,
        "name": names(row),
        "instructions": { "zh-CN": row.instructions_zh, "en": row.instructions_en },
        "enabled": row.enabled,
        "expires_minutes": row.expires_minutes,
        "position": row.position,
    })
}
