//! The dashboard (M1.1 to M1.4, as far as there is something to count).

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_catalog::ReadCatalog;
use zg_customers::ReadCustomers;
use zg_inventory::ReadStock;
use zg_orders::ReadOrders;
use zg_web::{Answer, Lang, Result, Staff};

use crate::badges;
use crate::customers::{self, CustomerKpis};
use crate::orders::{self, OrderKpis};
use crate::products::{self, ProductKpis};
use crate::window::pairs;

/// How the shop is doing. A part that one's rights do not reach is absent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dashboard {
    /// When this was counted.
    at: DateTime<Utc>,
    /// The shop's day.
    today: NaiveDate,
    /// The zone in which its days begin.
    time_zone: String,
    orders: Option<OrderKpis>,
    products: Option<ProductKpis>,
    stock: Option<StockKpis>,
    customers: Option<CustomerKpis>,
}

/// Stock, each number the length of a list (M1.4).
#[derive(Serialize, ToSchema)]
pub(crate) struct StockKpis {
    /// SKUs at or below their minimum in a warehouse: `/stock?level=low`.
    low: i64,
    /// SKUs of which nothing is free: `/stock?level=out`.
    out: i64,
}

/// The dashboard, as far as one's rights reach.
#[utoipa::path(get, path = "/admin/dashboard", responses((status = 200, body = Dashboard)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, Lang(locale): Lang) -> Result<Answer<Dashboard>> {
    let (today, zone) = (app.today(), app.shop().time_zone);
    let pairs = pairs(today, zone);
    let rights = &staff.rights;
    let orders = if rights.allows::<ReadOrders>() { Some(orders::of(&app, &pairs).await?) } else { None };
    let products = if rights.allows::<ReadCatalog>() { Some(products::of(&app, &pairs, locale).await?) } else { None };
    let stock = if rights.allows::<ReadStock>() {
        Some(StockKpis { low: badges::low(app.read()).await?, out: badges::out(app.read()).await? })
    } else {
        None
    };
    let customers = if rights.allows::<ReadCustomers>() { Some(customers::of(&app, &pairs).await?) } else { None };
    Ok(Answer::ok(Dashboard { at: app.now(), today, time_zone: zone.name().to_owned(), orders, products, stock, customers }))
}
