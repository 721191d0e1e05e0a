//! An order, to whoever holds its token: how far it is, what it costs and why, how
//! to pay, where its parcels are.

use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};
use zg_domain::Money;
use zg_domain::order::{Fulfilment, Payment, State};
use zg_domain::pricing::Step;
use zg_orders::Error;
use zg_orders::store::{StoreOrder, by_token};
use zg_web::{Problem, Result};

use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;

pub(crate) async fn page(page: Page, Path(token): Path<String>) -> Result<Response> {
    let order = match by_token(page.app(), &token, page.locale()).await {
        Ok(order) => order,
        Err(Error::NotFound) => return Err(Problem::not_found("page_not_found")),
        Err(error) => return Err(error.into()),
    };
    let title = page.say(Text::order).replace("{number}", &order.number);
    let values = context! {
        miles => miles(&order),
        pay_now => pays_ahead(&order),
        steps => steps(&order),
        order => value(&order),
    };
    page.show("order.html", Head::private(title), values).await
}

/// Is the shopper to do something about the money now?
fn pays_ahead(order: &StoreOrder) -> bool {
    let cash = order.payment_method.as_ref().is_some_and(|method| method.kind == "cod");
    order.state != State::Cancelled && order.totals.to_pay.amount > 0 && !cash
}

/// What has been reached on the way.
fn miles(order: &StoreOrder) -> Vec<Value> {
    let confirmed = matches!(order.state, State::Confirmed | State::Completed);
    let sent = matches!(order.fulfilment, Fulfilment::Shipped | Fulfilment::Delivered);
    let paid = matches!(order.payment, Payment::Paid | Payment::Overpaid | Payment::PartRefunded | Payment::Refunded);
    let cash = order.payment_method.as_ref().is_some_and(|method| method.kind == "cod");
    let mut miles = vec![("placed", true), ("confirmed", confirmed), ("shipped", sent), ("completed", order.state == State::Completed)];
    if !cash {
        miles.insert(1, ("paid", paid));
    }
    miles.into_iter().map(|(name, done)| context! { name, done }).collect()
}

/// The steps of the price, in the order's currency.
fn steps(order: &StoreOrder) -> Vec<Value> {
    let currency = order.totals.total.currency;
    let of = |step: &Step| {
        let amount = match step.rule.as_str() {
            "tax_included" => order.totals.tax_included.amount,
            _ if step.before == step.after => step.after,
            _ => step.after - step.before,
        };
        let line = step.line.and_then(|ordinal| order.lines.iter().find(|line| line.ordinal == ordinal));
        context! {
            rule => step.rule.as_str(),
            name => step.name.as_deref(),
            line => line.map(|line| line.name.as_str()),
            amount => value(Money::new(amount, currency)),
            applied => step.applied,
        }
    };
    order.explanation.iter().map(of).collect()
}
