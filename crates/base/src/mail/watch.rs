//! Finds mails whose task was lost, so that each comes to an end.

use chrono::Duration;
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use zg_db::entity::mail as row;

use super::{SendMail, State, hold};
use crate::{Actor, App, Error};

/// A mail that is later has lost its task; a long queue alone is no reason to make it longer.
const LATE: Duration = Duration::hours(1);
/// Mails at a time.
const BATCH: u64 = 500;

/// Queues mails again that wait without a task, and gives up those that lost their worker
/// so often that the queue set the task aside.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Watch {
    /// All that are due, not only those that are late: mails leave again after they were held.
    #[serde(default)]
    pub all: bool,
}

impl celery::Task<App> for Watch {
    const NAME: &'static str = "mail.watch";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, args: Self) -> Result<(), celery::TaskError> {
        let app = &context.state;
        give_up(app).await?;
        if !hold::paused(app.read()).await? {
            queue_again(app, if args.all { Duration::zero() } else { LATE }).await?;
        }
        Ok(())
    }
}

async fn give_up(app: &App) -> Result<(), Error> {
    let tx = app.begin(&Actor::system("mail")).await?;
    let lost: Vec<i64> = row::Entity::find()
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::State.eq(State::Sending.as_str()))
        .filter(row::Column::NextAt.lt(tx.now()))
        .limit(BATCH)
        .into_tuple()
        .all(tx.db())
        .await?;
    if lost.is_empty() {
        return tx.rollback().await;
    }
    let failed = row::ActiveModel {
        state: Set(State::Failed.as_str().to_owned()),
        next_at: Set(None),
        last_error: Set(Some("worker_lost".to_owned())),
        ..Default::default()
    };
    row::Entity::update_many()
        .set(failed)
        .filter(row::Column::Id.is_in(lost.iter().copied()))
        .filter(row::Column::State.eq(State::Sending.as_str()))
        .exec(tx.db())
        .await?;
    hold::tell(&tx, &lost.into_iter().map(|id| (id, State::Failed)).collect::<Vec<_>>()).await?;
    tx.commit().await
}

async fn queue_again(app: &App, late: Duration) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let tx = app.begin(&Actor::system("mail")).await?;
        let due = tx.now() - late;
        let never = Condition::all().add(row::Column::NextAt.is_null()).add(row::Column::CreatedAt.lte(due));
        let mails: Vec<(i64, i32)> = row::Entity::find()
            .select_only()
            .columns([row::Column::Id, row::Column::Attempts])
            .filter(row::Column::State.eq(State::Queued.as_str()))
            .filter(row::Column::Id.gt(after))
            .filter(Condition::any().add(never).add(row::Column::NextAt.lte(due)))
            .order_by(row::Column::Id, Order::Asc)
            .limit(BATCH)
            .into_tuple()
            .all(tx.db())
            .await?;
        let Some(&(last, _)) = mails.last() else { return tx.rollback().await };
        for &(mail_id, tried) in &mails {
            tx.enqueue::<SendMail>(&SendMail { mail_id, tried }).await?;
        }
        let again = row::ActiveModel { next_at: Set(Some(tx.now())), ..Default::default() };
        row::Entity::update_many()
            .set(again)
            .filter(row::Column::Id.is_in(mails.iter().map(|(id, _)| *id)))
            .filter(row::Column::State.eq(State::Queued.as_str()))
            .exec(tx.db())
            .await?;
        tx.commit().await?;
        after = last;
    }
}
