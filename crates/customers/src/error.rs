//! What can be refused in this module.

use sea_orm::DbErr;
use zg_db::{ViolationKind, violated};
use zg_web::Problem;

/// An error of customers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such customer, or not one's own.
    #[error("no such customer")]
    NotFound,
    /// No such address of this customer.
    #[error("no such address")]
    AddressNotFound,
    /// The customer has as many addresses as may be.
    #[error("at most {most} addresses")]
    AddressMost {
        /// How many there may be.
        most: u64,
    },
    /// The cursor was not given by this list.
    #[error("not a cursor of this list")]
    Cursor,
    /// No such note of this customer.
    #[error("no such note")]
    NoteNotFound,
    /// No such tag.
    #[error("no such tag")]
    TagNotFound,
    /// A tag has that name.
    #[error("a tag has that name")]
    TagTaken,
    /// Another customer has the e-mail address.
    #[error("another customer has the e-mail address")]
    EmailTaken,
    /// Another customer has the code.
    #[error("another customer has the code")]
    CodeTaken,
    /// A field of the body is not right.
    #[error("{pointer} is not right: {code}")]
    Field {
        /// Its JSON pointer.
        pointer: &'static str,
        /// The problem's code.
        code: &'static str,
    },
    /// The customer was merged into another.
    #[error("merged into customer {into}")]
    Merged {
        /// The one that took it in.
        into: i64,
    },
    /// The customer's data was erased.
    #[error("the customer's data was erased")]
    Erased,
    /// A customer can't be merged with itself.
    #[error("a customer can't be merged with itself")]
    MergeSelf,
    /// The link was used before, is too old, or was never given.
    #[error("the link is not good")]
    Link,
    /// Too many tries: wait.
    #[error("too many tries")]
    TooMany,
    /// Address or password are not right.
    #[error("address or password are not right")]
    SignIn,
    /// Changed meanwhile.
    #[error("changed by another writer")]
    Changed,
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let taken = violated(&error).filter(|rule| rule.kind == ViolationKind::Unique);
        match taken.as_ref().map(|rule| rule.constraint.as_str()) {
            Some("customer_email_key") => Self::EmailTaken,
            Some("customer_code_key") => Self::CodeTaken,
            Some("tag_name_key") => Self::TagTaken,
            _ => Self::Base(error.into()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("customer_not_found"),
            Error::AddressNotFound => Self::not_found("customer_address_not_found"),
            Error::AddressMost { most } => Self::conflict("customer_address_most").with("most", most),
            Error::Cursor => Self::bad_request("cursor_invalid"),
            Error::NoteNotFound => Self::not_found("customer_note_not_found"),
            Error::TagNotFound => Self::not_found("tag_not_found"),
            Error::TagTaken => Self::conflict("tag_taken").field("/name", "tag_taken"),
            Error::EmailTaken => Self::conflict("customer_email_taken").field("/email", "customer_email_taken"),
            Error::CodeTaken => Self::conflict("customer_code_taken").field("/code", "customer_code_taken"),
            Error::Field { pointer, code } => Self::unprocessable("invalid").field(pointer, code),
            Error::Merged { into } => Self::conflict("customer_merged").with("into", into),
            Error::Erased => Self::gone("customer_erased"),
            Error::MergeSelf => Self::unprocessable("invalid").field("/into", "customer_merge_self"),
            Error::Link => Self::gone("account_link_invalid"),
            Error::TooMany => Self::too_many("too_many_attempts").retry_after(900),
            Error::SignIn => Self::unauthorized("sign_in_failed"),
            Error::Changed => Self::precondition_failed("changed"),
            Error::Base(error) => error.into(),
        }
    }
}
