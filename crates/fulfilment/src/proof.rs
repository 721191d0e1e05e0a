//! The proof (B3): what the lines of orders say was shipped and delivered is what
//! their parcels hold.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use zg_base::Proof;
use zg_db::entity::{order_line, shipment, shipment_line};

use crate::Error;
use crate::parcel::{DELIVERED, UNDONE};

/// Lines looked at together.
const CHUNK: u64 = 5_000;

/// Line, quantity, picked, shipped, delivered, cancelled.
type Row = (i64, i64, i64, i64, i64, i64);

/// Proves for every line of every order that its shipped pieces are those in parcels
/// that were not undone, its delivered pieces those in parcels that arrived, and
/// that no more was picked than stands.
///
/// # Errors
/// [`Error::Base`].
pub async fn prove(db: &impl ConnectionTrait) -> Result<Proof, Error> {
    let mut proof = Proof::new("shipments");
    let mut after = 0;
    loop {
        let lines = lines(db, after).await?;
        let Some(last) = lines.last().map(|row| row.0) else { break };
        let parcels = parcels(db, after, last).await?;
        for (id, quantity, picked, shipped, delivered, cancelled) in lines {
            proof.checked += 1;
            let (left, arrived) = parcels.get(&id).copied().unwrap_or_default();
            if (left, arrived) != (shipped, delivered) {
                proof.fault(format!(
                    "order line {id}: its parcels hold {left}, of which {arrived} arrived; it says {shipped} shipped and {delivered} delivered"
                ));
            }
            if picked > quantity || shipped + cancelled > quantity {
                proof.fault(format!("order line {id}: of {quantity}, {picked} picked, {shipped} shipped, {cancelled} cancelled"));
            }
        }
        after = last;
    }
    Ok(proof)
}

async fn lines(db: &impl ConnectionTrait, after: i64) -> Result<Vec<Row>, Error> {
    use order_line::Column;
    let rows = order_line::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Quantity, Column::Picked, Column::Shipped, Column::Delivered, Column::Cancelled])
        .filter(Column::Id.gt(after))
        .order_by(Column::Id, Order::Asc)
        .limit(CHUNK)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

/// Pieces in parcels, by line: those that left, and those of them that arrived.
async fn parcels(db: &impl ConnectionTrait, after: i64, last: i64) -> Result<BTreeMap<i64, (i64, i64)>, Error> {
    use shipment_line::Column;
    let to_parcel: RelationDef =
        shipment_line::Entity::belongs_to(shipment::Entity).from(Column::ShipmentId).to(shipment::Column::Id).into();
    let rows: Vec<(i64, String, i64)> = shipment_line::Entity::find()
        .select_only()
        .column(Column::OrderLineId)
        .column(shipment::Column::State)
        // PostgreSQL adds up bigints to a numeric.
        .column_as(Expr::expr(Expr::col((shipment_line::Entity, Column::Quantity)).sum()).cast_as("bigint"), "pieces")
        .join(JoinType::InnerJoin, to_parcel)
        .filter(Column::OrderLineId.gt(after))
        .filter(Column::OrderLineId.lte(last))
        .filter(shipment::Column::State.ne(UNDONE))
        .group_by(Column::OrderLineId)
        .group_by(shipment::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let mut pieces: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (line, state, quantity) in rows {
        let (left, arrived) = pieces.entry(line).or_default();
        *left += quantity;
        if state == DELIVERED {
            *arrived += quantity;
        }
    }
    Ok(pieces)
}
