//! Pricing: one pure function from lines to totals, with the explanation of every step.
//!
//! Phases in order: base price → catalogue promotions → line promotions → order
//! promotions (prorated to lines) → shipping → fees → tax. In each phase promotions
//! go by (priority, id); an *exclusive* one that applies ends the phase; within a
//! *group* the best for the customer wins; *free* ones stack, each on the running
//! price. What did not apply is explained too.
//!
//! What always holds: Σ lines + shipping + fees + tax added = total; the total is
//! never negative; a line's discount is between nothing and its list price.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::tax_within;
use crate::{Currency, MoneyError, Ppm, half_up, percent_off, prorate};

/// Largest amount that is priced, in minor units: sums of it can't overflow.
pub const AMOUNT_LIMIT: i64 = 1_000_000_000_000_000;

/// A line to be priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the cart: lines are known by it.
    pub ordinal: i32,
    /// Pieces.
    pub quantity: i64,
    /// List price of one, in minor units.
    pub list: i64,
    /// Tax rate.
    pub tax: Ppm,
    /// A percentage agreed for this line alone (by staff, or as it was sold elsewhere).
    pub agreed_off: Option<Ppm>,
}

/// In which phase a promotion acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The list price.
    Base,
    /// Changes list prices.
    Catalogue,
    /// Takes something off lines.
    Line,
    /// Takes something off the order, prorated to lines.
    Order,
    /// Shipping, and what makes it free.
    Shipping,
    /// Packaging and the like.
    Fee,
    /// Tax.
    Tax,
}

/// What a promotion does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// So much of the running price off, at most `cap` minor units if given.
    Percent {
        /// The rate.
        off: Ppm,
        /// At most, in minor units.
        cap: Option<i64>,
    },
    /// An amount off, in minor units.
    Amount(i64),
    /// Each piece costs this, in minor units, if that is less.
    FixedPrice(i64),
    /// Shipping costs nothing.
    FreeShipping,
}

/// How a promotion goes together with others of its phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stacking {
    /// Ends the phase when it applies.
    Exclusive,
    /// Of the group's members, the best for the customer.
    Group(String),
    /// Stacks on the running price.
    Free,
}

/// A promotion whose conditions hold; which lines it is about was found before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Its row.
    pub id: i64,
    /// Its name, for the explanation.
    pub name: String,
    /// When it acts.
    pub phase: Phase,
    /// Lower goes first.
    pub priority: i32,
    /// How it goes together with others.
    pub stacking: Stacking,
    /// What it does.
    pub action: Action,
    /// The lines it is about, by ordinal.
    pub lines: Vec<i32>,
}

/// What is to be priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// Of every amount.
    pub currency: Currency,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Promotions whose conditions hold.
    pub promotions: Vec<Promotion>,
    /// The shipping fee, in minor units.
    pub shipping: i64,
    /// The fee before the method itself made it free.
    pub shipping_original: i64,
    /// Tax on shipping.
    pub shipping_tax: Ppm,
    /// Packaging and the like, in minor units.
    pub fees: i64,
    /// Do prices include tax?
    pub tax_included: bool,
}

/// A priced line, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PricedLine {
    /// Which line.
    pub ordinal: i32,
    /// Pieces.
    pub quantity: i64,
    /// List price of one.
    pub list: i64,
    /// What one costs on average, half up.
    pub unit: i64,
    /// Taken off the line.
    pub discount: i64,
    /// What the line costs.
    pub total: i64,
    /// Its rate, in millionths.
    pub tax_ppm: i64,
    /// The tax within the line, or on top of it.
    pub tax: i64,
}

/// A step of the explanation (B1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// In which phase.
    pub phase: Phase,
    /// `list_price`, `promotion`, `agreed_discount`, `shipping`, `free_shipping`, `fees`, `tax_included`, `tax_added`.
    pub rule: String,
    /// A promotion's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A promotion's row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<i64>,
    /// The line it is about; none for the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<i32>,
    /// Before, in minor units.
    pub before: i64,
    /// After, in minor units.
    pub after: i64,
    /// Did it apply?
    pub applied: bool,
    /// Why not: `exclusive`, `better_in_group`, `nothing_off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What pricing finds, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Priced {
    /// The lines, as they came.
    pub lines: Vec<PricedLine>,
    /// Σ of the lines' totals.
    pub lines_total: i64,
    /// Σ of the lines' discounts.
    pub discount: i64,
    /// Shipping to pay.
    pub shipping: i64,
    /// Fees to pay.
    pub fees: i64,
    /// Tax on top.
    pub tax_added: i64,
    /// Tax within: information, already part of the rest.
    pub tax_included: i64,
    /// To pay.
    pub total: i64,
    /// Every step, in order.
    pub steps: Vec<Step>,
}

/// Prices a cart.
///
/// # Errors
/// [`MoneyError::Overflow`] if an amount is beyond [`AMOUNT_LIMIT`] or negative.
pub fn price(cart: &Cart) -> Result<Priced, MoneyError> {
    let mut run = Run::begin(cart)?;
    run.agreed(cart);
    for phase in [Phase::Catalogue, Phase::Line, Phase::Order] {
        run.promotions(cart, phase);
    }
    let shipping = run.shipping(cart);
    run.fees(cart);
    run.end(cart, shipping)
}

struct Running {
    base: i64,
    total: i64,
}

struct Run {
    lines: Vec<Running>,
    steps: Vec<Step>,
}

impl Run {
    fn begin(cart: &Cart) -> Result<Self, MoneyError> {
        let mut run = Self { lines: Vec::with_capacity(cart.lines.len()), steps: Vec::new() };
        let mut sum = 0_i64;
        for line in &cart.lines {
            let base = line.list.checked_mul(line.quantity).filter(|base| (0..=AMOUNT_LIMIT).contains(base)).ok_or(MoneyError::Overflow)?;
            sum = sum.checked_add(base).filter(|sum| *sum <= AMOUNT_LIMIT).ok_or(MoneyError::Overflow)?;
            run.steps.push(step(Phase::Base, "list_price", Some(line.ordinal), base, base));
            run.lines.push(Running { base, total: base });
        }
        let beside = [cart.shipping, cart.shipping_original, cart.fees];
        if beside.iter().any(|amount| !(0..=AMOUNT_LIMIT).contains(amount)) {
            return Err(MoneyError::Overflow);
        }
        Ok(run)
    }

    fn agreed(&mut self, cart: &Cart) {
        for (line, running) in cart.lines.iter().zip(&mut self.lines) {
            if let Some(off) = line.agreed_off.filter(|off| off.0 > 0) {
                let (after, _) = percent_off(running.total, off);
                self.steps.push(step(Phase::Line, "agreed_discount", Some(line.ordinal), running.total, after));
                running.total = after;
            }
        }
    }

    fn promotions(&mut self, cart: &Cart, phase: Phase) {
        let mut candidates: Vec<&Promotion> = cart.promotions.iter().filter(|promotion| promotion.phase == phase).collect();
        candidates.sort_by_key(|promotion| (promotion.priority, promotion.id));
        let mut closed = false;
        let mut settled: Vec<&str> = Vec::new();
        for promotion in &candidates {
            if closed {
                self.refused(promotion, "exclusive");
                continue;
            }
            if let Stacking::Group(group) = &promotion.stacking {
                if settled.contains(&group.as_str()) {
                    continue;
                }
                settled.push(group);
                self.best_of(cart, &candidates, group);
                continue;
            }
            let applied = self.apply(cart, promotion);
            closed = applied && promotion.stacking == Stacking::Exclusive;
        }
    }

    /// Of a group's members the one that takes most off; among equals the first.
    fn best_of(&mut self, cart: &Cart, candidates: &[&Promotion], group: &str) {
        let members = || candidates.iter().copied().filter(|promotion| promotion.stacking == Stacking::Group(group.to_owned()));
        let best = members().max_by_key(|promotion| {
            let off: i64 = self.off(cart, promotion).iter().sum();
            (off, std::cmp::Reverse((promotion.priority, promotion.id)))
        });
        for promotion in members() {
            if best.is_some_and(|best| best.id == promotion.id) {
                self.apply(cart, promotion);
            } else {
                self.refused(promotion, "better_in_group");
            }
        }
    }

    /// What a promotion would take off each line, in the lines' order.
    fn off(&self, cart: &Cart, promotion: &Promotion) -> Vec<i64> {
        let about: Vec<bool> = cart.lines.iter().map(|line| promotion.lines.contains(&line.ordinal)).collect();
        let running: Vec<i64> = self.lines.iter().zip(&about).map(|(line, about)| if *about { line.total } else { 0 }).collect();
        let sum: i64 = running.iter().sum();
        match promotion.action {
            Action::Percent { off, cap } => {
                let each: Vec<i64> = running.iter().map(|total| percent_off(*total, off).1).collect();
                let all: i64 = each.iter().sum();
                match cap {
                    Some(cap) if all > cap.max(0) => prorate(cap.max(0), &each),
                    _ if promotion.phase == Phase::Order => prorate(percent_off(sum, off).1, &running),
                    _ => each,
                }
            }
            Action::Amount(amount) => prorate(amount.clamp(0, sum), &running),
            Action::FixedPrice(each) => {
                cart.lines.iter().zip(&running).map(|(line, total)| (total - each.max(0).saturating_mul(line.quantity)).max(0)).collect()
            }
            Action::FreeShipping => vec![0; running.len()],
        }
    }

    fn apply(&mut self, cart: &Cart, promotion: &Promotion) -> bool {
        let off = self.off(cart, promotion);
        if off.iter().all(|off| *off == 0) {
            self.refused(promotion, "nothing_off");
            return false;
        }
        for ((line, running), off) in cart.lines.iter().zip(&mut self.lines).zip(off) {
            if off > 0 {
                let after = running.total - off;
                self.steps.push(Step {
                    name: Some(promotion.name.clone()),
                    promotion: Some(promotion.id),
                    ..step(promotion.phase, "promotion", Some(line.ordinal), running.total, after)
                });
                running.total = after;
            }
        }
        true
    }

    fn refused(&mut self, promotion: &Promotion, reason: &str) {
        let now: i64 = self.lines.iter().map(|line| line.total).sum();
        self.steps.push(Step {
            name: Some(promotion.name.clone()),
            promotion: Some(promotion.id),
            applied: false,
            reason: Some(reason.to_owned()),
            ..step(promotion.phase, "promotion", None, now, now)
        });
    }

    fn shipping(&mut self, cart: &Cart) -> i64 {
        self.steps.push(step(Phase::Shipping, "shipping", None, cart.shipping_original, cart.shipping_original));
        let mut fee = cart.shipping_original;
        if cart.shipping < fee {
            self.steps.push(step(Phase::Shipping, "free_shipping", None, fee, cart.shipping));
            fee = cart.shipping;
        }
        let mut promotions: Vec<&Promotion> = cart.promotions.iter().filter(|promotion| promotion.action == Action::FreeShipping).collect();
        promotions.sort_by_key(|promotion| (promotion.priority, promotion.id));
        for promotion in promotions {
            if fee == 0 {
                self.refused(promotion, "nothing_off");
                continue;
            }
            self.steps.push(Step {
                name: Some(promotion.name.clone()),
                promotion: Some(promotion.id),
                ..step(Phase::Shipping, "promotion", None, fee, 0)
            });
            fee = 0;
        }
        fee
    }

    fn fees(&mut self, cart: &Cart) {
        if cart.fees > 0 {
            self.steps.push(step(Phase::Fee, "fees", None, 0, cart.fees));
        }
    }

    fn end(mut self, cart: &Cart, shipping: i64) -> Result<Priced, MoneyError> {
        let tax = |amount: i64, rate: Ppm| tax_of(amount, rate, cart.tax_included);
        let lines: Vec<PricedLine> = cart
            .lines
            .iter()
            .zip(&self.lines)
            .map(|(line, running)| PricedLine {
                ordinal: line.ordinal,
                quantity: line.quantity,
                list: line.list,
                unit: unit_of(running.total, line.quantity),
                discount: running.base - running.total,
                total: running.total,
                tax_ppm: line.tax.0,
                tax: tax(running.total, line.tax),
            })
            .collect();
        let lines_total: i64 = lines.iter().map(|line| line.total).sum();
        let taxes = lines.iter().map(|line| line.tax).sum::<i64>() + tax(shipping, cart.shipping_tax);
        let (tax_added, tax_included) = if cart.tax_included { (0, taxes) } else { (taxes, 0) };
        let beside = [shipping, cart.fees, tax_added];
        let total = beside.iter().try_fold(lines_total, |sum, amount| sum.checked_add(*amount)).ok_or(MoneyError::Overflow)?;
        let rule = if cart.tax_included { "tax_included" } else { "tax_added" };
        self.steps.push(step(Phase::Tax, rule, None, total - tax_added, total));
        Ok(Priced {
            lines_total,
            discount: lines.iter().map(|line| line.discount).sum(),
            lines,
            shipping,
            fees: cart.fees,
            tax_added,
            tax_included,
            total,
            steps: self.steps,
        })
    }
}

/// The tax of an amount, half up: within it, or on top of it.
pub fn tax_of(amount: i64, rate: Ppm, included: bool) -> i64 {
    if included { tax_within(amount, rate) } else { half_up(amount, rate) }
}

fn step(phase: Phase, rule: &str, line: Option<i32>, before: i64, after: i64) -> Step {
    Step { phase, rule: rule.to_owned(), name: None, promotion: None, line, before, after, applied: true, reason: None }
}

/// What one piece costs on average, half up.
pub fn unit_of(total: i64, quantity: i64) -> i64 {
    if quantity <= 0 { 0 } else { (total.saturating_mul(2).saturating_add(quantity)) / (quantity * 2) }
}

#[cfg(test)]
mod tests;
