//! The glue between axum and the base: how a module's operations become an API.
//!
//! What always holds:
//! * a route states who may call it, and that one statement checks the session
//!   or key, the right and CSRF, and writes the OpenAPI document ([`Routes`]);
//! * a handler that changes something answers with [`Committed`], which only a
//!   commit makes;
//! * every error leaves as `application/problem+json` with a stable `code` and
//!   a `detail` in the reader's language that says what to do ([`Problem`]).

mod answer;
mod api;
mod compress;
mod extract;
mod file;
mod finish;
mod guard;
mod limits;
mod live;
mod locale;
mod page;
mod patch;
mod problem;
mod routes;

pub use answer::{Answer, Attachment, Committed, View};
pub use api::{Api, ApiConfig, Operation};
pub use extract::{IfMatch, Json, Path, Query};
pub use finish::{Meta, TrustedProxies};
pub use guard::{
    Rights, SHOPPER_COOKIE, STAFF_COOKIE, Shopper, Staff, Visitor, cookie_of, csrf_of, guest, same_site, session_cookie, shopper_of_page,
};
pub use locale::Lang;
pub use page::{COUNT_LIMIT, Cursor, Limit, Page, PageMeta};
pub use patch::Patch;
pub use problem::{FieldError, Problem, Texts};
pub use routes::{Routes, Who};

/// What a handler returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;
