//! What mails said and to whom is erased with the customer.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use zg_db::entity::mail as row;

use super::State;
use crate::{Error, Tx};

/// Overwrites what mails to these customers, or to these addresses, said and to whom.
/// The rows stay: the monitor counts them. A mail that has not left is not sent any more.
///
/// # Errors
/// [`Error::Db`].
pub async fn forget(tx: &Tx, customers: &[i64], addresses: &[String]) -> Result<(), Error> {
    forget_where(tx, row::Column::CustomerId.is_in(customers.iter().copied())).await?;
    forget_where(tx, row::Column::ToAddress.is_in(addresses.iter().map(String::as_str))).await
}

/// As [`forget`], of the mails about these orders.
///
/// # Errors
/// [`Error::Db`].
pub async fn forget_orders(tx: &Tx, orders: &[i64]) -> Result<(), Error> {
    forget_where(tx, row::Column::OrderId.is_in(orders.iter().copied())).await
}

async fn forget_where(tx: &Tx, which: sea_orm::sea_query::SimpleExpr) -> Result<(), Error> {
    let unsent = row::ActiveModel {
        state: Set(State::Failed.as_str().to_owned()),
        last_error: Set(Some("erased".to_owned())),
        ..Default::default()
    };
    row::Entity::update_many().set(unsent).filter(which.clone()).filter(row::Column::State.ne(State::Sent.as_str())).exec(tx.db()).await?;
    let blank = row::ActiveModel {
        to_address: Set(String::new()),
        to_name: Set(None),
        subject: Set(String::new()),
        text: Set(String::new()),
        html: Set(String::new()),
        ..Default::default()
    };
    row::Entity::update_many().set(blank).filter(which).exec(tx.db()).await?;
    Ok(())
}
