//! Erasing a person's data (M7.1; PIPL article 47, GDPR article 17).
//!
//! The record stays as a number to which the orders belong, for the books must add up;
//! everything personal is overwritten at once: name, ways to reach them, addresses,
//! notes, tags, sessions, the values in the security log, whose chain covers digests
//! and stays whole. What other modules hold of the person, they forget in a task,
//! closed orders at once and open ones when they are closed: a parcel under way needs
//! its address.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{Actor, App, Tx, mail, one_time, session};
use zg_db::entity::customer::{self, Column, Entity};
use zg_db::entity::{customer_address, customer_note, customer_tag, order};
use zg_domain::order::State as OrderState;
use zg_web::{Committed, IfMatch, Path, Result, Staff, View};

use crate::event::CustomerErased;
use crate::find::{self, ERASED, MERGED};
use crate::{Error, shopper};

/// What a module forgets of customers, given their ids, inside a transaction. It is
/// called again until nothing is left to forget, so it may leave what is still needed.
pub type Forget = for<'a> fn(&'a Tx, &'a [i64]) -> Pin<Box<dyn Future<Output = zg_base::Result<()>> + Send + 'a>>;

static FORGET: OnceLock<Vec<Forget>> = OnceLock::new();

/// Says who else holds personal data; the server does it when it puts the modules
/// together.
pub fn know(forget: Vec<Forget>) {
    // A second application in the same process has the same modules.
    let _ = FORGET.set(forget);
}

/// What is left of somebody whose data was erased.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    id: i64,
    /// Orders that are kept, without contact and address.
    orders: i64,
    /// Of these, the ones under way: they keep contact and address until they are closed.
    open_orders: i64,
}

impl View for Erased {}

/// Erases a customer's personal data and that of the records merged into it. Orders
/// stay. `If-Match` is the version that was seen. There is no way back.
#[utoipa::path(delete, path = "/admin/customers/{id}", params(("id" = i64, Path), IfMatch), responses((status = 200, body = Erased)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
) -> Result<Committed<Erased>> {
    let tx = app.begin(&staff.actor).await?;
    let erased = erase(&tx, id, version).await?;
    Committed::ok(tx, erased).await
}

async fn erase(tx: &Tx, id: i64, version: i64) -> Result<Erased, Error> {
    let row = find::locked(tx.db(), id).await?;
    if row.version != version {
        return Err(Error::Changed);
    }
    let ids = find::identities(tx.db(), id).await?;
    let addresses: Vec<String> = row.email.into_iter().collect();
    for id in &ids {
        overwrite(tx, *id).await?;
        session::forget(tx, session::Owner::Shopper(*id)).await?;
        one_time::withdraw(tx, shopper::RESET, *id).await?;
    }
    forget_parts(tx, &ids).await?;
    mail::forget(tx, &ids, &addresses).await?;
    tx.erase_audit("customer", &ids).await?;
    tx.audit("customer.erase", "customer", id, None, None).await?;
    tx.publish(&CustomerErased { id }).await?;
    tx.enqueue::<ForgetCustomers>(&ForgetCustomers { customer_ids: ids.clone() }).await?;
    let theirs = order::Entity::find().filter(order::Column::CustomerId.is_in(ids));
    let open = theirs.clone().filter(order::Column::State.is_not_in(closed()));
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(Erased { id, orders: count(theirs.count(tx.db()).await?), open_orders: count(open.count(tx.db()).await?) })
}

/// States in which an order needs nobody's address any more.
fn closed() -> [&'static str; 2] {
    [OrderState::Completed.as_str(), OrderState::Cancelled.as_str()]
}

async fn overwrite(tx: &Tx, id: i64) -> Result<(), Error> {
    let row = find::one(tx.db(), id).await?;
    let blank = customer::ActiveModel {
        code: Set(format!("erased-{id}")),
        email: Set(None),
        email_key: Set(None),
        phone: Set(None),
        name: Set(String::new()),
        name_key: Set(String::new()),
        found_by: Set(String::new()),
        password_hash: Set(None),
        segment: Set(None),
        marketing_at: Set(None),
        email_verified_at: Set(None),
        // A merged record still says whose its orders are.
        state: Set(if row.state == MERGED { MERGED } else { ERASED }.to_owned()),
        version: Set(row.version + 1),
        ..Default::default()
    };
    Entity::update_many().set(blank).filter(Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

async fn forget_parts(tx: &Tx, ids: &[i64]) -> Result<(), Error> {
    let ids = || ids.iter().copied();
    customer_address::Entity::delete_many().filter(customer_address::Column::CustomerId.is_in(ids())).exec(tx.db()).await?;
    customer_note::Entity::delete_many().filter(customer_note::Column::CustomerId.is_in(ids())).exec(tx.db()).await?;
    customer_tag::Entity::delete_many().filter(customer_tag::Column::CustomerId.is_in(ids())).exec(tx.db()).await?;
    Ok(())
}

/// Has every module forget customers whose data was erased.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct ForgetCustomers {
    /// Rows of `customer`.
    pub customer_ids: Vec<i64>,
}

impl celery::Task<App> for ForgetCustomers {
    const NAME: &'static str = "customers.forget";
    type Args = Self;
    type Output = ();

    fn policy() -> celery::Policy {
        celery::Policy::new().max_retries(8).backoff(celery::Backoff::new(Duration::from_secs(15), Duration::from_hours(1)))
    }

    async fn run(context: celery::Context<App>, args: Self) -> Result<(), celery::TaskError> {
        Ok(forget(&context.state, &args.customer_ids).await?)
    }
}

async fn forget(app: &App, ids: &[i64]) -> Result<(), zg_base::Error> {
    for forget in FORGET.get().into_iter().flatten() {
        let tx = app.begin(&Actor::system("customers.forget")).await?;
        forget(&tx, ids).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Every night: forgets what open orders of erased customers still held and closed
/// ones no longer need, and deletes links that were never used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Sweep {}

impl celery::Task<App> for Sweep {
    const NAME: &'static str = "customers.sweep";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, _: Self) -> Result<(), celery::TaskError> {
        let app = &context.state;
        let tx = app.begin(&Actor::system(Self::NAME)).await?;
        one_time::sweep(&tx).await?;
        tx.commit().await?;
        let left = left_to_forget(app).await?;
        if !left.is_empty() {
            forget(app, &left).await?;
        }
        Ok(())
    }
}

/// Erased customers of whom a closed order still holds a contact.
async fn left_to_forget(app: &App) -> Result<Vec<i64>, Error> {
    use sea_orm::QueryTrait as _;
    let erased = Entity::find().select_only().column(Column::Id).filter(Column::Name.eq("")).filter(Column::Code.like("erased-%"));
    Ok(order::Entity::find()
        .select_only()
        .column(order::Column::CustomerId)
        .distinct()
        .filter(order::Column::CustomerId.in_subquery(erased.into_query()))
        .filter(order::Column::State.is_in(closed()))
        .filter(order::Column::ContactName.ne(""))
        .limit(1_000)
        .into_tuple()
        .all(app.read())
        .await?)
}
