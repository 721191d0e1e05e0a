//! What orders forget of customers whose data was erased: contact and address of closed
//! orders, what people wrote about them, the mails that were sent. The amounts stay, for
//! the books must add up; so do country, province and city, which alone name nobody.

use std::pin::Pin;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use zg_base::{Tx, mail};
use zg_db::entity::{cart, order, order_entry};
use zg_domain::order::State;

/// Orders forgotten with one statement.
const CHUNK: usize = 1_000;

/// Forgets customers, given their ids. Orders under way keep what they need until they
/// are closed: whoever erases calls again.
pub fn forget<'a>(tx: &'a Tx, customers: &'a [i64]) -> Pin<Box<dyn Future<Output = zg_base::Result<()>> + Send + 'a>> {
    Box::pin(async move {
        carts(tx, customers).await?;
        let closed = [State::Completed.as_str(), State::Cancelled.as_str()];
        let ids: Vec<i64> = order::Entity::find()
            .select_only()
            .column(order::Column::Id)
            .filter(order::Column::CustomerId.is_in(customers.iter().copied()))
            .filter(order::Column::State.is_in(closed))
            .into_tuple()
            .all(tx.db())
            .await?;
        for part in ids.chunks(CHUNK) {
            orders(tx, part).await?;
        }
        Ok(())
    })
}

async fn carts(tx: &Tx, customers: &[i64]) -> zg_base::Result<()> {
    let blank = cart::ActiveModel { email: Set(None), phone: Set(None), name: Set(None), address: Set(None), ..Default::default() };
    cart::Entity::update_many().set(blank).filter(cart::Column::CustomerId.is_in(customers.iter().copied())).exec(tx.db()).await?;
    Ok(())
}

async fn orders(tx: &Tx, ids: &[i64]) -> zg_base::Result<()> {
    let blank = order::ActiveModel {
        email: Set(None),
        phone: Set(None),
        contact_name: Set(String::new()),
        address: Set(None),
        note: Set(None),
        ..Default::default()
    };
    order::Entity::update_many()
        .set(blank)
        .col_expr(order::Column::Version, Expr::col(order::Column::Version).add(1))
        .filter(order::Column::Id.is_in(ids.iter().copied()))
        .exec(tx.db())
        .await?;
    let theirs = order_entry::Column::OrderId.is_in(ids.iter().copied());
    let wordless = order_entry::ActiveModel { comment: Set(None), ..Default::default() };
    order_entry::Entity::update_many().set(wordless).filter(theirs.clone()).exec(tx.db()).await?;
    let nameless = order_entry::ActiveModel { actor_name: Set(String::new()), ..Default::default() };
    let shoppers = order_entry::Column::ActorKind.is_in(["shopper", "guest"]);
    order_entry::Entity::update_many().set(nameless).filter(theirs).filter(shoppers).exec(tx.db()).await?;
    mail::forget_orders(tx, ids).await?;
    tx.erase_audit("order", ids).await
}
