//! What is told live about customers: only ids, so that nothing personal stays in the log.

use serde::Serialize;
use zg_base::Event;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Serialize)]
        pub(crate) struct $name {
            /// Row of `customer`.
            pub(crate) id: i64,
        }

        impl Event for $name {
            const TOPIC: &'static str = "customers.read";
            const KIND: &'static str = $kind;

            fn entity_id(&self) -> Option<i64> {
                Some(self.id)
            }
        }
    )* };
}

events! {
    /// A customer was made.
    CustomerCreated = "customer.created";
    /// A customer was changed.
    CustomerChanged = "customer.changed";
    /// A customer was merged into another.
    CustomerMerged = "customer.merged";
    /// A customer's data was erased.
    CustomerErased = "customer.erased";
}
