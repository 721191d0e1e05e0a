//! What can be done to a proposed payment, by the one who looks, and if not, why.

use serde::Serialize;
use utoipa::ToSchema;
use zg_base::{Actor, Right as _};
use zg_db::entity::payment_proposal;
use zg_domain::Locale;
use zg_domain::order::State;
use zg_web::Staff;

use crate::RecordPayments;
use crate::proposal::ProposalState;

/// Something that can be done to a proposed payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PaymentProposalAction {
    /// `approve`, `reject`.
    name: &'static str,
    /// Now, and by the one who asked.
    allowed: bool,
    /// If not, why: in the reader's language.
    reason: Option<String>,
}

/// Who looks, and in which language.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) staff: &'a Staff,
    pub(crate) locale: Locale,
}

/// Why something can't be done.
enum Not {
    Right,
    Decided,
    Own,
    Cancelled,
}

/// Everything that can ever be done, while the proposal's order is in a state.
pub(crate) fn actions(row: &payment_proposal::Model, order_state: &str, reader: Reader<'_>) -> Vec<PaymentProposalAction> {
    let when = |holds: bool, not: Not| if holds { Ok(()) } else { Err(not) };
    let open = || {
        when(reader.staff.rights.allows::<RecordPayments>(), Not::Right).and(when(row.state == ProposalState::Waiting.word(), Not::Decided))
    };
    let approve = open()
        .and(when(!proposed_by(row, &reader.staff.actor), Not::Own))
        .and(when(order_state != State::Cancelled.as_str(), Not::Cancelled));
    vec![action("approve", approve, reader.locale), action("reject", open(), reader.locale)]
}

/// Is it their own proposal?
pub(crate) fn proposed_by(row: &payment_proposal::Model, actor: &Actor) -> bool {
    (row.actor_kind.as_str(), row.actor_id) == (actor.kind.as_str(), actor.id)
}

fn action(name: &'static str, possible: Result<(), Not>, locale: Locale) -> PaymentProposalAction {
    let reason = possible.err().map(|not| why(&not, locale));
    PaymentProposalAction { name, allowed: reason.is_none(), reason }
}

fn why(not: &Not, locale: Locale) -> String {
    let right = RecordPayments::NAME;
    match (not, locale) {
        (Not::Right, Locale::ZhCn) => format!("您没有“{right}”权限"),
        (Not::Right, Locale::En) => format!("You lack the right “{right}”"),
        (Not::Decided, Locale::ZhCn) => "已复核过".to_owned(),
        (Not::Decided, Locale::En) => "It was decided before".to_owned(),
        (Not::Own, Locale::ZhCn) => "您提交的收款须由同事批准".to_owned(),
        (Not::Own, Locale::En) => "You proposed it yourself: a colleague has to approve it".to_owned(),
        (Not::Cancelled, Locale::ZhCn) => "订单已取消，不能再收款".to_owned(),
        (Not::Cancelled, Locale::En) => "The order is cancelled and takes no payment".to_owned(),
    }
}
