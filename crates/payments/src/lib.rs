//! Payments: the ledger of money that came and went, and the ways to pay.
//!
//! Owns `payment_entry`, `payment_proof`, `payment_proposal` and `payment_method`:
//! nobody else writes them. The importer of past orders calls [`import_entries`].
//!
//! What always holds:
//! * the ledger only grows, and a refund is a line of its own with a negative
//!   amount; the database refuses a change of a line;
//! * a line has a reference that its method knows once, so that the same money is
//!   never recorded twice, however often it is sent;
//! * what an order was paid, and what of it went back, follows from its lines
//!   alone: the writer of a line has the order derive it anew in the same
//!   transaction, while it holds the order's row ([`prove`]).
//!
//! Left out on purpose: money never moves from here. A bank transfer or cash on
//! delivery is given back by hand, and what was done is recorded.

mod actions;
mod entry;
mod error;
mod history;
mod ledger;
mod letter;
mod method;
mod moved_in;
mod paper;
mod proof;
mod proposal;
mod record;
mod refund;
mod settings;
mod text;
mod view;

pub use entry::Kind;
pub use error::Error;
pub use moved_in::{PastPayment, import_entries};
pub use paper::PAPER_LIMIT;
pub use proof::prove;
pub use record::{RecordPayment, record};
pub use refund::{RecordRefund, refund};
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See payments, their proofs and the ways to pay.
    ReadPayments = "payments.read";
    /// Record money that came.
    RecordPayments = "payments.record";
    /// Record money that was given back.
    RefundPayments = "payments.refund";
    /// Change the ways to pay.
    WriteMethods = "payment_methods.write";
}

/// The routes of payments.
pub fn routes() -> Routes {
    Routes::new("payments")
        .problems(include_str!("../problems.toml"))
        .allow::<ReadPayments>(routes!(ledger::handler))
        .allow::<RecordPayments>(routes!(record::handler))
        .allow::<RefundPayments>(routes!(refund::handler))
        .allow::<ReadPayments>(routes!(history::handler))
        .allow::<ReadPayments>(routes!(history::file))
        .allow_upload::<RecordPayments>(PAPER_LIMIT + 64 * 1024, routes!(paper::upload))
        .allow::<ReadPayments>(routes!(paper::download))
        .allow::<ReadPayments>(routes!(proposal::list))
        .allow::<ReadPayments>(routes!(paper::proposed))
        .allow::<RecordPayments>(routes!(proposal::propose))
        .allow::<RecordPayments>(routes!(proposal::approve))
        .allow::<RecordPayments>(routes!(proposal::reject))
        .allow::<ReadPayments>(routes!(settings::read))
        .allow::<WriteMethods>(routes!(settings::write))
        .allow::<ReadPayments>(routes!(method::list))
        .allow::<ReadPayments>(routes!(method::one))
        .allow::<WriteMethods>(routes!(method::handler))
}
