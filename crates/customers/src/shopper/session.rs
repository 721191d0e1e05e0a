//! Signing in and out. An unknown address takes as long as a known one and answers
//! the same; tries are throttled by address and by caller.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::{Actor, ActorKind, App, Tx, password, session, throttle};
use zg_db::entity::customer::{Column, Entity};
use zg_web::Shopper;

use crate::Error;
use crate::find::ACTIVE;

/// Somebody who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Row of `customer`.
    pub customer_id: i64,
    /// The session's token, for the cookie; stored nowhere.
    pub token: String,
}

/// Signs a shopper in. The transaction is still to be committed, also where signing
/// in was refused: the try counts.
///
/// # Errors
/// [`Error::Base`]. What refuses the shopper, [`Error::SignIn`] or
/// [`Error::TooMany`], is the second of the pair.
pub async fn sign_in(
    app: &App,
    actor: &Actor,
    email: &str,
    text: String,
    user_agent: &str,
) -> Result<(Tx, Result<SignedIn, Error>), Error> {
    let email = email.trim().to_lowercase();
    let account = account(&email);
    // The slow part comes between two transactions, and only while the account may be tried.
    let tx = app.begin(&actor.again()).await?;
    if !throttle::allows(&tx, &account).await? {
        return Ok((tx, Err(Error::TooMany)));
    }
    tx.rollback().await?;
    let known = Entity::find().filter(Column::Email.eq(&email)).filter(Column::State.eq(ACTIVE)).one(app.read()).await?;
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let fits = password::verify(text, hash).await?;
    let Some(known) = known.filter(|_| fits) else {
        let tx = app.begin(actor).await?;
        throttle::remember(&tx, &account, false).await?;
        return Ok((tx, Err(Error::SignIn)));
    };
    let actor = Actor { kind: ActorKind::Shopper, id: Some(known.id), name: known.code, ..actor.clone() };
    let tx = app.begin(&actor).await?;
    throttle::remember(&tx, &account, true).await?;
    let signed_in = open(&tx, known.id, user_agent).await?;
    Ok((tx, Ok(signed_in)))
}

/// Opens a session of somebody who has shown who they are: by password, or by the
/// link in a mail.
///
/// # Errors
/// [`Error::Base`].
pub async fn open(tx: &Tx, customer_id: i64, user_agent: &str) -> Result<SignedIn, Error> {
    let token = session::open(tx, session::Owner::Shopper(customer_id), user_agent).await?;
    tx.audit("account.sign_in", "customer", customer_id, None, None).await?;
    Ok(SignedIn { customer_id, token })
}

/// Signs out: ends this session.
///
/// # Errors
/// [`Error::Base`].
pub async fn sign_out(tx: &Tx, shopper: &Shopper) -> Result<(), Error> {
    session::revoke(tx, session::Owner::Shopper(shopper.customer_id), shopper.session_id).await?;
    Ok(())
}

/// Under which name tries are counted.
pub(super) fn account(email: &str) -> String {
    format!("shopper:{email}")
}
