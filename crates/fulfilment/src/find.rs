//! Reads that several operations share: what of an order is here, and may be picked
//! or shipped.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use zg_db::entity::{order_line, pick_list_order, reservation};

use crate::Error;

/// Pieces of a line that can leave: held for it, and still here.
pub(crate) fn here(line: &order_line::Model) -> i64 {
    (line.quantity - line.cancelled - line.shipped).min(line.allocated).max(0)
}

/// Pieces of a line that were taken off the shelf and are still here.
pub(crate) fn picked_here(line: &order_line::Model) -> i64 {
    (line.picked - line.shipped).clamp(0, here(line))
}

/// The lines of orders, by order and ordinal.
pub(crate) async fn lines(db: &impl ConnectionTrait, orders: &[i64]) -> Result<Vec<order_line::Model>, Error> {
    use order_line::Column;
    let found = order_line::Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by(Column::OrderId, Order::Asc)
        .order_by(Column::Ordinal, Order::Asc);
    Ok(found.all(db).await?)
}

/// Where lines are held: line → warehouse → pieces. A line whose SKU is not tracked is absent.
pub(crate) type Held = BTreeMap<i64, BTreeMap<i64, i64>>;

/// Where the pieces of orders are held.
pub(crate) async fn held(db: &impl ConnectionTrait, orders: &[i64]) -> Result<Held, Error> {
    use reservation::Column;
    let rows: Vec<(i64, i64, i64)> = reservation::Entity::find()
        .select_only()
        .columns([Column::OrderLineId, Column::WarehouseId, Column::Quantity])
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .filter(Column::State.eq("held"))
        .order_by(Column::Id, Order::Asc)
        .into_tuple()
        .all(db)
        .await?;
    let mut held = Held::new();
    for (line, warehouse, quantity) in rows {
        *held.entry(line).or_default().entry(warehouse).or_default() += quantity;
    }
    Ok(held)
}

/// Pieces of a line that can be picked in a warehouse.
pub(crate) fn to_pick(line: &order_line::Model, held: &Held, warehouse_id: i64) -> i64 {
    let open = here(line) - picked_here(line);
    match held.get(&line.id) {
        // Not tracked: it lies wherever it is looked for.
        None => open,
        Some(places) => open.min(places.get(&warehouse_id).copied().unwrap_or(0)),
    }
}

/// Which of these orders are on an open pick list, and on which: order → list.
pub(crate) async fn on_lists(db: &impl ConnectionTrait, orders: &[i64]) -> Result<BTreeMap<i64, i64>, Error> {
    use pick_list_order::Column;
    let rows =
        pick_list_order::Entity::find().filter(Column::OrderId.is_in(orders.iter().copied())).filter(Column::Open.eq(true)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row.pick_list_id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: i64, allocated: i64, picked: i64, shipped: i64, cancelled: i64) -> order_line::Model {
        order_line::Model {
            id: 1,
            order_id: 1,
            ordinal: 1,
            sku_id: Some(1),
            sku_code: "TEA".to_owned(),
            name: String::new(),
            options: None,
            category_id: None,
            category_name: None,
            file_id: None,
            weight_g: 0,
            quantity,
            list_minor: 0,
            unit_minor: 0,
            discount_minor: 0,
            total_minor: 0,
            tax_ppm: 0,
            tax_minor: 0,
            allocated,
            picked,
            shipped,
            delivered: 0,
            cancelled,
            refunded_minor: 0,
        }
    }

    #[test]
    fn m5_8_only_pieces_that_are_here_are_picked() {
        let held = Held::from([(1, BTreeMap::from([(7, 2), (8, 1)]))]);
        assert_eq!(to_pick(&line(5, 3, 0, 0, 0), &held, 7), 2);
        assert_eq!(to_pick(&line(5, 3, 0, 0, 0), &held, 9), 0);
        assert_eq!(to_pick(&line(5, 3, 2, 0, 0), &held, 7), 1);
        // Two left with a parcel that nobody picked: those still here were not picked either.
        assert_eq!((here(&line(5, 3, 0, 2, 0)), picked_here(&line(5, 3, 0, 2, 0))), (3, 0));
        assert_eq!((here(&line(5, 3, 4, 2, 0)), picked_here(&line(5, 3, 4, 2, 0))), (3, 2));
        assert_eq!(to_pick(&line(5, 5, 0, 0, 2), &Held::new(), 7), 3);
    }
}
