//! What people do with mails that wait or that did not leave: hold them back, send them again,
//! delete them.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zg_db::entity::mail as row;

use super::{SendMail, State, Watch};
use crate::setting::{self, Setting};
use crate::{Error, Event, Tx};

/// The setting that holds all mails back.
const KEY: &str = "mails";

/// The most mails that one request touches.
pub const AT_ONCE: u64 = 10_000;

/// The most that one statement touches.
const BATCH: usize = 500;

/// Whether mails leave at all.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct Holding {
    /// All mails wait.
    pub paused: bool,
}

/// A mail came to an end, or was taken in hand by somebody.
#[derive(Clone, Debug, Serialize)]
struct MailMoved {
    id: i64,
    state: &'static str,
}

impl Event for MailMoved {
    const TOPIC: &'static str = "mails.read";
    const KIND: &'static str = "mail.moved";

    fn entity_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

/// Whether mails leave, with the version to change it.
///
/// # Errors
/// [`Error::Db`], [`Error::Json`].
pub async fn holding(db: &impl ConnectionTrait) -> Result<Setting<Holding>, Error> {
    setting::get(db, KEY).await
}

/// Holds all mails back, or lets them go; says the setting's next version, or none if somebody
/// else changed it meanwhile. A mail that is just being handed over still leaves.
///
/// # Errors
/// [`Error::Db`], [`Error::Queue`].
pub async fn hold(tx: &Tx, seen: i64, asked: Holding) -> Result<Option<i64>, Error> {
    let before = holding(tx.db()).await?.value;
    let Some(version) = setting::change(tx, KEY, seen, &asked).await? else { return Ok(None) };
    if !asked.paused {
        tx.enqueue::<Watch>(&Watch { all: true }).await?;
    }
    tx.audit("mail.settings", "setting", 0, Some(json!(before)), Some(json!(asked))).await?;
    Ok(Some(version))
}

/// Holds back those of these mails that wait; says how many.
///
/// # Errors
/// [`Error::Db`].
pub async fn pause(tx: &Tx, which: &Condition) -> Result<u64, Error> {
    let held = row::ActiveModel { state: Set(State::Paused.as_str().to_owned()), next_at: Set(None), ..Default::default() };
    let mails = change(tx, which, &[State::Queued], &held).await?;
    told(tx, "mail.pause", &mails, Some(State::Paused)).await
}

/// Sends again those of these mails that were held back, given up or refused, and at once those
/// that wait for their next try; says how many. Each is tried as often as a new one.
///
/// # Errors
/// [`Error::Db`], [`Error::Queue`].
pub async fn requeue(tx: &Tx, which: &Condition) -> Result<u64, Error> {
    let again = row::ActiveModel {
        state: Set(State::Queued.as_str().to_owned()),
        attempts: Set(0),
        next_at: Set(Some(tx.now())),
        ..Default::default()
    };
    // What was erased with its customer has no address any more.
    let which = which.clone().add(row::Column::ToAddress.ne(""));
    let mails = change(tx, &which, &[State::Queued, State::Paused, State::Failed, State::Bounced], &again).await?;
    for mail in &mails {
        tx.enqueue::<SendMail>(&SendMail { mail_id: mail.id, tried: 0 }).await?;
    }
    told(tx, "mail.requeue", &mails, Some(State::Queued)).await
}

/// Deletes those of these mails that did not leave and are not about to (M8.16); says how many.
/// The security log keeps to whom and why not.
///
/// # Errors
/// [`Error::Db`].
pub async fn delete(tx: &Tx, which: &Condition) -> Result<u64, Error> {
    let mails = found(tx, which, &[State::Paused, State::Failed, State::Bounced]).await?;
    for batch in mails.chunks(BATCH) {
        row::Entity::delete_many().filter(row::Column::Id.is_in(batch.iter().map(|mail| mail.id))).exec(tx.db()).await?;
    }
    told(tx, "mail.delete", &mails, None).await
}

pub(super) async fn paused(db: &impl ConnectionTrait) -> Result<bool, Error> {
    Ok(holding(db).await?.value.paused)
}

pub(super) async fn tell(tx: &Tx, moved: &[(i64, State)]) -> Result<(), Error> {
    let events: Vec<MailMoved> = moved.iter().map(|&(id, state)| MailMoved { id, state: state.as_str() }).collect();
    tx.publish_all(&events).await
}

/// What the log keeps of a mail.
#[derive(FromQueryResult)]
struct Facts {
    id: i64,
    to_address: String,
    template: String,
    attempts: i32,
    last_error: Option<String>,
}

async fn found(tx: &Tx, which: &Condition, states: &[State]) -> Result<Vec<Facts>, Error> {
    let mails = row::Entity::find()
        .select_only()
        .columns([row::Column::Id, row::Column::ToAddress, row::Column::Template, row::Column::Attempts, row::Column::LastError])
        .filter(which.clone())
        .filter(row::Column::State.is_in(states.iter().map(|state| state.as_str())))
        .order_by(row::Column::Id, Order::Asc)
        .limit(AT_ONCE)
        // Whoever takes one of them to send it waits, or is waited for. On SQLite writers wait anyway.
        .lock_exclusive();
    Ok(mails.into_model().all(tx.db()).await?)
}

async fn change(tx: &Tx, which: &Condition, states: &[State], to: &row::ActiveModel) -> Result<Vec<Facts>, Error> {
    let mails = found(tx, which, states).await?;
    for batch in mails.chunks(BATCH) {
        let ids = batch.iter().map(|mail| mail.id);
        row::Entity::update_many().set(to.clone()).filter(row::Column::Id.is_in(ids)).exec(tx.db()).await?;
    }
    Ok(mails)
}

/// Says what was done with these mails: to the log, and to whoever watches.
async fn told(tx: &Tx, what: &'static str, mails: &[Facts], state: Option<State>) -> Result<u64, Error> {
    for batch in mails.chunks(BATCH) {
        let facts: Vec<_> = batch
            .iter()
            .map(|mail| json!({ "id": mail.id, "to": masked(&mail.to_address), "template": mail.template, "attempts": mail.attempts, "error": mail.last_error }))
            .collect();
        let first = batch.first().map_or(0, |mail| mail.id);
        tx.audit(what, "mail", first, Some(json!({ "mails": facts })), None).await?;
    }
    if let Some(state) = state {
        tell(tx, &mails.iter().map(|mail| (mail.id, state)).collect::<Vec<_>>()).await?;
    }
    Ok(u64::try_from(mails.len()).unwrap_or_default())
}

/// Enough of an address to know it by: the log keeps it when the customer is erased.
fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((name, host)) => format!("{}…@{host}", name.chars().next().unwrap_or_default()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn m8_16_the_log_keeps_no_whole_address() {
        assert_eq!(super::masked("anna.li@example.com"), "a…@example.com");
        assert_eq!(super::masked("张三@例子.中国"), "张…@例子.中国");
        assert_eq!(super::masked("nonsense"), "");
    }
}
