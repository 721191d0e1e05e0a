//! The timeline of an order: who did what when, and what colleagues noted.

use sea_orm::{EntityTrait, Set};
use serde_json::Value;
use zg_base::Tx;
use zg_db::entity::order_entry;

use crate::Error;

/// Writes a line of an order's timeline: what kind of thing happened (`shipped`),
/// its data as the console shows it, and what somebody wrote about it.
///
/// # Errors
/// [`Error::Base`].
pub async fn note_entry(tx: &Tx, order_id: i64, kind: &str, data: Value, comment: Option<&str>) -> Result<(), Error> {
    let row = order_entry::ActiveModel {
        order_id: Set(order_id),
        at: Set(tx.now()),
        kind: Set(kind.to_owned()),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        data: Set(data),
        comment: Set(comment.map(str::to_owned)),
        ..Default::default()
    };
    order_entry::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(())
}
