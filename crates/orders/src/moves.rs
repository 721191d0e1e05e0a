//! Pieces of an order's lines on their way: picked, shipped, delivered.
//!
//! `allocated` are pieces held in stock and still here; `picked` all that were ever
//! taken off the shelf; `shipped` all that left; `delivered` all that arrived. Every
//! writer of lines holds the order's row, so what is read here stays so until the
//! commit; the database's CHECKs stand behind it.

use std::collections::BTreeMap;

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::Tx;
use zg_db::entity::{order, order_line};

use crate::Error;
use crate::find::{self, change, lines_of};

/// What becomes of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Taken off the shelf.
    Pick,
    /// Put back on the shelf.
    Unpick,
    /// Left the house.
    Ship,
    /// Came back before the parcel was handed over.
    Unship,
    /// Arrived.
    Deliver,
}

impl Move {
    /// How many pieces of a line can go that way.
    fn possible(self, line: &order_line::Model) -> i64 {
        let standing = line.quantity - line.cancelled;
        match self {
            Self::Pick => standing - line.picked,
            Self::Unpick => (line.picked - line.shipped).clamp(0, line.picked),
            Self::Ship => Ord::min(standing - line.shipped, line.allocated),
            Self::Unship | Self::Deliver => line.shipped - line.delivered,
        }
    }
}

/// Moves pieces of an order's lines: pairs of `order_line` id and quantity. All or
/// none; the caller then calls [`crate::settle_fulfilment`].
///
/// # Errors
/// [`Error::Pieces`] if a line has not so many pieces to move that way, or is
/// not the order's; [`Error::NotFound`].
pub async fn move_lines(tx: &Tx, order_id: i64, step: Move, lines: &[(i64, i64)]) -> Result<(), Error> {
    use order_line::Column::{Allocated, Delivered, Id, OrderId, Picked, Shipped};
    let row = find::locked(tx, order_id).await?;
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for (line, quantity) in lines {
        if *quantity < 1 {
            return Err(Error::Pieces { line: *line });
        }
        let sum = sums.entry(*line).or_default();
        *sum = sum.saturating_add(*quantity);
    }
    if sums.is_empty() {
        return Ok(());
    }
    let present = lines_of(tx.db(), order_id).await?;
    for (id, quantity) in &sums {
        if !present.iter().any(|line| line.id == *id && step.possible(line) >= *quantity) {
            return Err(Error::Pieces { line: *id });
        }
    }
    let more = |column: order_line::Column| (column, Expr::col(column).add(by_line(&sums)));
    let less = |column: order_line::Column| (column, Expr::col(column).sub(by_line(&sums)));
    let changes = match step {
        Move::Pick => vec![more(Picked)],
        Move::Unpick => vec![less(Picked)],
        Move::Ship => vec![more(Shipped), less(Allocated)],
        Move::Unship => vec![less(Shipped), more(Allocated)],
        Move::Deliver => vec![more(Delivered)],
    };
    let update = order_line::Entity::update_many().filter(OrderId.eq(order_id)).filter(Id.is_in(sums.keys().copied()));
    changes.into_iter().fold(update, |update, (column, value)| update.col_expr(column, value)).exec(tx.db()).await?;
    change(tx, &row, order::ActiveModel::default()).await?;
    Ok(())
}

/// The number that belongs to the line at hand.
pub(crate) fn by_line(numbers: &BTreeMap<i64, i64>) -> Expr {
    let cases = numbers.iter().fold(CaseStatement::new(), |cases, (line, number)| {
        cases.case(Expr::col(order_line::Column::Id).eq(*line), Expr::val(*number).cast_as("bigint"))
    });
    cases.finally(Expr::val(0_i64).cast_as("bigint")).into()
}
