//! What can be done to an order now, by the one who looks, and if not, why.

use serde::Serialize;
use utoipa::ToSchema;
use zg_base::Right;
use zg_db::entity::order;
use zg_domain::Locale;
use zg_domain::order::{Check, Command, State, next};

use crate::detail::Clerk;
use crate::find::{kept, state_of, to_pay, to_refund};
use crate::lock::OrderLock;
use crate::{CancelOrders, ConfirmOrders, Error, UnlockOrders, WriteOrders};

/// Something that can be done to an order.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub(crate) struct OrderAction {
    /// `confirm`, `unconfirm`, `cancel`, `cancel_lines`, `complete`, `lock`, `unlock`,
    /// `take_over`, `comment`, `pay`, `refund`, `pick`, `ship`.
    name: &'static str,
    /// Now, and by the one who asked.
    allowed: bool,
    /// If not, why: in the reader's language.
    reason: Option<String>,
}

/// What the actions depend on.
pub(crate) struct Facts<'a> {
    pub(crate) row: &'a order::Model,
    pub(crate) lock: Option<&'a OrderLock>,
    pub(crate) checks: &'a [Check],
    pub(crate) picking: bool,
    /// Pieces still to leave.
    pub(crate) open: i64,
    /// Pieces that left.
    pub(crate) shipped: i64,
}

/// Why something can't be done.
enum Not {
    State,
    Checks,
    Picking,
    Shipped,
    Undone,
    Nothing,
    NoLock,
    NoStaff,
    Unknown,
}

/// Everything that can ever be done, in the order of a menu.
pub(crate) fn actions(facts: &Facts<'_>, clerk: &Clerk) -> Result<Vec<OrderAction>, Error> {
    let state = state_of(facts.row)?;
    let command = |command: Command| if next(state, command).is_ok() { Ok(()) } else { Err(Not::State) };
    let when = |holds: bool, not: Not| if holds { Ok(()) } else { Err(not) };
    let confirm = command(Command::Confirm).and(when(facts.checks.iter().all(|check| check.passed), Not::Checks));
    let unconfirm = command(Command::Unconfirm).and(when(!facts.picking, Not::Picking)).and(when(facts.shipped == 0, Not::Shipped));
    let cancel = || command(Command::Cancel).and(when(!facts.picking, Not::Picking));
    let done = facts.open == 0 && to_pay(facts.row) == 0;
    let live = state != State::Draft && state != State::Cancelled;
    let ready = when(state == State::Confirmed, Not::State).and(when(facts.open > 0, Not::Nothing));
    Ok(vec![
        action::<ConfirmOrders>("confirm", confirm, facts, clerk),
        action::<ConfirmOrders>("unconfirm", unconfirm, facts, clerk),
        open_action("pick", ready.and(when(!facts.picking, Not::Picking)), facts, clerk),
        open_action("ship", when(state == State::Confirmed, Not::State).and(when(facts.open > 0, Not::Nothing)), facts, clerk),
        open_action("pay", when(live, Not::State).and(when(to_pay(facts.row) > 0, Not::Nothing)), facts, clerk),
        open_action("refund", when(to_refund(facts.row) > 0 || (live && kept(facts.row) > 0), Not::Nothing), facts, clerk),
        action::<WriteOrders>("complete", command(Command::Complete).and(when(done, Not::Undone)), facts, clerk),
        action::<CancelOrders>("cancel", cancel().and(when(facts.shipped == 0, Not::Shipped)), facts, clerk),
        action::<CancelOrders>("cancel_lines", cancel().and(when(facts.open > 0, Not::Nothing)), facts, clerk),
        unlocked::<WriteOrders>("comment", Ok(()), clerk),
        action::<WriteOrders>("lock", when(clerk.staff_id().is_some(), Not::NoStaff), facts, clerk),
        action::<WriteOrders>("unlock", when(facts.lock.is_some(), Not::NoLock), facts, clerk),
        unlocked::<UnlockOrders>("take_over", take_over(facts, clerk), clerk),
    ])
}

fn take_over(facts: &Facts<'_>, clerk: &Clerk) -> Result<(), Not> {
    match facts.lock {
        Some(lock) if lock.binds(clerk.staff_id()) => clerk.staff_id().map(|_| ()).ok_or(Not::NoStaff),
        _ => Err(Not::NoLock),
    }
}

/// Needs a right, and that no colleague holds the order.
fn action<R: Right>(name: &'static str, possible: Result<(), Not>, facts: &Facts<'_>, clerk: &Clerk) -> OrderAction {
    let held = facts.lock.filter(|lock| lock.binds(clerk.staff_id()));
    match held {
        Some(lock) if possible.is_ok() && clerk.rights().allows::<R>() => refused(name, held_by(lock, clerk.locale)),
        _ => unlocked::<R>(name, possible, clerk),
    }
}

/// Belongs to a module above, which states the right.
fn open_action(name: &'static str, possible: Result<(), Not>, facts: &Facts<'_>, clerk: &Clerk) -> OrderAction {
    match (possible, facts.lock.filter(|lock| lock.binds(clerk.staff_id()))) {
        (Err(not), _) => refused(name, why(&not, clerk.locale).to_owned()),
        (Ok(()), Some(lock)) => refused(name, held_by(lock, clerk.locale)),
        (Ok(()), None) => OrderAction { name, allowed: true, reason: None },
    }
}

/// Needs a right alone.
fn unlocked<R: Right>(name: &'static str, possible: Result<(), Not>, clerk: &Clerk) -> OrderAction {
    if !clerk.rights().allows::<R>() {
        let reason = match clerk.locale {
            Locale::ZhCn => format!("您没有“{}”权限", R::NAME),
            Locale::En => format!("You lack the right “{}”", R::NAME),
        };
        return refused(name, reason);
    }
    match possible {
        Ok(()) => OrderAction { name, allowed: true, reason: None },
        Err(not) => refused(name, why(&not, clerk.locale).to_owned()),
    }
}

fn refused(name: &'static str, reason: String) -> OrderAction {
    OrderAction { name, allowed: false, reason: Some(reason) }
}

fn held_by(lock: &OrderLock, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => format!("{} 正在处理", lock.name),
        Locale::En => format!("{} is working on it", lock.name),
    }
}

/// Why an order was refused, by the problem's code.
pub(crate) fn reason_of(code: &str, lock: Option<&OrderLock>, locale: Locale) -> String {
    match (code, lock) {
        ("order_locked", Some(lock)) => held_by(lock, locale),
        ("order_checks", _) => why(&Not::Checks, locale).to_owned(),
        ("order_not_found", _) => why(&Not::Unknown, locale).to_owned(),
        _ => why(&Not::State, locale).to_owned(),
    }
}

fn why(not: &Not, locale: Locale) -> &'static str {
    let (zh, en) = match not {
        Not::State => ("订单当前状态不允许", "Not in the order's present state"),
        Not::Checks => ("确认前的检查未全部通过", "Some checks before picking failed"),
        Not::Picking => ("订单在未完成的备货单上", "It is on an open pick list"),
        Not::Shipped => ("已有商品发出", "Pieces have left already"),
        Not::Undone => ("还有商品未发出或款项未收", "Pieces are still here, or money is still due"),
        Not::Nothing => ("没有可处理的内容", "There is nothing to do"),
        Not::NoLock => ("没有可处理的锁定", "There is no such lock"),
        Not::Unknown => ("没有这个订单", "There is no such order"),
        Not::NoStaff => ("仅限登录后台的员工", "Only for staff who are signed in"),
    };
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}
