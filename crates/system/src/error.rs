//! What can be refused in this module.

use sea_orm::DbErr;
use zg_web::Problem;

/// An error of people, roles, keys.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such administrator.
    #[error("no such administrator")]
    StaffNotFound,
    /// No such role.
    #[error("no such role")]
    RoleNotFound,
    /// No such key.
    #[error("no such API key")]
    KeyNotFound,
    /// The address belongs to another.
    #[error("the e-mail address is in use")]
    EmailTaken,
    /// The address is none.
    #[error("the e-mail address is not valid")]
    EmailInvalid,
    /// The name belongs to another role.
    #[error("the role's name is in use")]
    RoleNameTaken,
    /// Somebody holds the role.
    #[error("the role is in use")]
    RoleInUse,
    /// Nobody with all rights would be left.
    #[error("the last administrator with all rights")]
    LastSuper,
    /// No route states this right.
    #[error("no such right: {0}")]
    RightUnknown(String),
    /// Keys never hold this right.
    #[error("not for keys: {0}")]
    NotForKeys(String),
    /// More than one holds oneself.
    #[error("beyond one's own rights: {0}")]
    BeyondOwn(String),
    /// Disabled: may not sign in.
    #[error("the administrator is disabled")]
    StaffDisabled,
    /// There is no second factor to turn off.
    #[error("the second factor is off")]
    SecondFactorOff,
    /// Unknown, used or too old.
    #[error("the link is of no use any more")]
    Link,
    /// Longer than any password need be.
    #[error("the password is too long")]
    PasswordLong,
    /// Too short to be safe.
    #[error("the password is too short")]
    PasswordShort,
    /// No such carrier.
    #[error("no such carrier")]
    CarrierNotFound,
    /// No such shipping method.
    #[error("no such shipping method")]
    MethodNotFound,
    /// No such zone.
    #[error("no such zone")]
    ZoneNotFound,
    /// A method or a parcel names the carrier.
    #[error("the carrier is in use")]
    CarrierInUse,
    /// An order was shipped by the method.
    #[error("the shipping method is in use")]
    MethodInUse,
    /// A rate names the zone.
    #[error("the zone is in use")]
    ZoneInUse,
    /// No such view, or another's.
    #[error("no such view")]
    ViewNotFound,
    /// Enough for one list.
    #[error("too many views of one list")]
    ViewsFull,
    /// Views may not be shared.
    #[error("no right to share views")]
    ShareForbidden,
    /// No such mail.
    #[error("no such mail")]
    MailNotFound,
    /// Mails do not stand so.
    #[error("no such state of a mail: {0}")]
    MailStateUnknown(String),
    /// No such call of a task.
    #[error("no such call")]
    CallNotFound,
    /// The call stands otherwise.
    #[error("the call stands otherwise")]
    CallState(&'static str),
    /// Calls do not stand so.
    #[error("no such state of a call: {0}")]
    CallStateUnknown(String),
    /// No such entry of the schedule.
    #[error("no such entry of the schedule")]
    EntryNotFound,
    /// The worker did not answer.
    #[error("the worker does not answer")]
    WorkerAway,
    /// The worker refused.
    #[error("the worker refused: {0}")]
    WorkerRefused(String),
    /// Workers cannot be asked.
    #[error("the queue has no bus")]
    NoBus,
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] celery::Error),
    /// The database holds a rate that goes by nothing we know.
    #[error("a shipping rate goes by nothing known")]
    RateBroken,
    /// A field was refused: its pointer, and a code.
    #[error("{0}: {1}")]
    Field(String, &'static str),
    /// Changed meanwhile.
    #[error("changed by another writer")]
    Changed,
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match zg_db::violated(&error) {
            Some(violation) if violation.constraint == "staff_email_key" => Self::EmailTaken,
            Some(violation) if violation.constraint == "role_name_key" => Self::RoleNameTaken,
            Some(violation) if violation.constraint == "saved_view_name_key" => Self::Field("/name".to_owned(), "view_name_taken"),
            Some(violation)
                if ["carrier_code_key", "zone_code_key", "shipping_method_code_key"].contains(&violation.constraint.as_str()) =>
            {
                Self::Field("/code".to_owned(), "shipping_code_taken")
            }
            _ => Self::Base(error.into()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::StaffNotFound => Self::not_found("staff_not_found"),
            Error::RoleNotFound => Self::not_found("role_not_found"),
            Error::KeyNotFound => Self::not_found("api_key_not_found"),
            Error::EmailTaken => Self::unprocessable("invalid").field("/email", "email_taken"),
            Error::EmailInvalid => Self::unprocessable("invalid").field("/email", "email_invalid"),
            Error::RoleNameTaken => Self::unprocessable("invalid").field("/name", "role_name_taken"),
            Error::RoleInUse => Self::conflict("role_in_use"),
            Error::LastSuper => Self::conflict("last_super"),
            Error::RightUnknown(right) => Self::unprocessable("invalid").field("/rights", "right_unknown").with("right", right),
            Error::NotForKeys(right) => Self::unprocessable("invalid").field("/scopes", "scope_not_for_keys").with("right", right),
            Error::BeyondOwn(right) => Self::forbidden("beyond_own").with("right", right),
            Error::StaffDisabled => Self::conflict("staff_disabled"),
            Error::SecondFactorOff => Self::conflict("second_factor_off"),
            Error::Link => Self::gone("link_spent"),
            Error::PasswordLong => Self::unprocessable("invalid").field("/password", "too_long"),
            Error::PasswordShort => Self::unprocessable("invalid").field("/password", "password_short"),
            Error::CarrierNotFound => Self::not_found("carrier_not_found"),
            Error::MethodNotFound => Self::not_found("shipping_method_not_found"),
            Error::ZoneNotFound => Self::not_found("zone_not_found"),
            Error::CarrierInUse => Self::conflict("carrier_in_use"),
            Error::MethodInUse => Self::conflict("shipping_method_in_use"),
            Error::ZoneInUse => Self::conflict("zone_in_use"),
            Error::ViewNotFound => Self::not_found("view_not_found"),
            Error::ViewsFull => Self::conflict("views_full"),
            Error::ShareForbidden => Self::forbidden("forbidden").with("right", "views.share"),
            Error::MailNotFound => Self::not_found("mail_not_found"),
            Error::MailStateUnknown(state) => Self::bad_request("mail_state_unknown").with("state", state),
            Error::CallNotFound => Self::not_found("task_not_found"),
            Error::CallState(state) => Self::conflict("task_state").with("state", state),
            Error::CallStateUnknown(state) => Self::bad_request("task_state_unknown").with("state", state),
            Error::EntryNotFound => Self::not_found("schedule_not_found"),
            Error::WorkerAway => Self::conflict("worker_away"),
            Error::WorkerRefused(reason) => Self::conflict("worker_refused").with("reason", reason),
            Error::Queue(error) => zg_base::Error::from(error).into(),
            Error::RateBroken | Error::NoBus => Self::unavailable("busy"),
            Error::Field(pointer, code) => Self::unprocessable("invalid").field(pointer, code),
            Error::Changed => Self::precondition_failed("changed"),
            Error::Base(error) => error.into(),
        }
    }
}
