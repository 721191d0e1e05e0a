//! Who an order belongs to: a customer found by e-mail or phone, or a new one
//! without a password.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use zg_base::Tx;
use zg_db::entity::customer::{ActiveModel, Column, Entity, Model};
use zg_domain::{Email, Locale, Phone};

use crate::event::CustomerCreated;
use crate::find::ACTIVE;
use crate::{Error, folded};

/// How somebody who orders can be reached.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// The language they ordered in.
    pub locale: Locale,
}

/// The customer an order belongs to: the one with this e-mail address; else, where
/// it does not contradict, the oldest with this phone; else a new one.
///
/// What is known of a customer is not changed by an order: anybody can type
/// anybody's address.
///
/// # Errors
/// [`Error::Base`].
pub async fn for_order(tx: &Tx, contact: &Contact) -> Result<i64, Error> {
    let email = contact.email.as_deref().and_then(|text| text.parse::<Email>().ok());
    let phone = contact.phone.as_deref().and_then(|text| text.parse::<Phone>().ok());
    if let Some(email) = &email
        && let Some(known) = by_email(tx, email).await?
    {
        return Ok(known.id);
    }
    if let Some(phone) = &phone {
        let mut same = Entity::find().filter(Column::Phone.eq(phone.as_str())).filter(Column::State.eq(ACTIVE));
        if email.is_some() {
            same = same.filter(Column::Email.is_null());
        }
        if let Some(known) = same.order_by(Column::Id, Order::Asc).one(tx.db()).await? {
            return Ok(known.id);
        }
    }
    make(tx, contact, email.as_ref(), phone.as_ref()).await
}

async fn by_email(tx: &Tx, email: &Email) -> Result<Option<Model>, Error> {
    Ok(Entity::find().filter(Column::Email.eq(email.as_str())).one(tx.db()).await?)
}

async fn make(tx: &Tx, contact: &Contact, email: Option<&Email>, phone: Option<&Phone>) -> Result<i64, Error> {
    let code = fresh_code(tx);
    let (email_text, phone_text) = (email.map(Email::as_str), phone.map(Phone::as_str));
    let row = ActiveModel {
        locale: Set(contact.locale.tag().to_owned()),
        state: Set(ACTIVE.to_owned()),
        created_at: Set(tx.now()),
        version: Set(1),
        ..folded::row(&code, &contact.name, email_text, phone_text)
    };
    // Two orders of one new person may come at once: who loses finds the winner's row.
    let twin = OnConflict::column(Column::Email).do_nothing().to_owned();
    let made = Entity::insert(row).on_conflict(twin).exec_with_returning_keys(tx.db()).await?;
    match (made.first(), email) {
        (Some(&id), _) => {
            tx.publish(&CustomerCreated { id }).await?;
            Ok(id)
        }
        (None, Some(email)) => Ok(by_email(tx, email).await?.ok_or(Error::Changed)?.id),
        (None, None) => Err(Error::Changed),
    }
}

/// How codes begin that the shop did not give.
pub(crate) const MADE_UP: &str = "K-";

/// A code for somebody who comes without: `K-7QX2M9RA`. Random, because a number range
/// would make every checkout wait for the others.
pub(crate) fn fresh_code(tx: &Tx) -> String {
    let letters: String = tx.token().chars().filter(char::is_ascii_alphanumeric).take(10).collect();
    format!("{MADE_UP}{}", letters.to_ascii_uppercase())
}
