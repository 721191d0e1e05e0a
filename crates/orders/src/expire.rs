//! Unpaid orders expire (M5.1): after the time that their way to pay grants, the shop
//! itself calls them off, and what they held is for sale again.
//!
//! Each order ends in a transaction of its own, in which it is looked at again with
//! its row held: a payment that came first keeps it alive, and who records one that
//! came later is told that the order has ended. What a ledger holds of an order that
//! has ended is to be refunded.

use celery::{Context, Policy, Schedule, TaskError};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use zg_base::{Actor, App, Tx};
use zg_db::entity::order;
use zg_domain::order::{Payment, State};

use crate::cancel::{CancelReason, cancel};
use crate::{Error, find};

/// Orders looked for at a time.
const BATCH: u64 = 100;

/// Calls off every order whose time to be paid is over.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Expire {}

impl celery::Task<App> for Expire {
    const NAME: &'static str = "orders.expire";
    type Args = Self;
    type Output = ();

    fn policy() -> Policy {
        // The next minute begins anew.
        Policy::new().max_retries(0)
    }

    async fn run(context: Context<App>, _: Self) -> Result<(), TaskError> {
        let ended = expire(&context.state).await?;
        if ended > 0 {
            tracing::info!(ended, "orders were not paid in time");
        }
        Ok(())
    }
}

/// The clock's entry.
pub(crate) fn every_minute() -> Schedule {
    Schedule::Every(std::time::Duration::from_secs(60))
}

/// Calls off what is due; says how many.
async fn expire(app: &App) -> Result<usize, Error> {
    let mut ended = 0;
    let mut after = 0;
    loop {
        let due = due(app, after).await?;
        let Some(last) = due.last().copied() else { return Ok(ended) };
        for id in due {
            let tx = app.begin(&Actor::system("order expiry")).await?;
            match end(&tx, id).await {
                Ok(true) => {
                    tx.commit().await?;
                    ended += 1;
                }
                Ok(false) => tx.rollback().await?,
                // One that can't be ended, or that somebody else writes, keeps no other from it.
                Err(error) => {
                    tracing::warn!(order = id, error = &error as &dyn std::error::Error, "an unpaid order could not be ended");
                    tx.rollback().await?;
                }
            }
        }
        after = last;
    }
}

async fn due(app: &App, after: i64) -> Result<Vec<i64>, Error> {
    use order::Column;
    Ok(order::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(State::Placed.as_str()))
        .filter(Column::ExpiresAt.lte(app.now()))
        .filter(Column::Id.gt(after))
        .order_by(Column::Id, Order::Asc)
        .limit(BATCH)
        .into_tuple()
        .all(app.read())
        .await?)
}

/// Ends one order, if it is still unpaid and its time is over.
async fn end(tx: &Tx, id: i64) -> Result<bool, Error> {
    let row = find::locked(tx, id).await?;
    let unpaid = row.state == State::Placed.as_str() && row.payment_state == Payment::Unpaid.as_str() && row.paid_minor == 0;
    if !unpaid || row.expires_at.is_none_or(|at| at > tx.now()) {
        return Ok(false);
    }
    cancel(tx, id, CancelReason::Expired, None).await?;
    Ok(true)
}
