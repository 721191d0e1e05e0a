//! What can be refused in this module.

use sea_orm::DbErr;
use zg_db::ViolationKind;
use zg_domain::Money;
use zg_domain::order::{CancelRefusal, Check, Refused, State, allowed};
use zg_inventory::Short;
use zg_web::Problem;

use crate::lock::OrderLock;

/// An error of carts and orders.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such order.
    #[error("no such order")]
    NotFound,
    /// The order's state does not allow the command.
    #[error(transparent)]
    State(#[from] Refused),
    /// Cancelling was refused.
    #[error("cancelling was refused")]
    Cancel(CancelRefusal),
    /// A reason that is none of the list.
    #[error("no such reason")]
    Reason,
    /// Something must be said why.
    #[error("a reason is missing")]
    ReasonMissing,
    /// A colleague, or the shop itself, holds the order.
    #[error("locked by {}", .0.name)]
    Locked(OrderLock),
    /// Only people hold orders.
    #[error("only a member of staff can lock")]
    LockStaffOnly,
    /// Not so short, not so long.
    #[error("from 1 to {most} minutes")]
    LockMinutes {
        /// The longest.
        most: u16,
    },
    /// Another writer came first.
    #[error("changed by another writer")]
    Changed,
    /// Checks before picking failed.
    #[error("{} checks failed", .0.len())]
    Checks(Vec<Check>),
    /// On an open pick list.
    #[error("the order is on an open pick list")]
    Picking,
    /// Pieces are still here, or money is still due.
    #[error("the order is not done")]
    NotDone {
        /// Pieces still to leave.
        open: i64,
        /// Still to be paid.
        to_pay: Money,
    },
    /// A line has not so many pieces that could go that way.
    #[error("line {line} has not so many pieces")]
    Pieces {
        /// Row of `order_line`.
        line: i64,
    },
    /// Not so few, not so many pieces.
    #[error("from 1 to {most} pieces")]
    Quantity {
        /// The most.
        most: i64,
    },
    /// Too many at once, or none.
    #[error("from 1 to {most} at a time")]
    Many {
        /// The most.
        most: usize,
        /// JSON pointer of the list.
        pointer: &'static str,
    },
    /// A field is wrong.
    #[error("{code} at {pointer}")]
    Field {
        /// JSON pointer.
        pointer: String,
        /// Problem code.
        code: &'static str,
    },
    /// Fields are wrong: JSON pointer and problem code of each.
    #[error("{} fields are wrong", .0.len())]
    Fields(Vec<(String, &'static str)>),
    /// No such cart.
    #[error("no such cart")]
    CartNotFound,
    /// The cart has become an order.
    #[error("the cart was ordered")]
    CartOrdered {
        /// The order's number.
        number: String,
        /// The order's token.
        token: String,
    },
    /// What can be chosen depends on the address.
    #[error("the address is missing")]
    CartAddressFirst,
    /// No such line of the cart.
    #[error("no such line")]
    CartLineNotFound,
    /// Something is missing before checkout.
    #[error("missing: {}", .0.join(", "))]
    CartIncomplete(Vec<&'static str>),
    /// Some of it is not sold, or not so.
    #[error("not for sale: {}", .0.join(", "))]
    NotForSale(Vec<String>),
    /// It costs something else than the shopper saw.
    #[error("the total has changed")]
    TotalChanged(Money),
    /// Not enough in stock.
    #[error("not enough stock of {} SKUs", .0.len())]
    OutOfStock(Vec<Short>),
    /// A stored value is not one of ours.
    #[error("{0} is not as it was written")]
    Stored(&'static str),
    /// An amount beyond what is reckoned with.
    #[error("an amount is too large")]
    TooLarge,
    /// Stock.
    #[error(transparent)]
    Inventory(zg_inventory::Error),
    /// Catalogue.
    #[error(transparent)]
    Catalog(#[from] zg_catalog::Error),
    /// Customers.
    #[error(transparent)]
    Customers(#[from] zg_customers::Error),
    /// Shipping.
    #[error(transparent)]
    System(#[from] zg_system::Error),
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl Error {
    pub(crate) fn field(pointer: impl Into<String>, code: &'static str) -> Self {
        Self::Field { pointer: pointer.into(), code }
    }

    /// Would the same once more perhaps succeed? Another transaction came first, or
    /// the number that was drawn is another order's.
    pub(crate) fn passing(&self) -> bool {
        let db = match self {
            Self::Base(zg_base::Error::Db(error))
            | Self::Inventory(zg_inventory::Error::Base(zg_base::Error::Db(error)))
            | Self::Customers(zg_customers::Error::Base(zg_base::Error::Db(error))) => error,
            // The shopper's cart, or a number in stock, was written by another request meanwhile.
            Self::Changed | Self::Inventory(zg_inventory::Error::Changed) => return true,
            _ => return false,
        };
        zg_db::violated(db)
            .is_some_and(|violation| violation.kind == ViolationKind::Serialization || violation.constraint == "orders_number_key")
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Base(error.into())
    }
}

impl From<zg_inventory::Error> for Error {
    fn from(error: zg_inventory::Error) -> Self {
        match error {
            zg_inventory::Error::OutOfStock(short) => Self::OutOfStock(short),
            other => Self::Inventory(other),
        }
    }
}

impl From<CancelRefusal> for Error {
    fn from(refusal: CancelRefusal) -> Self {
        match refusal {
            CancelRefusal::State(refused) => Self::State(refused),
            CancelRefusal::Picking => Self::Picking,
            other @ (CancelRefusal::Shipped(_) | CancelRefusal::Quantity(_)) => Self::Cancel(other),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("order_not_found"),
            Error::State(refused) | Error::Cancel(CancelRefusal::State(refused)) => order_state(refused.state),
            Error::Cancel(CancelRefusal::Shipped(line)) => Self::conflict("order_shipped").with("line", line),
            Error::Cancel(CancelRefusal::Quantity(line)) => Self::conflict("order_line_open").with("line", line),
            Error::Picking | Error::Cancel(CancelRefusal::Picking) => Self::conflict("order_picking"),
            Error::Reason => Self::unprocessable("invalid").field("/reason", "order_reason_unknown"),
            Error::ReasonMissing => Self::unprocessable("invalid").field("/reason", "required"),
            Error::Locked(lock) => {
                Self::locked("order_locked").with("locked_by", lock.name).with("locked_until", lock.until).with("reason", lock.reason)
            }
            Error::LockStaffOnly => Self::forbidden("order_lock_staff"),
            Error::LockMinutes { most } => Self::unprocessable("invalid").field("/minutes", "order_lock_minutes").with("most", most),
            Error::Changed => Self::precondition_failed("changed"),
            Error::Checks(checks) => Self::conflict("order_checks").with("checks", checks),
            Error::NotDone { open, to_pay } => Self::conflict("order_not_done")
                .with("open", open)
                .with("to_pay", to_pay)
                .with("amount", format!("{} {}", to_pay.currency, to_pay.to_decimal())),
            Error::Pieces { line } => Self::conflict("order_line_pieces").with("line", line),
            Error::Quantity { most } => Self::unprocessable("invalid").field("/quantity", "cart_quantity").with("most", most),
            Error::Many { most, pointer } => Self::unprocessable("invalid").field(pointer, "order_too_many").with("most", most),
            Error::Field { pointer, code } => Self::unprocessable("invalid").field(pointer, code),
            Error::Fields(fields) => {
                fields.into_iter().fold(Self::unprocessable("invalid"), |problem, (pointer, code)| problem.field(pointer, code))
            }
            Error::CartNotFound => Self::not_found("cart_not_found"),
            Error::CartOrdered { number, token } => Self::conflict("cart_ordered").with("number", number).with("token", token),
            Error::CartAddressFirst => Self::conflict("cart_address_first"),
            Error::CartLineNotFound => Self::not_found("cart_line_not_found"),
            Error::CartIncomplete(missing) => Self::conflict("cart_incomplete").with("missing", missing),
            Error::NotForSale(skus) => Self::conflict("cart_not_for_sale").with("skus", skus),
            Error::TotalChanged(total) => Self::conflict("cart_total_changed")
                .with("total", total)
                .with("amount", format!("{} {}", total.currency, total.to_decimal())),
            Error::OutOfStock(short) => Self::conflict("out_of_stock").with("left", short),
            Error::TooLarge => Self::unprocessable("cart_too_large"),
            Error::Stored(what) => {
                tracing::error!(what, "a stored value can't be read");
                Self::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
            Error::Inventory(error) => error.into(),
            Error::Catalog(error) => error.into(),
            Error::Customers(error) => error.into(),
            Error::System(error) => error.into(),
            Error::Base(error) => error.into(),
        }
    }
}

fn order_state(state: State) -> Problem {
    Problem::conflict("order_state").with("state", state).with("allowed", allowed(state))
}
