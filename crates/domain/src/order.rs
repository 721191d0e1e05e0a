//! The life of an order: which command is allowed in which state, and what the
//! other axes say.
//!
//! [`next`] is the only table; the API, the console and `docs/order-states.md`
//! read it. Payment, fulfilment and returns are other axes, derived from their
//! ledgers and never set by hand.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stock::{Demand, demand};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word that is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(UnknownWord(text.to_owned())) }
            }
        }
    };
}

/// A word that names no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no state")]
pub struct UnknownWord(pub String);

words! {
    /// Where an order is in its life: set by commands.
    State {
        /// Being written; holds nothing.
        Draft = "draft",
        /// The shopper has ordered; stock is reserved.
        Placed = "placed",
        /// Staff let it through to picking.
        Confirmed = "confirmed",
        /// Delivered and paid: nothing more to do.
        Completed = "completed",
        /// Called off; everything was given back.
        Cancelled = "cancelled",
    }
}

words! {
    /// What can be asked of an order.
    Command {
        /// Order.
        Place = "place",
        /// Let through to picking.
        Confirm = "confirm",
        /// Take back before picking.
        Unconfirm = "unconfirm",
        /// Close.
        Complete = "complete",
        /// Call off.
        Cancel = "cancel",
    }
}

words! {
    /// How far an order is paid: derived from the payment ledger.
    Payment {
        /// Nothing came.
        Unpaid = "unpaid",
        /// Promised by a gateway, not taken.
        Authorized = "authorized",
        /// Some of it came.
        Partial = "partial",
        /// All of it came.
        Paid = "paid",
        /// More than all came.
        Overpaid = "overpaid",
        /// Some went back.
        PartRefunded = "part_refunded",
        /// All went back.
        Refunded = "refunded",
    }
}

words! {
    /// How far an order is fulfilled: derived from its lines' counts.
    Fulfilment {
        /// No stock is held.
        None = "none",
        /// Stock is held for every piece.
        Allocated = "allocated",
        /// On an open pick list.
        Picking = "picking",
        /// Some pieces left.
        Partial = "partial",
        /// All pieces left.
        Shipped = "shipped",
        /// All pieces arrived.
        Delivered = "delivered",
        /// Stock is missing.
        Backordered = "backordered",
    }
}

words! {
    /// How far an order came back: derived from its returns.
    Returns {
        /// Nothing.
        None = "none",
        /// Announced.
        Requested = "requested",
        /// Some came back.
        Partial = "partial",
        /// All came back.
        Returned = "returned",
    }
}

/// A command that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not possible when {}", command.as_str(), state.as_str())]
pub struct Refused {
    /// The state it is in.
    pub state: State,
    /// What was asked.
    pub command: Command,
}

/// The state after `command`. No `_` arm: a new state or command does not compile
/// until somebody has decided every pair.
///
/// # Errors
/// [`Refused`] if the state does not allow it.
pub const fn next(state: State, command: Command) -> Result<State, Refused> {
    use Command::{Cancel, Complete, Confirm, Place, Unconfirm};
    use State::{Cancelled, Completed, Confirmed, Draft, Placed};
    match (state, command) {
        (Draft, Place) | (Confirmed, Unconfirm) => Ok(Placed),
        (Placed, Confirm) => Ok(Confirmed),
        (Confirmed, Complete) => Ok(Completed),
        (Draft | Placed | Confirmed, Cancel) => Ok(Cancelled),
        (Draft, Confirm | Unconfirm | Complete)
        | (Placed, Place | Unconfirm | Complete)
        | (Confirmed, Place | Confirm)
        | (Completed | Cancelled, Place | Confirm | Unconfirm | Complete | Cancel) => Err(Refused { state, command }),
    }
}

/// The commands that a state allows.
pub fn allowed(state: State) -> Vec<Command> {
    Command::ALL.iter().copied().filter(|command| next(state, *command).is_ok()).collect()
}

/// The table of [`next`] as Markdown: `docs/order-states.md` is made of it.
pub fn states_markdown() -> String {
    let mut out = String::from("| state |");
    for command in Command::ALL {
        let _infallible = write!(out, " {} |", command.as_str());
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(Command::ALL.len()));
    for state in State::ALL {
        let _infallible = write!(out, "\n| **{}** |", state.as_str());
        for command in Command::ALL {
            let cell = next(*state, *command).map_or("—", State::as_str);
            let _infallible = write!(out, " {cell} |");
        }
    }
    out.push('\n');
    out
}

/// The payment axis, from sums of the ledger in minor units; `refunded` is not negative.
pub fn derive_payment(total: i64, paid: i64, refunded: i64, authorized: i64) -> Payment {
    let kept = paid - refunded;
    // What was given back of an overpayment leaves the order paid.
    if refunded > 0 && kept <= 0 {
        return Payment::Refunded;
    }
    if refunded > 0 && kept < total {
        return Payment::PartRefunded;
    }
    match kept {
        _ if kept > total => Payment::Overpaid,
        _ if kept >= total && (kept > 0 || total == 0) => Payment::Paid,
        _ if kept > 0 => Payment::Partial,
        _ if authorized > 0 => Payment::Authorized,
        _ => Payment::Unpaid,
    }
}

/// What became of a line's pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// Row of the line.
    pub line_id: i64,
    /// The SKU; none if it is no longer known.
    pub sku_id: Option<i64>,
    /// Ordered.
    pub quantity: i64,
    /// Held in stock for it.
    pub allocated: i64,
    /// Left the house.
    pub shipped: i64,
    /// Arrived.
    pub delivered: i64,
    /// Called off.
    pub cancelled: i64,
    /// What the pieces that stand cost, discounts taken off, in minor units.
    pub total_minor: i64,
}

impl LineCounts {
    /// Pieces that were not called off.
    pub fn standing(&self) -> i64 {
        (self.quantity - self.cancelled).max(0)
    }

    /// Pieces that are still to leave.
    pub fn open(&self) -> i64 {
        (self.standing() - self.shipped).max(0)
    }
}

/// The fulfilment axis, from the lines' counts.
pub fn derive_fulfilment(lines: &[LineCounts], picking: bool) -> Fulfilment {
    let wanted: i64 = lines.iter().map(|line| line.quantity - line.cancelled).sum();
    let shipped: i64 = lines.iter().map(|line| line.shipped).sum();
    let delivered: i64 = lines.iter().map(|line| line.delivered).sum();
    let allocated: i64 = lines.iter().map(|line| line.allocated).sum();
    let open: i64 = lines.iter().map(LineCounts::open).sum();
    if wanted > 0 && delivered >= wanted {
        Fulfilment::Delivered
    } else if wanted > 0 && shipped >= wanted {
        Fulfilment::Shipped
    } else if shipped > 0 {
        Fulfilment::Partial
    } else if picking {
        Fulfilment::Picking
    } else if open > 0 && allocated >= open {
        Fulfilment::Allocated
    } else if allocated > 0 {
        Fulfilment::Backordered
    } else {
        Fulfilment::None
    }
}

/// What cancelling must know.
#[derive(Clone, Debug)]
pub struct CancelFacts {
    /// The state it is in.
    pub state: State,
    /// Is it on an open pick list?
    pub picking: bool,
    /// Its lines.
    pub lines: Vec<LineCounts>,
    /// What was paid and not refunded, in minor units.
    pub kept_minor: i64,
}

/// Pieces of a line to be called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelLine {
    /// Row of the line.
    pub line_id: i64,
    /// How many.
    pub quantity: i64,
}

/// What cancelling does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelPlan {
    /// The state after; the same if only some pieces are called off.
    pub state: State,
    /// Pieces per line.
    pub lines: Vec<CancelLine>,
    /// Stock to give back, sorted by SKU: rows are locked in this order.
    pub release: Vec<Demand>,
    /// Money to give back, in minor units: what those pieces really cost, and no
    /// more than was kept.
    pub refund_minor: i64,
}

/// Why an order can't be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// Not in this state.
    #[error(transparent)]
    State(#[from] Refused),
    /// Pieces of this line have left.
    #[error("pieces of line {0} have been shipped")]
    Shipped(i64),
    /// It is on an open pick list.
    #[error("the order is on an open pick list")]
    Picking,
    /// The line has fewer open pieces, or is not of this order.
    #[error("line {0} has fewer open pieces")]
    Quantity(i64),
}

/// May the whole order be cancelled, and what must be undone? Decides; changes nothing.
///
/// # Errors
/// [`CancelRefusal`].
pub fn plan_cancel(facts: &CancelFacts) -> Result<CancelPlan, CancelRefusal> {
    let state = next(facts.state, Command::Cancel)?;
    if let Some(line) = facts.lines.iter().find(|line| line.shipped > 0) {
        return Err(CancelRefusal::Shipped(line.line_id));
    }
    if facts.picking {
        return Err(CancelRefusal::Picking);
    }
    let lines: Vec<CancelLine> =
        facts.lines.iter().filter(|line| line.open() > 0).map(|line| CancelLine { line_id: line.line_id, quantity: line.open() }).collect();
    Ok(CancelPlan { state, release: released(facts, &lines), lines, refund_minor: facts.kept_minor.max(0) })
}

/// May these pieces be cancelled? Calling off the last open ones cancels the order.
///
/// # Errors
/// [`CancelRefusal`].
pub fn plan_cancel_lines(facts: &CancelFacts, wanted: &[CancelLine]) -> Result<CancelPlan, CancelRefusal> {
    next(facts.state, Command::Cancel)?;
    if facts.picking {
        return Err(CancelRefusal::Picking);
    }
    let mut refund = 0_i64;
    for asked in wanted {
        let line = facts.lines.iter().find(|line| line.line_id == asked.line_id).ok_or(CancelRefusal::Quantity(asked.line_id))?;
        let same_line: i64 = wanted.iter().filter(|other| other.line_id == asked.line_id).map(|other| other.quantity).sum();
        if asked.quantity < 1 || same_line > line.open() {
            return Err(CancelRefusal::Quantity(asked.line_id));
        }
        refund = refund.saturating_add(share(line.total_minor, asked.quantity, line.standing()));
    }
    let left: i64 = facts.lines.iter().map(LineCounts::open).sum::<i64>() - wanted.iter().map(|asked| asked.quantity).sum::<i64>();
    let shipped: i64 = facts.lines.iter().map(|line| line.shipped).sum();
    if left == 0 && shipped == 0 {
        return plan_cancel(facts);
    }
    Ok(CancelPlan {
        state: facts.state,
        release: released(facts, wanted),
        lines: wanted.to_vec(),
        refund_minor: refund.min(facts.kept_minor.max(0)),
    })
}

/// The part of a line's total that some of its pieces cost: by proration, so that
/// all pieces together cost the total.
pub fn share(total_minor: i64, pieces: i64, quantity: i64) -> i64 {
    let rest = (quantity - pieces).max(0);
    crate::prorate(total_minor, &[pieces, rest]).first().copied().unwrap_or_default()
}

/// What a line comes to, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAmounts {
    /// List price of one piece.
    pub list: i64,
    /// Taken off.
    pub discount: i64,
    /// To pay: list price × pieces − discount.
    pub total: i64,
    /// Tax within the total, or on top of it.
    pub tax: i64,
}

/// What is left of a line of `standing` pieces when some are called off: they take
/// their share of the discount along. Tax is that of the new total.
pub fn call_off(line: LineAmounts, standing: i64, pieces: i64, tax_of: impl Fn(i64) -> i64) -> LineAmounts {
    let left = (standing - pieces).max(0);
    let total = line.total - share(line.total, pieces, standing);
    LineAmounts { list: line.list, discount: line.list.saturating_mul(left) - total, total, tax: tax_of(total) }
}

fn released(facts: &CancelFacts, lines: &[CancelLine]) -> Vec<Demand> {
    demand(lines.iter().filter_map(|asked| {
        let line = facts.lines.iter().find(|line| line.line_id == asked.line_id)?;
        Some((line.sku_id?, asked.quantity.min(line.allocated)))
    }))
}

/// One of the checks before an order goes to picking (M4.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// `payment`, `address`, `stock`, `contact`.
    pub code: String,
    /// Is it in order?
    pub passed: bool,
}

/// What the checks must know.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each its own check")]
pub struct ConfirmFacts {
    /// No less was kept than is due, or a gateway promised it.
    pub paid: bool,
    /// Paid on delivery.
    pub cash_on_delivery: bool,
    /// Something must be shipped.
    pub needs_shipping: bool,
    /// There is an address.
    pub has_address: bool,
    /// There is a telephone number or an e-mail address.
    pub has_contact: bool,
    /// Stock is held for every open piece.
    pub stock_held: bool,
}

/// The checks before an order goes to picking, all of them, in order.
pub fn confirm_checks(facts: ConfirmFacts) -> Vec<Check> {
    [
        ("payment", facts.paid || facts.cash_on_delivery),
        ("address", facts.has_address || !facts.needs_shipping),
        ("contact", facts.has_contact),
        ("stock", facts.stock_held),
    ]
    .into_iter()
    .map(|(code, passed)| Check { code: code.to_owned(), passed })
    .collect()
}

#[cfg(test)]
mod tests;
