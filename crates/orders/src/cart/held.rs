//! A cart that is being changed.

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use zg_base::Tx;
use zg_base::shelf::Seen;
use zg_catalog::Listed;
use zg_db::entity::{cart, cart_line};
use zg_domain::Locale;

use super::basket::Offered;
use super::{Basket, CartView, find, ordered};
use crate::Error;

/// A cart held for change: its row stays locked until the transaction ends, and what is
/// known of it is what the transaction has written.
#[derive(Debug)]
pub struct Held<'a> {
    pub(super) tx: &'a Tx,
    pub(super) seen: &'a Seen<'a>,
    pub(super) row: cart::Model,
    pub(super) lines: Vec<cart_line::Model>,
}

impl<'a> Held<'a> {
    /// Makes an empty cart in a language, a shopper's if they have signed in.
    ///
    /// # Errors
    /// [`Error::Base`].
    pub async fn create(tx: &'a Tx, seen: &'a Seen<'a>, locale: Locale, customer_id: Option<i64>) -> Result<Self, Error> {
        let row = cart::ActiveModel {
            token: Set(tx.token()),
            channel_id: Set(Listed::seen(seen).await?.channel_id),
            customer_id: Set(customer_id),
            locale: Set(locale.tag().to_owned()),
            created_at: Set(tx.now()),
            updated_at: Set(tx.now()),
            version: Set(1),
            ..Default::default()
        };
        Ok(Self { tx, seen, row: row.insert(tx.db()).await?, lines: Vec::new() })
    }

    /// The cart of a token.
    ///
    /// # Errors
    /// [`Error::CartNotFound`], [`Error::CartOrdered`].
    pub async fn take(tx: &'a Tx, seen: &'a Seen<'a>, token: &str) -> Result<Self, Error> {
        let found = cart::Entity::find().filter(cart::Column::Token.eq(token)).lock_exclusive().one(tx.db()).await?;
        let row = found.ok_or(Error::CartNotFound)?;
        if let Some(id) = row.order_id {
            return Err(ordered(tx.db(), id).await?);
        }
        let lines = lines_of(tx.db(), row.id).await?;
        Ok(Self { tx, seen, row, lines })
    }

    /// By which it is found.
    pub fn token(&self) -> &str {
        &self.row.token
    }

    /// Says in which language it is shown and ordered from now on.
    ///
    /// # Errors
    /// [`Error::Base`].
    pub async fn set_locale(&mut self, locale: Locale) -> Result<(), Error> {
        if self.row.locale == locale.tag() {
            return Ok(());
        }
        self.write(cart::ActiveModel { locale: Set(locale.tag().to_owned()), ..Default::default() }).await
    }

    /// The cart as it stands now.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if it costs more than is reckoned with.
    pub async fn view(&self) -> Result<CartView, Error> {
        let locale = self.locale();
        Ok(CartView::of(&Basket::of(self.seen, self.row.clone(), self.lines.clone(), locale).await?))
    }

    /// What this cart is offered.
    pub(super) async fn offered(&self) -> Result<Offered, Error> {
        Offered::to(self.seen, &self.row, &self.lines, self.locale()).await
    }

    pub(super) fn locale(&self) -> Locale {
        self.row.locale.parse().unwrap_or(Locale::ZhCn)
    }

    /// Writes what changes of the cart; with nothing else, that it was touched.
    pub(super) async fn write(&mut self, set: cart::ActiveModel) -> Result<(), Error> {
        let set = cart::ActiveModel { updated_at: Set(self.tx.now()), version: Set(self.row.version + 1), ..set };
        let written =
            cart::Entity::update_many().set(set).filter(cart::Column::Id.eq(self.row.id)).exec_with_returning(self.tx.db()).await?;
        self.row = written.into_iter().next().ok_or(Error::CartNotFound)?;
        Ok(())
    }
}

impl Basket {
    /// Looks a cart up.
    ///
    /// # Errors
    /// [`Error::CartNotFound`]; [`Error::TooLarge`] if it costs more than is reckoned with.
    pub async fn load(seen: &Seen<'_>, token: &str) -> Result<Self, Error> {
        let cart = find(seen.app().read(), token).await?;
        let locale = cart.locale.parse().unwrap_or(Locale::ZhCn);
        Self::look(seen, cart, locale).await
    }

    /// Looks a cart up for somebody who reads another language now.
    ///
    /// # Errors
    /// As [`Basket::load`].
    pub async fn load_in(seen: &Seen<'_>, token: &str, locale: Locale) -> Result<Self, Error> {
        Self::look(seen, find(seen.app().read(), token).await?, locale).await
    }

    async fn look(seen: &Seen<'_>, cart: cart::Model, locale: Locale) -> Result<Self, Error> {
        let lines = lines_of(seen.app().read(), cart.id).await?;
        Self::of(seen, cart, lines, locale).await
    }
}

async fn lines_of(db: &impl ConnectionTrait, cart_id: i64) -> Result<Vec<cart_line::Model>, DbErr> {
    use cart_line::Column;
    cart_line::Entity::find().filter(Column::CartId.eq(cart_id)).order_by(Column::Ordinal, Order::Asc).all(db).await
}
