//! What the shop wants done by itself.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::App;
use zg_base::setting::{self, Setting};
use zg_web::{Answer, Committed, IfMatch, Json, Result, Staff, View};

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

/// What the shop shall do by itself with orders.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeOrderSettings {
    auto_confirm: AutoConfirm,
}

/// What the shop does by itself with orders.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderSettings {
    auto_confirm: AutoConfirm,
    version: i64,
}

impl View for OrderSettings {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What the shop does by itself with orders.
#[utoipa::path(get, path = "/admin/orders/settings", responses((status = 200, body = OrderSettings)))]
pub(crate) async fn read(State(app): State<App>) -> Result<Answer<OrderSettings>> {
    let Setting { value: auto_confirm, version } = setting::get(app.read(), AUTO_CONFIRM).await?;
    Ok(Answer::ok(OrderSettings { auto_confirm, version }).etag(version))
}

/// Says what the shop is to do by itself with orders. `If-Match` is the version that was seen.
#[utoipa::path(put, path = "/admin/orders/settings", params(IfMatch), request_body = ChangeOrderSettings, responses((status = 200, body = OrderSettings)))]
pub(crate) async fn write(
    State(app): State<App>,
    staff: Staff,
    IfMatch(seen): IfMatch,
    Json(asked): Json<ChangeOrderSettings>,
) -> Result<Committed<OrderSettings>> {
    let tx = app.begin(&staff.actor).await?;
    let before: Setting<AutoConfirm> = setting::get(tx.db(), AUTO_CONFIRM).await?;
    let version = setting::change(&tx, AUTO_CONFIRM, seen, &asked.auto_confirm).await?.ok_or(Error::Changed)?;
    let told = |value: AutoConfirm| serde_json::to_value(value).map_err(|error| Error::Base(error.into()));
    tx.audit("order.settings", "setting", 0, Some(told(before.value)?), Some(told(asked.auto_confirm)?)).await?;
    Committed::ok(tx, OrderSettings { auto_confirm: asked.auto_confirm, version }).await
}
