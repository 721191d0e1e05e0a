//! The proof: every order adds up, its axes say what its lines and ledgers say, and
//! what its lines hold is what is reserved for them (B3).

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use zg_base::Proof;
use zg_db::entity::{order, order_line, pick_list_order, reservation};
use zg_domain::order::{LineCounts, Payment, State, derive_fulfilment, derive_payment};

use crate::Error;
use crate::find::counts;

/// Orders looked at in one step.
const BATCH: u64 = 500;

/// Proves of every order that
/// * Σ lines + shipping + fees + tax added = total, and Σ discounts = discount;
/// * a line's pieces that stand cost list × pieces − discount; of a cancelled order no
///   piece stands and none is held;
/// * what lines hold is what is reserved for them, and what left is what was;
/// * the payment and fulfilment axes follow from the amounts and counts.
///
/// An order that does not hold is looked at once more: it may have been written meanwhile.
///
/// # Errors
/// [`Error::Base`].
pub async fn prove(db: &impl ConnectionTrait) -> Result<Proof, Error> {
    let mut proof = Proof::new("orders");
    let mut after = 0;
    loop {
        let rows =
            order::Entity::find().filter(order::Column::Id.gt(after)).order_by(order::Column::Id, Order::Asc).limit(BATCH).all(db).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(proof) };
        proof.checked += u64::try_from(rows.len()).unwrap_or_default();
        let doubtful: BTreeSet<i64> = faults(db, rows).await?.into_iter().map(|(id, _)| id).collect();
        if !doubtful.is_empty() {
            let again =
                order::Entity::find().filter(order::Column::Id.is_in(doubtful)).order_by(order::Column::Id, Order::Asc).all(db).await?;
            for (_, fault) in faults(db, again).await? {
                proof.fault(fault);
            }
        }
        after = last;
    }
}

/// What does not hold, with the order's id.
async fn faults(db: &impl ConnectionTrait, rows: Vec<order::Model>) -> Result<Vec<(i64, String)>, Error> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut lines: BTreeMap<i64, Vec<order_line::Model>> = BTreeMap::new();
    let found = order_line::Entity::find()
        .filter(order_line::Column::OrderId.is_in(ids.iter().copied()))
        .order_by(order_line::Column::Id, Order::Asc);
    for line in found.all(db).await? {
        lines.entry(line.order_id).or_default().push(line);
    }
    let mut reserved: BTreeMap<i64, Reserved> = BTreeMap::new();
    for row in reservation::Entity::find().filter(reservation::Column::OrderId.is_in(ids.iter().copied())).all(db).await? {
        let line = reserved.entry(row.order_line_id).or_default();
        match row.state.as_str() {
            "held" => line.held += row.quantity,
            "shipped" => line.shipped += row.quantity,
            _ => {}
        }
    }
    let picking: BTreeSet<i64> = pick_list_order::Entity::find()
        .select_only()
        .column(pick_list_order::Column::OrderId)
        .filter(pick_list_order::Column::Open.eq(true))
        .filter(pick_list_order::Column::OrderId.is_in(ids))
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut found = Vec::new();
    for row in rows {
        let lines = lines.remove(&row.id).unwrap_or_default();
        for fault in of_order(&row, &lines, picking.contains(&row.id)).into_iter().chain(of_lines(&row, &lines, &reserved)) {
            found.push((row.id, format!("order {}: {fault}", row.number)));
        }
    }
    Ok(found)
}

/// What is reserved for a line.
#[derive(Clone, Copy, Default)]
struct Reserved {
    held: i64,
    shipped: i64,
}

fn of_order(row: &order::Model, lines: &[order_line::Model], picking: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, fault: String| {
        if !holds {
            faults.push(fault);
        }
    };
    let sum: i64 = lines.iter().map(|line| line.total_minor).sum();
    let off: i64 = lines.iter().map(|line| line.discount_minor).sum();
    let tax: i64 = lines.iter().map(|line| line.tax_minor).sum();
    must(!lines.is_empty(), "it has no lines".to_owned());
    must(sum == row.lines_minor, format!("its lines add up to {sum}, it says {}", row.lines_minor));
    must(off == row.discount_minor, format!("its discounts add up to {off}, it says {}", row.discount_minor));
    let total = row.lines_minor + row.shipping_minor + row.fees_minor + row.tax_added_minor;
    must(total == row.total_minor, format!("its parts add up to {total}, it says {}", row.total_minor));
    let taxes = row.tax_added_minor + row.tax_included_minor;
    must(tax <= taxes, format!("its lines hold {tax} of tax, it says {taxes}"));
    let payment = derive_payment(row.total_minor, row.paid_minor, row.refunded_minor, 0).as_str();
    let promised = row.paid_minor == 0 && row.payment_state == Payment::Authorized.as_str();
    must(payment == row.payment_state || promised, format!("its amounts make it {payment}, it says {}", row.payment_state));
    let counts: Vec<LineCounts> = lines.iter().map(counts).collect();
    let fulfilment = derive_fulfilment(&counts, picking).as_str();
    must(fulfilment == row.fulfilment_state, format!("its lines make it {fulfilment}, it says {}", row.fulfilment_state));
    faults
}

fn of_lines(row: &order::Model, lines: &[order_line::Model], reserved: &BTreeMap<i64, Reserved>) -> Vec<String> {
    let cancelled = row.state == State::Cancelled.as_str();
    let mut faults = Vec::new();
    for line in lines {
        let mut must = |holds: bool, fault: String| {
            if !holds {
                faults.push(format!("line {}: {fault}", line.ordinal));
            }
        };
        let standing = line.quantity - line.cancelled;
        if cancelled {
            must(standing == 0 && line.allocated == 0, format!("{standing} pieces stand, {} are held", line.allocated));
        } else {
            let cost = line.list_minor * standing - line.discount_minor;
            must(cost == line.total_minor, format!("its pieces cost {cost}, it says {}", line.total_minor));
        }
        // A line that was sold without stock holds none.
        if let Some(stock) = reserved.get(&line.id) {
            must(stock.held == line.allocated, format!("{} are reserved, it says {}", stock.held, line.allocated));
            must(stock.shipped == line.shipped, format!("{} left the stock, it says {}", stock.shipped, line.shipped));
        }
    }
    faults
}
