//! Pick lists (M5.8).

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use serde::Serialize;
use zg_base::{Event, Tx};
use zg_db::entity::pick_list;

use crate::Error;

pub(crate) mod detail;
pub(crate) mod finish;
pub(crate) mod list;
pub(crate) mod make;
pub(crate) mod scan;
pub(crate) mod take_off;

pub use make::{MakePickList, make};

/// Being picked.
pub(crate) const OPEN: &str = "open";
/// Everything was picked or reported missing.
pub(crate) const FINISHED: &str = "finished";
/// Given up; what was picked went back.
pub(crate) const CANCELLED: &str = "cancelled";

/// A pick list was made or changed.
#[derive(Serialize)]
pub(crate) struct PickListChanged {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) state: String,
}

impl Event for PickListChanged {
    const TOPIC: &'static str = "fulfilment.read";
    const KIND: &'static str = "pick_list.changed";

    fn entity_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

/// An open list, held until the transaction ends: scans on it come one after the other.
pub(crate) async fn open(tx: &Tx, id: i64) -> Result<pick_list::Model, Error> {
    let row = pick_list::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?.ok_or(Error::ListNotFound)?;
    if row.state == OPEN { Ok(row) } else { Err(Error::ListClosed(row.state)) }
}

/// The list has changed: its version grows, and whoever looks at it is told.
pub(crate) async fn touched(tx: &Tx, row: &pick_list::Model) -> Result<(), Error> {
    pick_list::Entity::update_many()
        .col_expr(pick_list::Column::Version, Expr::col(pick_list::Column::Version).add(1))
        .filter(pick_list::Column::Id.eq(row.id))
        .exec(tx.db())
        .await?;
    tx.publish(&PickListChanged { id: row.id, number: row.number.clone(), state: row.state.clone() }).await?;
    Ok(())
}

/// Closes a list.
pub(crate) async fn close(tx: &Tx, row: &pick_list::Model, state: &'static str) -> Result<(), Error> {
    let set = pick_list::ActiveModel {
        state: Set(state.to_owned()),
        finished_at: Set(Some(tx.now())),
        version: Set(row.version + 1),
        ..Default::default()
    };
    let done = pick_list::Entity::update_many()
        .set(set)
        .filter(pick_list::Column::Id.eq(row.id))
        .filter(pick_list::Column::Version.eq(row.version))
        .exec(tx.db())
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Changed);
    }
    tx.publish(&PickListChanged { id: row.id, number: row.number.clone(), state: state.to_owned() }).await?;
    Ok(())
}
