//! Channels: where the shop sells, and in which currency.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use zg_db::entity::channel::{ActiveModel, Column, Entity};
use zg_domain::Currency;

use crate::{Error, Tx};

/// Sells in another currency from now on. The caller has made sure that nothing is
/// priced or sold in the former one.
///
/// # Errors
/// [`Error::Db`].
pub async fn set_currency(tx: &Tx, id: i64, currency: Currency) -> Result<(), Error> {
    let set = ActiveModel { currency: Set(currency.to_string()), ..Default::default() };
    Entity::update_many().set(set).filter(Column::Id.eq(id)).exec(tx.db()).await?;
    tx.audit("channel.currency", "channel", id, None, Some(serde_json::json!({ "currency": currency }))).await
}
