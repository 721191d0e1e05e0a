//! Who acts: a member of staff, an API key, a shopper, a guest, or the system itself.

use std::net::IpAddr;

use crate::idempotency::IdempotencyKey;

/// What kind of somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A member of staff, signed in to the console.
    Staff,
    /// A program with an API key.
    ApiKey,
    /// A shopper who has signed in.
    Shopper,
    /// A shopper who has not.
    Guest,
    /// The shop itself: a task, an import, the command line.
    System,
}

impl ActorKind {
    /// The name the ledgers store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::ApiKey => "api_key",
            Self::Shopper => "shopper",
            Self::Guest => "guest",
            Self::System => "system",
        }
    }
}

/// Who asks for a change; written into every ledger entry and audit line.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The kind of actor.
    pub kind: ActorKind,
    /// Row id of the staff member, key or customer.
    pub id: Option<i64>,
    /// A name people recognise.
    pub name: String,
    /// The address the request came from.
    pub ip: Option<IpAddr>,
    /// The request, to find its log lines.
    pub request_id: Option<String>,
    /// The `Idempotency-Key` of the request, spent by the first [`crate::App::begin`].
    pub idempotency: Option<IdempotencyKey>,
}

impl Actor {
    /// The shop itself, under the name of what it is doing (`"order expiry"`).
    pub fn system(name: &str) -> Self {
        Self { kind: ActorKind::System, id: None, name: name.to_owned(), ip: None, request_id: None, idempotency: None }
    }

    /// The same actor without its idempotency key: for the further
    /// transactions of a request that needs several.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { idempotency: None, ..self.clone() }
    }

    /// The id of the staff member, if it is one.
    pub fn staff_id(&self) -> Option<i64> {
        if self.kind == ActorKind::Staff { self.id } else { None }
    }
}
