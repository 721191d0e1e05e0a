//! What is told live about orders, on the topic `orders.read`.

use serde::Serialize;
use zg_base::Event;
use zg_db::entity::order;

/// How an order stands.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Standing {
    id: i64,
    number: String,
    state: String,
    payment: String,
    fulfilment: String,
}

impl From<&order::Model> for Standing {
    fn from(row: &order::Model) -> Self {
        Self {
            id: row.id,
            number: row.number.clone(),
            state: row.state.clone(),
            payment: row.payment_state.clone(),
            fulfilment: row.fulfilment_state.clone(),
        }
    }
}

macro_rules! events {
    ($($name:ident = $kind:literal;)*) => { $(
        #[derive(Clone, Debug, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) Standing);

        impl Event for $name {
            const TOPIC: &'static str = "orders.read";
            const KIND: &'static str = $kind;

            fn entity_id(&self) -> Option<i64> {
                Some(self.0.id)
            }
        }
    )* };
}
events! {
    OrderPlaced = "order.placed";
    OrderChanged = "order.changed";
    OrderPaid = "order.paid";
    OrderConfirmed = "order.confirmed";
    OrderCancelled = "order.cancelled";
    OrderShipped = "order.shipped";
    OrderCompleted = "order.completed";
}
