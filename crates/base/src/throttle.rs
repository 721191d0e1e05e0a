//! Throttling of guesses, by account and by address, counted in the database so
//! that it holds across nodes and restarts.

use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};
use zg_db::entity::sign_in_attempt::{ActiveModel, Column, Entity};

use crate::secrets::sha256_hex;
use crate::{Error, Tx};

/// Failures after which an account waits.
pub const PER_ACCOUNT: u64 = 8;
/// Failures after which an address waits.
pub const PER_ADDRESS: u64 = 40;
/// How long failures count.
pub const WINDOW: Duration = Duration::minutes(15);

/// May this account be tried now, from this address?
///
/// # Errors
/// [`Error::Db`].
pub async fn allows(tx: &Tx, account: &str) -> Result<bool, Error> {
    let since = tx.now() - WINDOW;
    let failed = Entity::find().filter(Column::At.gt(since)).filter(Column::Succeeded.eq(false));
    if failed.clone().filter(Column::AccountHash.eq(hash(account))).count(tx.db()).await? >= PER_ACCOUNT {
        return Ok(false);
    }
    Ok(failed.filter(Column::Ip.eq(ip(tx))).count(tx.db()).await? < PER_ADDRESS)
}

/// Remembers an attempt. A success forgives the account's failures.
///
/// # Errors
/// [`Error::Db`].
pub async fn remember(tx: &Tx, account: &str, succeeded: bool) -> Result<(), Error> {
    if succeeded {
        Entity::delete_many().filter(Column::AccountHash.eq(hash(account))).exec(tx.db()).await?;
    }
    let row = ActiveModel {
        account_hash: Set(hash(account)),
        ip: Set(ip(tx)),
        at: Set(tx.now()),
        succeeded: Set(succeeded),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(())
}

fn hash(account: &str) -> String {
    sha256_hex(account.trim().to_lowercase().as_bytes())
}

/// An IPv6 caller is its /64 network: one subscriber holds that many addresses.
fn ip(tx: &Tx) -> String {
    match tx.actor().ip {
        Some(std::net::IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).to_string(),
        },
        Some(v4) => v4.to_string(),
        None => String::new(),
    }
}
