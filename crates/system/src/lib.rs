//! The shop's own house: who works in it, what they may do, what they did, how
//! they like to see a list, how parcels travel, what became of the mails, and the work behind the scenes.
//!
//! Owns `staff`, `role`, `saved_view`, `carrier`, `region`, `zone`, `zone_region`,
//! `shipping_method` and `shipping_rate`; keys and sessions change through the
//! base's operations. Others may call [`staff::create`], [`role::ensure_owner`]
//! and [`shipping`].

pub mod api_key;
mod audit;
mod beyond;
mod error;
mod mail;
mod me;
pub mod password;
mod queue;
pub mod role;
mod saved_view;
mod second_factor;
mod session;
pub mod shipping;
mod sign_in;
pub mod staff;

pub use error::Error;
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See administrators and roles.
    ReadStaff = "staff.read", staff_only;
    /// Invite, change and disable administrators.
    WriteStaff = "staff.write", staff_only;
    /// Change roles and what they grant.
    WriteRoles = "roles.write", staff_only;
    /// Make and revoke API keys.
    WriteKeys = "api_keys.write", staff_only;
    /// Read the security log.
    ReadAudit = "audit.read";
    /// Show saved views to everybody, and take back what a colleague shows.
    ShareViews = "views.share", staff_only;
}

/// The routes of people, rights, the security log, shipping, mails and the queue.
pub fn routes() -> Routes {
    queue::routes(mail::routes(shipping::routes(people())))
}

fn people() -> Routes {
    Routes::new("system")
        .problems(include_str!("../problems.toml"))
        .public(routes!(sign_in::handler))
        .public(routes!(password::forgot))
        .public(routes!(password::reset))
        .staff(routes!(me::handler, sign_in::out))
        .staff(routes!(me::change))
        .staff(routes!(me::change_password))
        .staff(routes!(session::list))
        .staff(routes!(saved_view::list, saved_view::create))
        .staff(routes!(saved_view::change, saved_view::delete))
        .allow::<ShareViews>(routes!(saved_view::withdraw))
        .staff(routes!(session::end))
        .staff(routes!(second_factor::begin, second_factor::end))
        .staff(routes!(second_factor::confirm))
        .staff(routes!(second_factor::codes))
        .allow::<ReadStaff>(routes!(staff::list))
        .allow::<WriteStaff>(routes!(staff::invite))
        .allow::<ReadStaff>(routes!(staff::one))
        .allow::<WriteStaff>(routes!(staff::change))
        .allow::<WriteStaff>(routes!(staff::clear_second_factor))
        .allow::<WriteStaff>(routes!(password::link))
        .allow::<ReadStaff>(routes!(session::of_colleague))
        .allow::<WriteStaff>(routes!(session::end_colleague))
        .allow::<ReadStaff>(routes!(role::list))
        .allow::<WriteRoles>(routes!(role::create))
        .allow::<ReadStaff>(routes!(role::one))
        .allow::<WriteRoles>(routes!(role::change, role::delete))
        .allow::<WriteKeys>(routes!(api_key::list, api_key::create))
        .allow::<WriteKeys>(routes!(api_key::revoke))
        .allow::<ReadAudit>(routes!(audit::list))
        .allow::<ReadAudit>(routes!(audit::file))
}
