//! Reservation rows: what each line of an order holds, and where it went.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use zg_base::Tx;
use zg_db::entity::reservation::{ActiveModel, Column, Entity, Model};

use crate::Error;
use crate::ledger::Place;

/// Held for the order.
pub(crate) const HELD: &str = "held";
/// Given back.
pub(crate) const RELEASED: &str = "released";
/// Gone with a parcel.
pub(crate) const SHIPPED: &str = "shipped";

/// Moves all that an order has in one state to another; says how much of what it was.
pub(crate) async fn all(tx: &Tx, order_id: i64, from: &str, to: &str) -> Result<BTreeMap<Place, i64>, Error> {
    let rows = locked(tx, order_id, from).await?;
    whole(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>(), from, to).await?;
    let mut moved = BTreeMap::new();
    for row in rows {
        *moved.entry((row.sku_id, row.warehouse_id)).or_default() += row.quantity;
    }
    Ok(moved)
}

/// Moves part of what lines have in one state to another.
pub(crate) async fn some(tx: &Tx, order_id: i64, from: &str, to: &str, lines: &[(i64, i64)]) -> Result<BTreeMap<Place, i64>, Error> {
    let rows = locked(tx, order_id, from).await?;
    let plan = plan(&rows, lines)?;
    whole(tx, &plan.whole, from, to).await?;
    for (row, quantity) in &plan.parts {
        let done = Entity::update_many()
            .set(ActiveModel { quantity: Set(row.quantity - quantity), ..Default::default() })
            .filter(Column::Id.eq(row.id))
            .filter(Column::State.eq(from))
            .filter(Column::Quantity.eq(row.quantity))
            .exec(tx.db())
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Changed);
        }
    }
    let split = plan.parts.iter().map(|(row, quantity)| ActiveModel {
        order_id: Set(row.order_id),
        order_line_id: Set(row.order_line_id),
        sku_id: Set(row.sku_id),
        warehouse_id: Set(row.warehouse_id),
        quantity: Set(*quantity),
        state: Set(to.to_owned()),
        created_at: Set(tx.now()),
        ..Default::default()
    });
    if !plan.parts.is_empty() {
        Entity::insert_many(split).exec_without_returning(tx.db()).await?;
    }
    Ok(plan.moved)
}

async fn locked(tx: &Tx, order_id: i64, state: &str) -> Result<Vec<Model>, Error> {
    let rows = Entity::find()
        .filter(Column::OrderId.eq(order_id))
        .filter(Column::State.eq(state))
        .order_by(Column::Id, Order::Asc)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    Ok(rows)
}

async fn whole(tx: &Tx, ids: &[i64], from: &str, to: &str) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let done = Entity::update_many()
        .set(ActiveModel { state: Set(to.to_owned()), ..Default::default() })
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(from))
        .exec(tx.db())
        .await?;
    if usize::try_from(done.rows_affected).ok() == Some(ids.len()) { Ok(()) } else { Err(Error::Changed) }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    whole: Vec<i64>,
    parts: Vec<(Model, i64)>,
    moved: BTreeMap<Place, i64>,
}

fn plan(rows: &[Model], lines: &[(i64, i64)]) -> Result<Plan, Error> {
    let mut wanted: BTreeMap<i64, i64> = BTreeMap::new();
    for (line, quantity) in lines {
        *wanted.entry(*line).or_default() += quantity;
    }
    let mut plan = Plan::default();
    for (line, mut open) in wanted {
        let mut of_line = rows.iter().filter(|row| row.order_line_id == line).peekable();
        if of_line.peek().is_none() {
            continue;
        }
        for row in of_line {
            let part = open.min(row.quantity);
            if part <= 0 {
                break;
            }
            if part == row.quantity {
                plan.whole.push(row.id);
            } else {
                plan.parts.push((row.clone(), part));
            }
            *plan.moved.entry((row.sku_id, row.warehouse_id)).or_default() += part;
            open -= part;
        }
        if open > 0 {
            return Err(Error::NotHeld { line });
        }
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, line: i64, sku_id: i64, quantity: i64) -> Model {
        let created_at = chrono::DateTime::UNIX_EPOCH;
        Model { id, order_id: 1, order_line_id: line, sku_id, warehouse_id: 9, quantity, state: HELD.to_owned(), created_at }
    }

    #[test]
    fn m5_1_part_of_a_line_is_split_off() {
        let rows = [row(1, 10, 100, 2), row(2, 10, 100, 3), row(3, 11, 101, 1)];
        let plan = plan(&rows, &[(10, 4)]).unwrap();
        assert_eq!(plan.whole, [1]);
        assert_eq!(plan.parts.iter().map(|(row, n)| (row.id, *n)).collect::<Vec<_>>(), [(2, 2)]);
        assert_eq!(plan.moved, BTreeMap::from([((100, 9), 4)]));
    }

    #[test]
    fn m5_1_a_line_that_holds_nothing_is_passed_over() {
        assert_eq!(plan(&[row(1, 10, 100, 2)], &[(12, 4)]).unwrap(), Plan::default());
    }

    #[test]
    fn m5_1_more_than_a_line_holds_is_refused() {
        assert!(matches!(plan(&[row(1, 10, 100, 2)], &[(10, 3)]), Err(Error::NotHeld { line: 10 })));
    }
}
