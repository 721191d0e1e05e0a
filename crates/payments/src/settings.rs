//! Settings of payments: from which amount on a second person has to look (M4.12).

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{ActorKind, App, Tx, setting};
use zg_domain::Money;
use zg_web::{Answer, Committed, Json, Result, Staff, View};

use crate::Error;

const KEY: &str = "payments";

/// Settings of payments.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PaymentSettings)]
pub(crate) struct Settings {
    /// From this amount on, and in any other currency, a payment by hand is proposed
    /// by one person and approved by another. None: one person is enough.
    #[serde(default)]
    second_person_from: Option<Money>,
}

impl View for Settings {}

/// The settings of payments.
#[utoipa::path(get, path = "/admin/payment-settings", responses((status = 200, body = Settings)))]
pub(crate) async fn read(State(app): State<App>, _staff: Staff) -> Result<Answer<Settings>> {
    Ok(Answer::ok(setting::get(app.read(), KEY).await?.unwrap_or_default()))
}

/// Changes the settings of payments.
#[utoipa::path(put, path = "/admin/payment-settings", request_body = Settings, responses((status = 200, body = Settings)))]
pub(crate) async fn write(State(app): State<App>, staff: Staff, Json(asked): Json<Settings>) -> Result<Committed<Settings>> {
    if asked.second_person_from.is_some_and(|from| from.amount < 0) {
        return Err(Error::Field { pointer: "/second_person_from/amount", code: "payment_amount" }.into());
    }
    let tx = app.begin(&staff.actor).await?;
    let before: Settings = setting::get(tx.db(), KEY).await?.unwrap_or_default();
    setting::put(&tx, KEY, &asked).await?;
    tx.audit("payment.settings", "setting", 0, Some(json!(before)), Some(json!(asked))).await?;
    Committed::ok(tx, asked).await
}

/// May one person record so much alone? The shop itself always may.
pub(crate) async fn one_is_enough(tx: &Tx, amount: Money) -> Result<(), Error> {
    if tx.actor().kind == ActorKind::System {
        return Ok(());
    }
    let settings: Settings = setting::get(tx.db(), KEY).await?.unwrap_or_default();
    match settings.second_person_from {
        Some(from) if from.currency != amount.currency || amount.amount >= from.amount => Err(Error::SecondPerson(from)),
        _ => Ok(()),
    }
}
