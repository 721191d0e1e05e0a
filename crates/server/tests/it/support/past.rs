//! Orders of another shop, moved in: placed on a day of one's choice, paid and delivered.

use chrono::{Duration, NaiveDate};
use zg_base::Actor;
use zg_domain::{Money, time};
use zg_fulfilment::{PastShipment, import_shipments};
use zg_orders::moved_in::{PastLine, PastOrder, move_in};
use zg_payments::{PastPayment, import_entries};

use super::TestApp;

/// An order of another shop.
#[derive(Clone)]
pub(crate) struct Past(PastOrder);

impl Past {
    /// In CNY, at noon of a day.
    pub(crate) fn new(number: &str, day: &str) -> Self {
        let placed_on: NaiveDate = day.parse().expect("a day");
        Self(PastOrder {
            number: number.to_owned(),
            placed_at: time::start_of(placed_on, chrono_tz::Asia::Shanghai) + Duration::hours(12),
            placed_on,
            customer_id: None,
            name: "Wanda".to_owned(),
            phone: None,
            email: None,
            address: None,
            shipping: None,
            currency: "CNY".parse().expect("a currency"),
            lines: Vec::new(),
        })
    }

    pub(crate) fn of(mut self, customer_id: i64) -> Self {
        self.0.customer_id = Some(customer_id);
        self
    }

    pub(crate) fn currency(mut self, code: &str) -> Self {
        self.0.currency = code.parse().expect("a currency");
        self
    }

    /// A line of a category (id and name), at list price less a discount, in minor units.
    pub(crate) fn line(mut self, sku: &str, category: Option<(i64, &str)>, quantity: i64, list: i64, discount: i64) -> Self {
        self.0.lines.push(PastLine {
            sku_id: None,
            sku: sku.to_owned(),
            name: format!("The {sku}"),
            options: None,
            category_id: category.map(|(id, _)| id),
            category_name: category.map(|(_, name)| name.to_owned()),
            file_id: None,
            weight_g: 100,
            quantity,
            list,
            discount,
            total: list * quantity - discount,
        });
        self
    }
}

impl TestApp {
    /// Moves orders in, with their payments and parcels; says their ids.
    pub(crate) async fn move_in(&self, orders: &[Past]) -> Vec<i64> {
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let past: Vec<PastOrder> = orders.iter().map(|order| order.0.clone()).collect();
        let moved = move_in(&tx, &past).await.expect("orders");
        let (mut payments, mut parcels) = (Vec::new(), Vec::new());
        for (order, here) in past.iter().zip(&moved) {
            payments.push(PastPayment {
                order_id: here.order_id,
                method: "import".to_owned(),
                amount: Money::new(order.total(), order.currency),
                reference: order.number.clone(),
                at: order.placed_at,
            });
            parcels.push(PastShipment {
                order_id: here.order_id,
                number: order.number.clone(),
                carrier_id: None,
                tracking_number: None,
                at: order.placed_at,
                lines: here.lines.iter().copied().zip(order.lines.iter().map(|line| line.quantity)).collect(),
            });
        }
        import_entries(&tx, &payments).await.expect("payments");
        import_shipments(&tx, &parcels).await.expect("parcels");
        tx.commit().await.expect("a commit");
        moved.into_iter().map(|order| order.order_id).collect()
    }
}
