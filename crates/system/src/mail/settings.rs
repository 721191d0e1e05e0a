//! Whether mails leave at all, and how many stand how.

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::setting::Setting;
use zg_base::{App, mail};
use zg_db::entity::mail::{Column, Entity};
use zg_web::{Answer, Committed, IfMatch, Json, Result, Staff, View};

use crate::Error;

/// Whether mails leave at all, and how many stand how.
#[derive(Serialize, ToSchema)]
pub(crate) struct MailQueue {
    /// All mails wait.
    paused: bool,
    version: i64,
    /// How many wait for a try.
    queued: i64,
    /// How many somebody holds back.
    held: i64,
    /// How many are being handed over.
    sending: i64,
    /// How many were given up.
    failed: i64,
    /// How many were refused for good.
    bounced: i64,
}

impl View for MailQueue {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Whether mails shall leave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldMails {
    /// All mails wait until this is false again.
    paused: bool,
}

/// Whether mails leave at all, and how many stand how.
#[utoipa::path(get, path = "/admin/mail-queue", responses((status = 200, body = MailQueue)))]
pub(crate) async fn read(State(app): State<App>) -> Result<Answer<MailQueue>> {
    let setting = mail::holding(app.read()).await?;
    let version = setting.version;
    Ok(Answer::ok(view(&app, setting).await?).etag(version))
}

/// Holds all mails back, or lets them go. `If-Match` is the version that was seen.
#[utoipa::path(put, path = "/admin/mail-queue", params(IfMatch), request_body = HoldMails, responses((status = 200, body = MailQueue)))]
pub(crate) async fn write(
    State(app): State<App>,
    staff: Staff,
    IfMatch(seen): IfMatch,
    Json(asked): Json<HoldMails>,
) -> Result<Committed<MailQueue>> {
    let value = mail::Holding { paused: asked.paused };
    let tx = app.begin(&staff.actor).await?;
    let version = mail::hold(&tx, seen, value).await?.ok_or(Error::Changed)?;
    let shown = view(&app, Setting { value, version }).await?;
    Committed::ok(tx, shown).await
}

async fn view(app: &App, setting: Setting<mail::Holding>) -> Result<MailQueue, Error> {
    // Those that left are many and of no interest here.
    let counts: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::State)
        .expr(Column::Id.count())
        .filter(Column::State.ne(mail::State::Sent.as_str()))
        .group_by(Column::State)
        .into_tuple()
        .all(app.read())
        .await?;
    let count = |state: mail::State| counts.iter().find(|(name, _)| name == state.as_str()).map_or(0, |(_, count)| *count);
    Ok(MailQueue {
        paused: setting.value.paused,
        version: setting.version,
        queued: count(mail::State::Queued),
        held: count(mail::State::Paused),
        sending: count(mail::State::Sending),
        failed: count(mail::State::Failed),
        bounced: count(mail::State::Bounced),
    })
}
