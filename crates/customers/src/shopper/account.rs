//! What shoppers see and change of themselves.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::Tx;
use zg_db::entity::customer;
use zg_domain::Locale;
use zg_web::{Patch, View};

use crate::event::CustomerChanged;
use crate::{Error, field, find, folded};

/// A shopper, to themselves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// The language they are written to in.
    pub locale: Locale,
    /// They agreed to advertising mails.
    pub marketing: bool,
    /// Since when the shop knows them.
    pub created_at: DateTime<Utc>,
    /// To be sent as `X-CSRF-Token` with every unsafe request; none outside the API.
    pub csrf: Option<String>,
}

impl View for Account {}

/// What is to be changed; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// Their name.
    pub name: Option<String>,
    /// Their telephone number; `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub phone: Patch<String>,
    /// The language they are written to in.
    pub locale: Option<Locale>,
    /// They agree to advertising mails, or do not any more.
    pub marketing: Option<bool>,
}

/// The shopper themselves.
///
/// # Errors
/// [`Error::NotFound`] if the record is no longer in use; [`Error::Base`].
pub async fn me(db: &impl ConnectionTrait, customer_id: i64) -> Result<Account, Error> {
    Ok(view(find::active(db, customer_id).await?))
}

/// Changes what shoppers may change of themselves.
///
/// # Errors
/// [`Error::Field`], [`Error::Base`].
pub async fn change(tx: &Tx, customer_id: i64, asked: &ChangeAccount) -> Result<Account, Error> {
    let before = find::locked(tx.db(), customer_id).await?;
    let name = match &asked.name {
        Some(name) => field::required("/name", name, 100)?,
        None => before.name.clone(),
    };
    let phone = match &asked.phone {
        Patch::Keep => before.phone.clone(),
        Patch::Clear => None,
        Patch::Set(text) => field::phone("/phone", text)?,
    };
    let marketing_at = match asked.marketing {
        None => before.marketing_at,
        Some(true) => before.marketing_at.or(Some(tx.now())),
        Some(false) => None,
    };
    let locale = asked.locale.map_or_else(|| before.locale.clone(), |locale| locale.tag().to_owned());
    let row = customer::ActiveModel {
        locale: Set(locale),
        marketing_at: Set(marketing_at),
        version: Set(before.version + 1),
        ..folded::row(&before.code, &name, before.email.as_deref(), phone.as_deref())
    };
    customer::Entity::update_many().set(row).filter(customer::Column::Id.eq(customer_id)).exec(tx.db()).await?;
    let seen = |name: &str, phone: Option<&str>| json!({ "name": name, "phone": phone });
    let was = seen(&before.name, before.phone.as_deref());
    tx.audit("account.change", "customer", customer_id, Some(was), Some(seen(&name, phone.as_deref()))).await?;
    tx.publish(&CustomerChanged { id: customer_id }).await?;
    Ok(view(find::active(tx.db(), customer_id).await?))
}

fn view(row: customer::Model) -> Account {
    Account {
        name: row.name,
        email: row.email,
        phone: row.phone,
        locale: row.locale.parse().unwrap_or(Locale::ZhCn),
        marketing: row.marketing_at.is_some(),
        created_at: row.created_at,
        csrf: None,
    }
}
