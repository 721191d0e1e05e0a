//! One's own orders.

use axum::extract::Query;
use axum::response::Response;
use minijinja::context;
use serde::Deserialize;
use zg_customers::shopper;
use zg_web::{Limit, Result};

use super::Member;
use crate::page::Head;
use crate::template::value;
use crate::text::Text;

#[derive(Deserialize)]
pub(crate) struct Part {
    cursor: Option<String>,
}

pub(crate) async fn page(Member { page, shopper }: Member, Query(part): Query<Part>) -> Result<Response> {
    let found = shopper::orders(page.app().read(), shopper.customer_id, part.cursor.as_deref(), Limit::new(20)).await?;
    let values = context! {
        here_in => "orders",
        orders => value(&found.data),
        next => found.meta.next_cursor,
        further => part.cursor.is_some(),
    };
    page.show("account/orders.html", Head::private(page.say(Text::account_orders)), values).await
}
