//! The mails of the shop (M8.15, M8.16): what waits, what left, what did not, and what to do
//! about it. The mails themselves are the base's.

mod change;
mod list;
mod one;
mod settings;

use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See the mails of the shop.
    ReadMails = "mails.read";
    /// Hold mails back, send them again, delete those that did not leave.
    WriteMails = "mails.write";
}

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .allow::<ReadMails>(routes!(list::handler))
        .allow::<ReadMails>(routes!(one::handler))
        .allow::<WriteMails>(routes!(change::pause))
        .allow::<WriteMails>(routes!(change::requeue))
        .allow::<WriteMails>(routes!(change::delete))
        .allow::<ReadMails>(routes!(settings::read))
        .allow::<WriteMails>(routes!(settings::write))
}
