//! Settings of payments: from which amount on a second person has to look (M4.12).

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::setting::{self, Setting};
use zg_base::{ActorKind, App, Tx};
use zg_domain::Money;
use zg_web::{Answer, Committed, IfMatch, Json, Result, Staff, View};

use crate::Error;

const KEY: &str = "payments";

/// Settings of payments as they shall be.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePaymentSettings)]
pub(crate) struct Settings {
    /// From this amount on, and in any other currency, a payment by hand is proposed
    /// by one person and approved by another. None: one person is enough.
    #[serde(default)]
    second_person_from: Option<Money>,
}

/// Settings of payments.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentSettings {
    /// From this amount on, and in any other currency, a payment by hand is proposed
    /// by one person and approved by another. None: one person is enough.
    second_person_from: Option<Money>,
    version: i64,
}

impl View for PaymentSettings {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// The settings of payments.
#[utoipa::path(get, path = "/admin/payment-settings", responses((status = 200, body = PaymentSettings)))]
pub(crate) async fn read(State(app): State<App>, _staff: Staff) -> Result<Answer<PaymentSettings>> {
    let Setting { value: Settings { second_person_from }, version } = setting::get(app.read(), KEY).await?;
    Ok(Answer::ok(PaymentSettings { second_person_from, version }).etag(version))
}

/// Changes the settings of payments. `If-Match` is the version that was seen.
#[utoipa::path(put, path = "/admin/payment-settings", params(IfMatch), request_body = Settings, responses((status = 200, body = PaymentSettings)))]
pub(crate) async fn write(
    State(app): State<App>,
    staff: Staff,
    IfMatch(seen): IfMatch,
    Json(asked): Json<Settings>,
) -> Result<Committed<PaymentSettings>> {
    if asked.second_person_from.is_some_and(|from| from.amount < 0) {
        return Err(Error::Field { pointer: "/second_person_from/amount", code: "payment_amount" }.into());
    }
    let tx = app.begin(&staff.actor).await?;
    let before: Setting<Settings> = setting::get(tx.db(), KEY).await?;
    let version = setting::change(&tx, KEY, seen, &asked).await?.ok_or(Error::Changed)?;
    tx.audit("payment.settings", "setting", 0, Some(json!(before.value)), Some(json!(asked))).await?;
    Committed::ok(tx, PaymentSettings { second_person_from: asked.second_person_from, version }).await
}

/// May one person record so much alone? The shop itself always may.
pub(crate) async fn one_is_enough(tx: &Tx, amount: Money) -> Result<(), Error> {
    if tx.actor().kind == ActorKind::System {
        return Ok(());
    }
    let settings: Settings = setting::get(tx.db(), KEY).await?.value;
    match settings.second_person_from {
        Some(from) if from.currency != amount.currency || amount.amount >= from.amount => Err(Error::SecondPerson(from)),
        _ => Ok(()),
    }
}
