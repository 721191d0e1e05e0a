//! What the shop wants done by itself.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, setting};
use zg_web::{Answer, Committed, Json, Result, Staff, View};

use crate::Error;

/// The setting's key.
pub(crate) const AUTO_CONFIRM: &str = "orders.auto_confirm";

/// Which orders are confirmed without anybody's doing (M4.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AutoConfirm {
    /// None.
    #[default]
    Off,
    /// Those that become paid and pass every check.
    Paid,
}

/// What the shop does by itself with orders.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderSettings {
    auto_confirm: AutoConfirm,
}

impl View for OrderSettings {}

/// What the shop does by itself with orders.
#[utoipa::path(get, path = "/admin/orders/settings", responses((status = 200, body = OrderSettings)))]
pub(crate) async fn read(State(app): State<App>) -> Result<Answer<OrderSettings>> {
    let auto_confirm = setting::get(app.read(), AUTO_CONFIRM).await?.unwrap_or_default();
    Ok(Answer::ok(OrderSettings { auto_confirm }))
}

/// Says what the shop is to do by itself with orders.
#[utoipa::path(put, path = "/admin/orders/settings", request_body = OrderSettings, responses((status = 200, body = OrderSettings)))]
pub(crate) async fn write(State(app): State<App>, staff: Staff, Json(asked): Json<OrderSettings>) -> Result<Committed<OrderSettings>> {
    let tx = app.begin(&staff.actor).await?;
    let before: AutoConfirm = setting::get(tx.db(), AUTO_CONFIRM).await?.unwrap_or_default();
    setting::put(&tx, AUTO_CONFIRM, &asked.auto_confirm).await?;
    let told = |value: AutoConfirm| serde_json::to_value(value).map_err(|error| Error::Base(error.into()));
    tx.audit("order.settings", "setting", 0, Some(told(before)?), Some(told(asked.auto_confirm)?)).await?;
    Committed::ok(tx, asked).await
}
