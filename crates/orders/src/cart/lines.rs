//! Lines of a cart: one a SKU, known by their ordinal.

use std::collections::BTreeMap;

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use zg_base::Tx;
use zg_catalog::{Listed, goods, sku_by_code};
use zg_db::entity::{cart, cart_line};
use zg_domain::Locale;

use super::{for_change, touch};
use crate::Error;

/// Lines of one cart.
const LINES: usize = 1_000;
/// Pieces of one line.
const PIECES: i64 = 100_000;

/// Puts pieces of a SKU into a cart; a line that is there grows. Says its ordinal.
///
/// # Errors
/// [`Error::CartNotFound`], [`Error::CartOrdered`], [`Error::Quantity`];
/// [`Error::Field`] if there is no such SKU for sale, or no room for another line.
pub async fn add(tx: &Tx, token: &str, sku: &str, quantity: i64) -> Result<i32, Error> {
    let row = for_change(tx, token).await?;
    let sku_id = sku_by_code(tx.db(), sku.trim()).await?.ok_or_else(|| Error::field("/sku", "cart_sku_unknown"))?;
    let lines = lines_of(tx, row.id).await?;
    let before = lines.iter().find(|line| line.sku_id == sku_id);
    let quantity = allowed(before.map_or(0, |line| line.quantity), quantity)?;
    let seen_minor = price_of(tx, &row, sku_id, quantity).await?.ok_or_else(|| Error::field("/sku", "cart_sku_unknown"))?;
    let ordinal = match before {
        Some(line) => {
            write(tx, line.id, quantity, Some(seen_minor)).await?;
            line.ordinal
        }
        None if lines.len() >= LINES => return Err(Error::field("/sku", "cart_too_many_lines")),
        None => {
            let ordinal = lines.last().map_or(1, |line| line.ordinal + 1);
            let line = cart_line::ActiveModel {
                cart_id: Set(row.id),
                ordinal: Set(ordinal),
                sku_id: Set(sku_id),
                quantity: Set(quantity),
                seen_minor: Set(Some(seen_minor)),
                ..Default::default()
            };
            line.insert(tx.db()).await?;
            ordinal
        }
    };
    touch(tx, &row, Default::default()).await?;
    Ok(ordinal)
}

/// Sets how many pieces a line has. What it costs now counts as seen.
///
/// # Errors
/// As [`add`]; [`Error::CartLineNotFound`].
pub async fn set_quantity(tx: &Tx, token: &str, ordinal: i32, quantity: i64) -> Result<(), Error> {
    let row = for_change(tx, token).await?;
    let quantity = allowed(0, quantity)?;
    let lines = lines_of(tx, row.id).await?;
    let line = lines.iter().find(|line| line.ordinal == ordinal).ok_or(Error::CartLineNotFound)?;
    let seen = price_of(tx, &row, line.sku_id, quantity).await?;
    write(tx, line.id, quantity, seen).await?;
    touch(tx, &row, Default::default()).await
}

/// Takes a line out.
///
/// # Errors
/// [`Error::CartNotFound`], [`Error::CartOrdered`], [`Error::CartLineNotFound`].
pub async fn remove(tx: &Tx, token: &str, ordinal: i32) -> Result<(), Error> {
    let row = for_change(tx, token).await?;
    let gone = cart_line::Entity::delete_many()
        .filter(cart_line::Column::CartId.eq(row.id))
        .filter(cart_line::Column::Ordinal.eq(ordinal))
        .exec(tx.db())
        .await?;
    if gone.rows_affected == 0 {
        return Err(Error::CartLineNotFound);
    }
    touch(tx, &row, Default::default()).await
}

fn allowed(before: i64, more: i64) -> Result<i64, Error> {
    let sum = before.saturating_add(more);
    if more >= 1 && sum <= PIECES { Ok(sum) } else { Err(Error::Quantity { most: PIECES }) }
}

async fn lines_of(tx: &Tx, cart_id: i64) -> Result<Vec<cart_line::Model>, Error> {
    use cart_line::Column;
    Ok(cart_line::Entity::find().filter(Column::CartId.eq(cart_id)).order_by(Column::Ordinal, Order::Asc).all(tx.db()).await?)
}

async fn write(tx: &Tx, id: i64, quantity: i64, seen_minor: Option<i64>) -> Result<(), Error> {
    cart_line::Entity::update_many()
        .set(cart_line::ActiveModel { quantity: Set(quantity), seen_minor: Set(seen_minor), ..Default::default() })
        .filter(cart_line::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// What one costs now, in minor units; none if it is not for sale.
async fn price_of(tx: &Tx, row: &cart::Model, sku_id: i64, quantity: i64) -> Result<Option<i64>, Error> {
    let list = Listed::default(tx.db()).await?;
    let locale = row.locale.parse().unwrap_or(Locale::ZhCn);
    let found: BTreeMap<_, _> = goods(tx.db(), &list, &[(sku_id, quantity)], locale, tx.now()).await?;
    Ok(found.get(&sku_id).filter(|goods| goods.for_sale).and_then(|goods| goods.price).map(|price| price.amount))
}
