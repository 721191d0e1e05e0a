//! What people do with mails: by selection, or all that match a filter.

use axum::extract::State;
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, mail};
use zg_db::entity::mail::Column;
use zg_web::{Committed, Json, Result, Staff, View};

use super::list::MailFilter;
use crate::Error;

/// Mails chosen one by one in one request.
const MOST: usize = 1_000;

/// Which mails: either `ids` or `filter`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichMails {
    /// From 1 to 1,000.
    ids: Option<Vec<i64>>,
    /// All that match, 10,000 at most.
    filter: Option<MailFilter>,
}

/// What became of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct MailsChanged {
    /// How many were changed. The others stood otherwise by then.
    done: u64,
    /// There may be more that match: 10,000 were changed.
    more: bool,
}

impl View for MailsChanged {}

impl WhichMails {
    fn condition(&self, app: &App) -> Result<Condition, Error> {
        match (&self.ids, &self.filter) {
            (Some(ids), None) if (1..=MOST).contains(&ids.len()) => Ok(Condition::all().add(Column::Id.is_in(ids.iter().copied()))),
            (None, Some(filter)) => filter.condition(app),
            _ => Err(Error::Field("/ids".to_owned(), "mails_which")),
        }
    }
}

fn changed(done: u64) -> MailsChanged {
    MailsChanged { done, more: done >= mail::AT_ONCE }
}

/// Holds mails back that wait.
#[utoipa::path(post, path = "/admin/mails/pause", request_body = WhichMails, responses((status = 200, body = MailsChanged)))]
pub(crate) async fn pause(State(app): State<App>, staff: Staff, Json(asked): Json<WhichMails>) -> Result<Committed<MailsChanged>> {
    let which = asked.condition(&app)?;
    let tx = app.begin(&staff.actor).await?;
    let done = mail::pause(&tx, &which).await?;
    Committed::ok(tx, changed(done)).await
}

/// Sends mails again that were held back, given up or refused, and at once those that wait for
/// their next try.
#[utoipa::path(post, path = "/admin/mails/requeue", request_body = WhichMails, responses((status = 200, body = MailsChanged)))]
pub(crate) async fn requeue(State(app): State<App>, staff: Staff, Json(asked): Json<WhichMails>) -> Result<Committed<MailsChanged>> {
    let which = asked.condition(&app)?;
    let tx = app.begin(&staff.actor).await?;
    let done = mail::requeue(&tx, &which).await?;
    Committed::ok(tx, changed(done)).await
}

/// Deletes mails that were held back, given up or refused. The security log keeps to whom they
/// were, and why they did not leave.
#[utoipa::path(post, path = "/admin/mails/delete", request_body = WhichMails, responses((status = 200, body = MailsChanged)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Json(asked): Json<WhichMails>) -> Result<Committed<MailsChanged>> {
    let which = asked.condition(&app)?;
    let tx = app.begin(&staff.actor).await?;
    let done = mail::delete(&tx, &which).await?;
    Committed::ok(tx, changed(done)).await
}
