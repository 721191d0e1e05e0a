//! Sessions of staff and shoppers: a random token in a cookie, its hash in the database.

use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use zg_db::entity::session::{ActiveModel, Column, Entity, Model};

use crate::secrets::{sha256_hex, token};
use crate::{Error, Event, Tx};

/// What staff may do, or who is signed in, has changed: live connections are looked
/// at again on every node.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct AccessChanged {
    /// The member of staff; none if it may be several, as by a change of a role.
    pub staff_id: Option<i64>,
}

impl Event for AccessChanged {
    const TOPIC: &'static str = "staff.read";
    const KIND: &'static str = "access.changed";

    fn entity_id(&self) -> Option<i64> {
        self.staff_id
    }
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A member of staff, by id.
    Staff(i64),
    /// A customer, by id.
    Shopper(i64),
}

impl Owner {
    const fn kind(self) -> &'static str {
        match self {
            Self::Staff(_) => "staff",
            Self::Shopper(_) => "shopper",
        }
    }

    /// How long a session of this kind lasts.
    pub fn lasts(self) -> Duration {
        match self {
            Self::Staff(_) => Duration::hours(12),
            Self::Shopper(_) => Duration::days(30),
        }
    }
}

/// Opens a session and says its token, which is stored nowhere.
///
/// # Errors
/// [`Error::Db`].
pub async fn open(tx: &Tx, owner: Owner, user_agent: &str) -> Result<String, Error> {
    let token = token();
    let (staff_id, customer_id) = match owner {
        Owner::Staff(id) => (Some(id), None),
        Owner::Shopper(id) => (None, Some(id)),
    };
    let row = ActiveModel {
        token_hash: Set(sha256_hex(token.as_bytes())),
        kind: Set(owner.kind().to_owned()),
        staff_id: Set(staff_id),
        customer_id: Set(customer_id),
        created_at: Set(tx.now()),
        last_used_at: Set(tx.now()),
        expires_at: Set(tx.now() + owner.lasts()),
        ip: Set(tx.actor().ip.map(|ip| ip.to_string()).unwrap_or_default()),
        user_agent: Set(user_agent.chars().take(300).collect()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(token)
}

/// The session a token opens, if it is neither expired nor revoked.
///
/// # Errors
/// [`Error::Db`].
pub async fn find(db: &impl ConnectionTrait, token: &str, now: DateTime<Utc>) -> Result<Option<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::TokenHash.eq(sha256_hex(token.as_bytes())))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await?)
}

/// Ends one session of an owner; false if there was none to end.
///
/// # Errors
/// [`Error::Db`].
pub async fn revoke(tx: &Tx, owner: Owner, id: i64) -> Result<bool, Error> {
    Ok(revoke_where(tx, owner, Column::Id.eq(id)).await? > 0)
}

/// Ends every session of an owner but one.
///
/// # Errors
/// [`Error::Db`].
pub async fn revoke_all(tx: &Tx, owner: Owner, but: Option<i64>) -> Result<u64, Error> {
    revoke_where(tx, owner, Column::Id.ne(but.unwrap_or_default())).await
}

/// Deletes every session of an owner, with the addresses and browsers they name: for
/// somebody whose data is erased.
///
/// # Errors
/// [`Error::Db`].
pub async fn forget(tx: &Tx, owner: Owner) -> Result<(), Error> {
    Entity::delete_many().filter(of(owner)).exec(tx.db()).await?;
    Ok(())
}

fn of(owner: Owner) -> sea_orm::sea_query::SimpleExpr {
    match owner {
        Owner::Staff(id) => Column::StaffId.eq(id),
        Owner::Shopper(id) => Column::CustomerId.eq(id),
    }
}

async fn revoke_where(tx: &Tx, owner: Owner, which: sea_orm::sea_query::SimpleExpr) -> Result<u64, Error> {
    let done = Entity::update_many()
        .set(ActiveModel { revoked_at: Set(Some(tx.now())), ..Default::default() })
        .filter(of(owner))
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec(tx.db())
        .await?;
    if let (Owner::Staff(id), 1..) = (owner, done.rows_affected) {
        tx.publish(&AccessChanged { staff_id: Some(id) }).await?;
    }
    Ok(done.rows_affected)
}
