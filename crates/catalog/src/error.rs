//! What can be refused in the catalogue.

use sea_orm::DbErr;
use serde_json::Value;
use zg_web::Problem;

/// An error of the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such category.
    #[error("no such category")]
    CategoryNotFound,
    /// It would be below itself.
    #[error("a category cannot be below itself")]
    CategoryCycle,
    /// Something hangs on it.
    #[error("the category is in use")]
    CategoryInUse,
    /// The code is another's.
    #[error("the category code is taken")]
    CategoryCodeTaken,
    /// No such product, or a draft to a shopper.
    #[error("no such product")]
    ProductNotFound,
    /// The code is another's.
    #[error("the product code is taken")]
    ProductCodeTaken,
    /// Not all that publishing needs.
    #[error("the product is not complete: {}", .0.join(", "))]
    Incomplete(Vec<String>),
    /// Open orders hold it.
    #[error("open orders hold the product")]
    InOrders,
    /// The code is another SKU's, perhaps a deleted one's.
    #[error("the SKU code is taken: {0}")]
    SkuTaken(String),
    /// A field of the product is wrong.
    #[error("{code} at {pointer}")]
    Field {
        /// JSON pointer.
        pointer: String,
        /// Problem code.
        code: &'static str,
    },
    /// Prices in another currency than the price list's.
    #[error("prices are in {0}")]
    Currency(String),
    /// More SKUs than a product has.
    #[error("more than {0} SKUs")]
    TooManySkus(usize),
    /// Somebody else saved first: this is how it stands.
    #[error("changed by another writer")]
    Changed(Option<Box<Value>>),
    /// No such picture.
    #[error("no such picture")]
    MediaNotFound,
    /// Not a picture we take.
    #[error("not a picture")]
    MediaType,
    /// Too large.
    #[error("the picture is too large")]
    MediaTooLarge,
    /// None was sent.
    #[error("no picture was sent")]
    MediaMissing,
    /// A cursor of another list.
    #[error("the cursor is none of this list's")]
    Cursor,
    /// The search index failed.
    #[error("the search index failed")]
    Search(#[from] search::Error),
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
        match zg_db::violated(&error).map(|violation| violation.constraint).as_deref() {
            Some("category_code_key") => Self::CategoryCodeTaken,
            Some("product_code_key") => Self::ProductCodeTaken,
            Some("sku_code_key") => Self::SkuTaken(String::new()),
            _ => Self::Base(error.into()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::CategoryNotFound => Self::not_found("category_not_found"),
            Error::CategoryCycle => Self::conflict("category_cycle"),
            Error::CategoryInUse => Self::conflict("category_in_use"),
            Error::CategoryCodeTaken => Self::unprocessable("invalid").field("/code", "category_code_taken"),
            Error::ProductNotFound => Self::not_found("product_not_found"),
            Error::ProductCodeTaken => Self::unprocessable("invalid").field("/code", "product_code_taken"),
            Error::Incomplete(missing) => Self::conflict("product_incomplete").with("missing", missing.join(", ")),
            Error::InOrders => Self::conflict("product_in_orders"),
            Error::SkuTaken(sku) => Self::unprocessable("invalid").field("/skus", "sku_code_taken").with("sku", sku),
            Error::Field { pointer, code } => Self::unprocessable("invalid").field(pointer, code),
            Error::Currency(currency) => Self::unprocessable("invalid").field("/skus", "price_currency").with("currency", currency),
            Error::TooManySkus(limit) => Self::unprocessable("invalid").field("/skus", "sku_too_many").with("limit", limit),
            Error::Changed(current) => match current {
                Some(current) => Self::precondition_failed("changed").with("current", current),
                None => Self::precondition_failed("changed"),
            },
            Error::MediaNotFound => Self::not_found("media_not_found"),
            Error::MediaType => Self::unsupported_media("media_type"),
            Error::MediaTooLarge => Self::too_large("media_too_large").with("limit", crate::MEDIA_LIMIT / 1024 / 1024),
            Error::MediaMissing => Self::unprocessable("media_missing"),
            Error::Cursor => Self::bad_request("cursor_invalid"),
            Error::Search(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the search index failed");
                Self::unavailable("busy").retry_after(1)
            }
            Error::Base(error) => error.into(),
        }
    }
}
