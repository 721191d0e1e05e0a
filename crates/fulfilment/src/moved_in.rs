//! Parcels of past orders, moved in from another shop (B17): delivered long ago, with
//! their old dates. No stock moves and nobody is told; the importer itself writes the
//! counts of the orders' lines, and [`crate::prove`] compares the two.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use zg_base::Tx;
use zg_db::entity::{shipment, shipment_line};

use crate::Error;
use crate::parcel::DELIVERED;

/// Rows written with one statement.
const CHUNK: usize = 500;

/// A parcel of a past order.
#[derive(Clone, Debug)]
pub struct PastShipment {
    /// Row of `orders`.
    pub order_id: i64,
    /// Unique: the order's number will do.
    pub number: String,
    /// Row of `carrier`, if it is known here.
    pub carrier_id: Option<i64>,
    /// The waybill's number.
    pub tracking_number: Option<String>,
    /// When it left, in the old shop.
    pub at: DateTime<Utc>,
    /// Pairs of `order_line` id and quantity, above zero, a line once.
    pub lines: Vec<(i64, i64)>,
}

/// Writes the parcels of many past orders, in few statements.
///
/// # Errors
/// [`Error::Base`], also if a number is taken.
pub async fn import_shipments(tx: &Tx, shipments: &[PastShipment]) -> Result<(), Error> {
    let warehouse_id = zg_inventory::default_warehouse(tx.db()).await?;
    for chunk in shipments.chunks(CHUNK) {
        let rows = chunk.iter().map(|past| parcel(past, warehouse_id));
        shipment::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
        let made = shipment::Entity::find()
            .filter(shipment::Column::Number.is_in(chunk.iter().map(|past| past.number.clone())))
            .all(tx.db())
            .await?;
        let ids: BTreeMap<String, i64> = made.into_iter().map(|row| (row.number, row.id)).collect();
        let lines: Vec<_> = chunk.iter().flat_map(|past| lines(past, &ids)).collect();
        for lines in lines.chunks(CHUNK) {
            shipment_line::Entity::insert_many(lines.to_vec()).exec_without_returning(tx.db()).await?;
        }
    }
    Ok(())
}

fn parcel(past: &PastShipment, warehouse_id: i64) -> shipment::ActiveModel {
    shipment::ActiveModel {
        order_id: Set(past.order_id),
        number: Set(past.number.clone()),
        warehouse_id: Set(warehouse_id),
        carrier_id: Set(past.carrier_id),
        tracking_number: Set(past.tracking_number.clone()),
        state: Set(DELIVERED.to_owned()),
        packed_at: Set(past.at),
        handed_over_at: Set(Some(past.at)),
        delivered_at: Set(Some(past.at)),
        version: Set(1),
        ..Default::default()
    }
}

fn lines(past: &PastShipment, ids: &BTreeMap<String, i64>) -> Vec<shipment_line::ActiveModel> {
    let Some(id) = ids.get(&past.number) else { return Vec::new() };
    past.lines
        .iter()
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(line, quantity)| shipment_line::ActiveModel { shipment_id: Set(*id), order_line_id: Set(*line), quantity: Set(*quantity) })
        .collect()
}
