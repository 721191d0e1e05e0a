//! What can be refused in this module.

use sea_orm::DbErr;
use serde::Serialize;
use utoipa::ToSchema;
use zg_web::Problem;

/// A SKU of which there is not enough.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct Short {
    /// Row of `sku`.
    #[serde(skip)]
    pub sku_id: i64,
    /// Its code.
    pub sku: String,
    /// How many were asked for.
    pub wanted: i64,
    /// How many can be had.
    pub left: i64,
}

/// An error of stock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not enough of these.
    #[error("not enough stock of {} SKUs", .0.len())]
    OutOfStock(Vec<Short>),
    /// The order's line holds less than is to be moved.
    #[error("order line {line} holds too little")]
    NotHeld {
        /// Row of `order_line`.
        line: i64,
    },
    /// No such SKU.
    #[error("no such SKU")]
    SkuUnknown,
    /// No such warehouse.
    #[error("no such warehouse")]
    WarehouseUnknown,
    /// More would be reserved and held than is there.
    #[error("the stock would be negative")]
    Negative {
        /// What is free.
        left: i64,
    },
    /// A number below zero where none may be.
    #[error("{0} is below zero")]
    BelowZero(&'static str),
    /// A shelf's name is longer than 64 characters.
    #[error("a bin has at most 64 characters")]
    BinTooLong,
    /// Too many lines, or none.
    #[error("from 1 to {limit} lines")]
    Lines {
        /// The most there may be.
        limit: usize,
    },
    /// Changed meanwhile.
    #[error("changed by another writer")]
    Changed,
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Base(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::OutOfStock(shortages) => Self::conflict("out_of_stock").with("shortages", shortages),
            Error::NotHeld { line } => Self::conflict("stock_not_held").with("line", line),
            Error::SkuUnknown => Self::not_found("stock_sku_unknown"),
            Error::WarehouseUnknown => Self::not_found("stock_warehouse_unknown"),
            Error::Negative { left } => Self::conflict("stock_negative").with("left", left),
            Error::BelowZero(field) => Self::unprocessable("invalid").field(format!("/{field}"), "stock_below_zero"),
            Error::BinTooLong => Self::unprocessable("invalid").field("/bin", "too_long"),
            Error::Lines { limit } => Self::unprocessable("invalid").field("/lines", "stock_lines").with("limit", limit),
            Error::Changed => Self::precondition_failed("changed"),
            Error::Base(error) => error.into(),
        }
    }
}
