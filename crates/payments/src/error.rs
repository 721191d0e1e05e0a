//! What can be refused in this module.

use sea_orm::DbErr;
use zg_db::{ViolationKind, violated};
use zg_domain::{Currency, Money};
use zg_web::Problem;

/// An error of payments.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such way to pay.
    #[error("no such payment method")]
    MethodNotFound,
    /// No such line of the ledger, or it has no proof.
    #[error("no such proof of payment")]
    PaperNotFound,
    /// A field of the request is not as it must be.
    #[error("{pointer}: {code}")]
    Field {
        /// JSON pointer.
        pointer: &'static str,
        /// Why.
        code: &'static str,
    },
    /// The amount is in another currency than the order.
    #[error("the order is in {0}")]
    Currency(Currency),
    /// The method knows this reference, of other money.
    #[error("the reference was used before")]
    ReferenceTaken {
        /// The order it stands with.
        order: Option<String>,
    },
    /// The order was called off.
    #[error("the order is cancelled")]
    Cancelled,
    /// The order was not placed yet.
    #[error("the order is a draft")]
    Draft,
    /// More is to be given back than was kept.
    #[error("only {} was kept", .0.amount)]
    RefundTooMuch(Money),
    /// From this amount on a second person has to look.
    #[error("two people have to look from {} on", .0.amount)]
    SecondPerson(Money),
    /// No such proposal.
    #[error("no such proposal")]
    ProposalNotFound,
    /// The proposal was decided before.
    #[error("the proposal is {0}")]
    Decided(String),
    /// Who proposed it can't approve it.
    #[error("the same person")]
    SamePerson,
    /// The file holds nothing we take as a proof.
    #[error("neither PDF nor PNG nor JPEG")]
    PaperType,
    /// The file is larger than [`crate::PAPER_LIMIT`].
    #[error("the file is too large")]
    PaperTooLarge,
    /// No file came.
    #[error("no file came")]
    PaperMissing,
    /// Changed meanwhile.
    #[error("changed by another writer")]
    Changed,
    /// A stored value is not as it must be.
    #[error("stored: {0}")]
    Stored(&'static str),
    /// The order refuses.
    #[error(transparent)]
    Order(#[from] zg_orders::Error),
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match violated(&error) {
            Some(rule) if rule.kind == ViolationKind::Unique && rule.constraint == "payment_entry_reference_key" => {
                Self::ReferenceTaken { order: None }
            }
            _ => Self::Base(error.into()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::MethodNotFound => Self::not_found("payment_method_not_found"),
            Error::PaperNotFound => Self::not_found("payment_proof_not_found"),
            Error::Field { pointer, code } => Self::unprocessable("invalid").field(pointer, code),
            Error::Currency(expected) => {
                Self::unprocessable("invalid").field("/amount/currency", "payment_currency").with("expected", expected)
            }
            Error::ReferenceTaken { order } => {
                Self::conflict("payment_reference_taken").with("order", order.unwrap_or_else(|| "?".to_owned()))
            }
            Error::Cancelled => Self::conflict("payment_order_cancelled"),
            Error::Draft => Self::conflict("payment_order_draft"),
            Error::RefundTooMuch(kept) => {
                Self::conflict("refund_too_much").with("kept", kept).with("left", format!("{} {}", kept.to_decimal(), kept.currency))
            }
            Error::SecondPerson(from) => Self::conflict("payment_second_person")
                .with("from", from)
                .with("amount", format!("{} {}", from.to_decimal(), from.currency)),
            Error::ProposalNotFound => Self::not_found("payment_proposal_not_found"),
            Error::Decided(state) => Self::conflict("payment_decided").with("state", state),
            Error::SamePerson => Self::conflict("payment_same_person"),
            Error::PaperType => Self::unsupported_media("payment_proof_type"),
            Error::PaperTooLarge => Self::too_large("payment_proof_too_large"),
            Error::PaperMissing => Self::unprocessable("invalid").field("/file", "payment_proof_missing"),
            Error::Changed => Self::precondition_failed("changed"),
            Error::Stored(what) => {
                tracing::error!(what, "a stored value is not as it must be");
                Self::new(http::StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
            Error::Order(error) => error.into(),
            Error::Base(error) => error.into(),
        }
    }
}
