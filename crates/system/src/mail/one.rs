//! One mail, with what it says.

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::{App, mail};
use zg_db::entity::mail::{Entity, Model};
use zg_db::entity::{customer, order};
use zg_web::{Answer, Path, Result, View};

use crate::Error;

/// A mail.
#[derive(Serialize, ToSchema)]
pub(crate) struct MailView {
    id: i64,
    /// Empty once it was erased with its customer.
    to: String,
    /// In which language it is written.
    locale: String,
    /// Its kind: `order_placed`.
    template: String,
    subject: String,
    /// `queued`, `paused`, `sending`, `sent`, `failed`, `bounced`.
    state: String,
    /// How often it was tried since it was queued.
    attempts: i32,
    /// How often it is tried before it counts as failed.
    tries: i32,
    /// What the mail server said last, or `worker_lost`, or `erased`.
    last_error: Option<String>,
    /// When it is tried next.
    next_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    customer_id: Option<i64>,
    /// The customer's name.
    customer: Option<String>,
    order_id: Option<i64>,
    /// The order's number.
    order_number: Option<String>,
    /// It opens something for its reader alone: what it says is shown to nobody.
    secret: bool,
    /// What it says, as plain text.
    text: Option<String>,
    /// What it says, as HTML. To be shown without scripts.
    html: Option<String>,
}

impl View for MailView {}

impl MailView {
    fn of(row: Model, customer: Option<String>, order_number: Option<String>) -> Self {
        let shown = |text: String| (!row.secret && !text.is_empty()).then_some(text);
        let next_at = row.next_at.filter(|_| row.state == mail::State::Queued.as_str());
        Self {
            id: row.id,
            to: row.to_address,
            locale: row.locale,
            template: row.template,
            subject: row.subject,
            attempts: row.attempts,
            tries: mail::TRIES,
            last_error: row.last_error,
            next_at,
            created_at: row.created_at,
            sent_at: row.sent_at,
            customer_id: row.customer_id,
            customer,
            order_id: row.order_id,
            order_number,
            secret: row.secret,
            text: shown(row.text),
            html: shown(row.html),
            state: row.state,
        }
    }
}

/// One mail, with what it says.
#[utoipa::path(get, path = "/admin/mails/{id}", params(("id" = i64, Path)), responses((status = 200, body = MailView)))]
pub(crate) async fn handler(State(app): State<App>, Path(id): Path<i64>) -> Result<Answer<MailView>> {
    let row = Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::MailNotFound)?;
    let customer = match row.customer_id {
        Some(id) => customer::Entity::find_by_id(id).one(app.read()).await?.map(|customer| customer.name),
        None => None,
    };
    let number = match row.order_id {
        Some(id) => order::Entity::find_by_id(id).one(app.read()).await?.map(|order| order.number),
        None => None,
    };
    Ok(Answer::ok(MailView::of(row, customer, number)))
}
