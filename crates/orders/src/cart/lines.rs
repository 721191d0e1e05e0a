//! Lines of a cart: one a SKU, known by their ordinal.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use zg_catalog::{Listed, goods, sku_by_code};
use zg_db::entity::cart_line;

use super::Held;
use crate::Error;

/// Lines of one cart.
const LINES: usize = 1_000;
/// Pieces of one line.
const PIECES: i64 = 100_000;

impl Held<'_> {
    /// Puts pieces of a SKU into the cart; a line that is there grows. Says its ordinal.
    ///
    /// # Errors
    /// [`Error::Quantity`]; [`Error::Field`] if there is no such SKU for sale, or no room
    /// for another line.
    pub async fn add(&mut self, sku: &str, quantity: i64) -> Result<i32, Error> {
        let unknown = || Error::field("/sku", "cart_sku_unknown");
        let sku_id = sku_by_code(self.seen, sku.trim()).await?.ok_or_else(unknown)?;
        let before = self.lines.iter().position(|line| line.sku_id == sku_id);
        let quantity = allowed(before.and_then(|at| self.lines.get(at)).map_or(0, |line| line.quantity), quantity)?;
        let seen_minor = self.price_of(sku_id, quantity).await?.ok_or_else(unknown)?;
        let ordinal = match before {
            Some(at) => self.put(at, quantity, Some(seen_minor)).await?,
            None if self.lines.len() >= LINES => return Err(Error::field("/sku", "cart_too_many_lines")),
            None => {
                let ordinal = self.lines.last().map_or(1, |line| line.ordinal + 1);
                let line = cart_line::ActiveModel {
                    cart_id: Set(self.row.id),
                    ordinal: Set(ordinal),
                    sku_id: Set(sku_id),
                    quantity: Set(quantity),
                    seen_minor: Set(Some(seen_minor)),
                    ..Default::default()
                };
                self.lines.push(line.insert(self.tx.db()).await?);
                ordinal
            }
        };
        self.write(Default::default()).await?;
        Ok(ordinal)
    }

    /// Sets how many pieces a line has. What it costs now counts as seen.
    ///
    /// # Errors
    /// [`Error::Quantity`], [`Error::CartLineNotFound`].
    pub async fn set_quantity(&mut self, ordinal: i32, quantity: i64) -> Result<(), Error> {
        let quantity = allowed(0, quantity)?;
        let at = self.lines.iter().position(|line| line.ordinal == ordinal).ok_or(Error::CartLineNotFound)?;
        let sku_id = self.lines.get(at).ok_or(Error::CartLineNotFound)?.sku_id;
        let seen_minor = self.price_of(sku_id, quantity).await?;
        self.put(at, quantity, seen_minor).await?;
        self.write(Default::default()).await
    }

    /// Takes a line out.
    ///
    /// # Errors
    /// [`Error::CartLineNotFound`].
    pub async fn remove(&mut self, ordinal: i32) -> Result<(), Error> {
        let gone = cart_line::Entity::delete_many()
            .filter(cart_line::Column::CartId.eq(self.row.id))
            .filter(cart_line::Column::Ordinal.eq(ordinal))
            .exec(self.tx.db())
            .await?;
        if gone.rows_affected == 0 {
            return Err(Error::CartLineNotFound);
        }
        self.lines.retain(|line| line.ordinal != ordinal);
        self.write(Default::default()).await
    }

    /// Writes a line that is there; says its ordinal.
    async fn put(&mut self, at: usize, quantity: i64, seen_minor: Option<i64>) -> Result<i32, Error> {
        let line = self.lines.get_mut(at).ok_or(Error::CartLineNotFound)?;
        (line.quantity, line.seen_minor) = (quantity, seen_minor);
        cart_line::Entity::update_many()
            .set(cart_line::ActiveModel { quantity: Set(quantity), seen_minor: Set(seen_minor), ..Default::default() })
            .filter(cart_line::Column::Id.eq(line.id))
            .exec(self.tx.db())
            .await?;
        Ok(line.ordinal)
    }

    /// What one costs now, in minor units; none if it is not for sale.
    async fn price_of(&self, sku_id: i64, quantity: i64) -> Result<Option<i64>, Error> {
        let list = Listed::seen(self.seen).await?;
        let found = goods(self.seen, &list, &[(sku_id, quantity)], self.locale()).await?;
        Ok(found.get(&sku_id).filter(|goods| goods.for_sale).and_then(|goods| goods.price).map(|price| price.amount))
    }
}

fn allowed(before: i64, more: i64) -> Result<i64, Error> {
    let sum = before.saturating_add(more);
    if more >= 1 && sum <= PIECES { Ok(sum) } else { Err(Error::Quantity { most: PIECES }) }
}
