//! What can be refused in this module.

use sea_orm::DbErr;
use serde::Serialize;
use utoipa::ToSchema;
use zg_web::Problem;

/// An order that did not come onto a pick list.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
#[schema(as = PickRefused)]
pub struct Refused {
    /// As sent.
    pub order_id: i64,
    /// Its number; none if there is no such order.
    pub order_number: Option<String>,
    /// `order_not_found`, `order_locked`, `pick_order_state`, `pick_order_taken`, `pick_nothing`.
    pub code: String,
}

/// An error of fulfilment.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such pick list.
    #[error("no such pick list")]
    ListNotFound,
    /// No such parcel.
    #[error("no such shipment")]
    ShipmentNotFound,
    /// The order is not on the list.
    #[error("the order is not on the list")]
    NotOnList,
    /// A field of the request is not as it must be.
    #[error("{pointer}: {code}")]
    Field {
        /// JSON pointer.
        pointer: String,
        /// Why.
        code: &'static str,
    },
    /// None of the orders can be picked.
    #[error("none of the orders can be picked")]
    NothingToPick(Vec<Refused>),
    /// An order came onto another open list meanwhile.
    #[error("an order is on another open list")]
    Taken,
    /// The list is finished or cancelled.
    #[error("the list is {0}")]
    ListClosed(String),
    /// Fewer pieces of it are left on the list.
    #[error("only {left} left to pick")]
    PickTooMany {
        /// The SKU's code.
        sku: String,
        /// What is left.
        left: i64,
    },
    /// Pieces were neither picked nor reported missing.
    #[error("{left} pieces are not picked")]
    Unpicked {
        /// Pieces.
        left: i64,
    },
    /// The order is not confirmed.
    #[error("the order is {0}")]
    OrderState(String),
    /// The line has fewer pieces that can leave.
    #[error("only {left} of line {line} can be shipped")]
    ShipTooMany {
        /// Row of `order_line`.
        line: i64,
        /// The SKU's code.
        sku: String,
        /// What can leave.
        left: i64,
    },
    /// The order is on an open list, and these pieces were not picked.
    #[error("only {left} of line {line} are picked")]
    ShipUnpicked {
        /// Row of `order_line`.
        line: i64,
        /// The SKU's code.
        sku: String,
        /// What was picked and is still here.
        left: i64,
    },
    /// Everything has left already, or nothing was picked.
    #[error("nothing to ship")]
    NothingToShip,
    /// The parcel's state does not allow it.
    #[error("the parcel is {0}")]
    ShipmentState(String),
    /// Changed meanwhile.
    #[error("changed by another writer")]
    Changed,
    /// The order refuses.
    #[error(transparent)]
    Order(#[from] zg_orders::Error),
    /// Stock refuses.
    #[error(transparent)]
    Stock(#[from] zg_inventory::Error),
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl Error {
    pub(crate) fn field(pointer: impl Into<String>, code: &'static str) -> Self {
        Self::Field { pointer: pointer.into(), code }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match zg_db::violated(&error) {
            Some(rule) if rule.constraint == "pick_list_order_open_key" => Self::Taken,
            _ => Self::Base(error.into()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::ListNotFound => Self::not_found("pick_list_not_found"),
            Error::ShipmentNotFound => Self::not_found("shipment_not_found"),
            Error::NotOnList => Self::not_found("pick_order_absent"),
            Error::Field { pointer, code } => Self::unprocessable("invalid").field(pointer, code),
            Error::NothingToPick(refused) => Self::conflict("pick_list_empty").with("refused", refused),
            Error::Taken => Self::conflict("pick_order_taken"),
            Error::ListClosed(state) => Self::conflict("pick_list_closed").with("state", state),
            Error::PickTooMany { sku, left } => Self::conflict("pick_too_many").with("sku", sku).with("left", left),
            Error::Unpicked { left } => Self::conflict("pick_list_unpicked").with("left", left),
            Error::OrderState(state) => Self::conflict("ship_order_state").with("state", state),
            Error::ShipTooMany { line, sku, left } => {
                Self::conflict("ship_too_many").with("line", line).with("sku", sku).with("left", left)
            }
            Error::ShipUnpicked { line, sku, left } => {
                Self::conflict("ship_unpicked").with("line", line).with("sku", sku).with("left", left)
            }
            Error::NothingToShip => Self::conflict("nothing_to_ship"),
            Error::ShipmentState(state) => Self::conflict("shipment_state").with("state", state),
            Error::Changed => Self::precondition_failed("changed"),
            Error::Order(error) => error.into(),
            Error::Stock(error) => error.into(),
            Error::Base(error) => error.into(),
        }
    }
}
