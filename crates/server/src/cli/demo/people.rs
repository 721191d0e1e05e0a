//! Who works in the demo shop, and what each may do.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use zg_base::{Actor, App};
use zg_domain::Locale;

use super::caller::{Caller, number};
use crate::compose;

/// A row of `staff.csv`.
#[derive(Debug, Deserialize)]
pub(super) struct Person {
    email: String,
    name: String,
    role: String,
    locale: String,
    password: String,
}

/// Ids of those who work.
#[derive(Clone, Copy, Debug)]
pub(super) struct People {
    pub(super) support: i64,
    pub(super) warehouse: i64,
    pub(super) finance: i64,
}

/// Roles beside the owner's: name, what for, and the rights whose names begin so.
const ROLES: [(&str, &str, &str, &[&str]); 3] = [
    (
        "support",
        "客服 Support",
        "接单、确认、取消，维护客户 · Orders and customers",
        &[
            "orders.",
            "customers.read",
            "customers.write",
            "catalog.read",
            "stock.read",
            "fulfilment.read",
            "payments.read",
            "dashboard.",
            "search.",
        ],
    ),
    (
        "warehouse",
        "仓库 Warehouse",
        "库存、备货、发货 · Stock, picking, shipping",
        &["stock.", "picking.", "shipments.", "fulfilment.", "orders.read", "catalog.read", "dashboard.", "search."],
    ),
    (
        "finance",
        "财务 Finance",
        "收款、退款、报表 · Money in, money back, reports",
        &["payments.", "payment_methods.", "reports.", "orders.read", "customers.read", "dashboard.", "proofs.", "search."],
    ),
];

/// Makes everybody and their roles.
pub(super) async fn hire(app: &App, people: &[Person]) -> anyhow::Result<People> {
    let rights = compose::api().rights();
    let first = people.iter().find(|person| person.role == "owner").context("staff.csv names no owner")?;
    let hash = zg_system::password::hashed(first.password.clone()).await?;
    let tx = app.begin(&Actor::system("demo")).await?;
    let role = zg_system::role::ensure_owner(&tx).await?;
    let locale: Locale = first.locale.parse().ok().context("staff.csv: an unknown language")?;
    let owner = zg_system::staff::create(&tx, &first.email, &first.name, locale, hash, &[role]).await?;
    tx.commit().await?;

    let boss = Caller::guest(app).staff(owner.id).await?;
    let mut ids = Vec::new();
    for (code, name, description, prefixes) in ROLES {
        let granted: Vec<&&str> = rights.iter().filter(|right| prefixes.iter().any(|prefix| right.starts_with(prefix))).collect();
        let role = boss.post("/admin/roles", json!({ "name": name, "description": description, "rights": granted })).await?;
        let role = number(&role, "id")?;
        let mut first = None;
        for person in people.iter().filter(|person| person.role == code) {
            let hash = zg_system::password::hashed(person.password.clone()).await?;
            let locale: Locale = person.locale.parse().ok().context("staff.csv: an unknown language")?;
            let tx = app.begin(&Actor::system("demo")).await?;
            let made = zg_system::staff::create(&tx, &person.email, &person.name, locale, hash, &[role]).await?;
            tx.commit().await?;
            first = first.or(Some(made.id));
        }
        ids.push(first.unwrap_or(owner.id));
    }
    let [support, warehouse, finance] = ids[..] else { anyhow::bail!("three roles were made") };
    Ok(People { support, warehouse, finance })
}
