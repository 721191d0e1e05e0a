//! The one place where the modules are put together: routes, tasks, schedule,
//! imports, proofs, pages.

use std::sync::Arc;

use axum::Router;
use celery::{Beat, BeatStore, Client, Registry};
use zg_base::{App, Proof};
use zg_web::Api;

/// Every module's routes.
pub fn api() -> Api {
    let api = Api::new(vec![
        zg_dashboard::routes(),
        zg_catalog::routes(),
        zg_import::routes(),
        zg_inventory::routes(),
        zg_orders::routes(),
        zg_payments::routes(),
        zg_fulfilment::routes(),
        zg_customers::routes(),
        zg_reports::routes(),
        zg_system::routes(),
        zg_storefront::routes(),
        crate::pages::routes(),
    ]);
    zg_system::role::know(api.rights());
    zg_import::know(imports());
    zg_customers::know(vec![zg_orders::forget]);
    api
}

/// Every import.
pub fn imports() -> Vec<zg_import::Kind> {
    vec![
        zg_import::Kind::of::<zg_catalog::Categories>(),
        zg_import::Kind::of::<zg_inventory::Products>(),
        zg_import::Kind::of::<zg_customers::Customers>(),
        zg_import::Kind::of::<zg_moving_in::Orders>(),
    ]
}

/// Every task.
///
/// # Errors
/// If two tasks have one name.
pub fn registry() -> Result<Registry<App>, celery::Error> {
    let mut registry = Registry::new();
    registry.add::<zg_base::mail::SendMail>()?;
    registry.add::<zg_base::mail::Watch>()?;
    registry.add::<zg_base::Sweep>()?;
    registry.add::<zg_base::job::EndLost>()?;
    registry.add::<zg_import::Run<zg_catalog::Categories>>()?;
    registry.add::<zg_import::Run<zg_inventory::Products>>()?;
    registry.add::<zg_import::Run<zg_customers::Customers>>()?;
    registry.add::<zg_import::Pictures<zg_inventory::Products>>()?;
    zg_import::tasks(&mut registry)?;
    zg_catalog::tasks(&mut registry)?;
    zg_orders::tasks(&mut registry)?;
    registry.add::<zg_import::Run<zg_moving_in::Orders>>()?;
    zg_customers::tasks(&mut registry)?;
    Ok(registry)
}

/// What runs by the clock.
///
/// # Errors
/// If two entries have one name.
pub fn beat(client: &Client, store: Arc<dyn BeatStore>) -> Result<Beat, celery::Error> {
    let mut beat = Beat::new(client.clone(), store);
    let hourly = celery::Schedule::Every(std::time::Duration::from_secs(3600));
    beat.add::<zg_base::Sweep, App>("base.sweep", hourly, &zg_base::Sweep {})?;
    let often = celery::Schedule::Every(std::time::Duration::from_secs(300));
    beat.add::<zg_base::job::EndLost, App>("base.jobs.end_lost", often.clone(), &zg_base::job::EndLost {})?;
    beat.add::<zg_base::mail::Watch, App>("mail.watch", often, &zg_base::mail::Watch { all: false })?;
    zg_import::schedule(&mut beat)?;
    zg_catalog::schedule(&mut beat)?;
    zg_orders::schedule(&mut beat)?;
    zg_customers::schedule(&mut beat)?;
    Ok(beat)
}

/// Every proof (B3), in the order in which they are told.
///
/// # Errors
/// If the database fails.
pub async fn prove(app: &App) -> anyhow::Result<Vec<Proof>> {
    let db = app.read();
    Ok(vec![
        zg_inventory::prove(db).await?,
        zg_orders::prove(db).await?,
        zg_payments::prove(db).await?,
        zg_fulfilment::prove(db).await?,
        zg_base::prove_audit(db).await?,
    ])
}

/// What a new shop begins with beyond its schema. Doing it twice changes nothing.
///
/// # Errors
/// If the database fails.
pub async fn first_rows(databases: &zg_db::Databases) -> anyhow::Result<()> {
    Ok(zg_system::shipping::ensure(databases).await?)
}

/// Storefront and console.
pub fn pages() -> Router<App> {
    zg_storefront::pages().merge(crate::pages::console())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Every `$ref` of a value.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// A parameter's enumeration is registered nowhere by itself: `#[param(inline)]`.
    #[test]
    fn b4_every_reference_of_the_openapi_document_leads_somewhere() {
        let document = api().document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        let lost: Vec<&str> =
            found.into_iter().filter(|path| path.strip_prefix('#').and_then(|path| document.pointer(path)).is_none()).collect();
        assert_eq!(lost, Vec::<&str>::new());
    }
}
