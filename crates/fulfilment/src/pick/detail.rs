//! One pick list: by SKU, as one walks along the shelves, and by order, as one packs.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::{file, order, order_line, pick_list_line, pick_list_order, sku};
use zg_web::{Answer, Path, Result, Staff, View};

use crate::Error;
use crate::pick::list::{self, PickListRow};

/// A line of a pick list: pieces of one order's line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PickLine {
    /// To be named when it is picked by hand.
    id: i64,
    order_id: i64,
    order_number: String,
    order_line_id: i64,
    sku_id: i64,
    sku: String,
    bin: Option<String>,
    quantity: i64,
    picked: i64,
    short: i64,
}

/// A SKU on a pick list: what to take from one shelf.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PickSku {
    pub(crate) sku_id: i64,
    /// Its code.
    pub(crate) sku: String,
    pub(crate) barcode: Option<String>,
    /// As it was sold.
    pub(crate) name: String,
    pub(crate) options: Option<String>,
    /// Address of a picture.
    pub(crate) picture: Option<String>,
    pub(crate) bin: Option<String>,
    /// Pieces to take, over all orders.
    pub(crate) quantity: i64,
    pub(crate) picked: i64,
    pub(crate) short: i64,
    pub(crate) lines: Vec<PickLine>,
}

/// An order on a pick list: what goes into its parcels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PickOrder {
    order_id: i64,
    order_number: String,
    /// Who receives it.
    contact_name: String,
    /// Still to be picked; not once the list is closed.
    open: bool,
    /// How far the order is fulfilled.
    fulfilment: String,
    lines: Vec<PickLine>,
}

/// A pick list, whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PickListView {
    #[serde(flatten)]
    row: PickListRow,
    /// Sorted by shelf, then by code.
    skus: Vec<PickSku>,
    /// In the order in which they were placed.
    by_order: Vec<PickOrder>,
}

impl View for PickListView {
    fn version(&self) -> Option<i64> {
        Some(self.row.version)
    }
}

/// A pick list.
#[utoipa::path(get, path = "/admin/pick-lists/{id}", params(("id" = i64, Path)), responses((status = 200, body = PickListView)))]
pub(crate) async fn handler(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<PickListView>> {
    let view = view(app.read(), id).await?;
    let version = view.row.version;
    Ok(Answer::ok(view).etag(version))
}

async fn view(db: &impl ConnectionTrait, id: i64) -> Result<PickListView, Error> {
    let row = list::row(db, id).await?;
    let orders = orders(db, id).await?;
    let numbers: BTreeMap<i64, String> = orders.iter().map(|(order, _)| (order.id, order.number.clone())).collect();
    let skus = by_sku(db, id, &numbers, None).await?;
    let by_order = orders
        .into_iter()
        .map(|(order, open)| PickOrder {
            lines: skus.iter().flat_map(|sku| &sku.lines).filter(|line| line.order_id == order.id).cloned().collect(),
            order_id: order.id,
            order_number: order.number,
            contact_name: order.contact_name,
            open,
            fulfilment: order.fulfilment_state,
        })
        .collect();
    Ok(PickListView { row, skus, by_order })
}

/// The orders of a list, the oldest first, and whether each is still to be picked.
async fn orders(db: &impl ConnectionTrait, id: i64) -> Result<Vec<(order::Model, bool)>, Error> {
    let links = pick_list_order::Entity::find().filter(pick_list_order::Column::PickListId.eq(id)).all(db).await?;
    let open: BTreeMap<i64, bool> = links.into_iter().map(|link| (link.order_id, link.open)).collect();
    let orders = order::Entity::find()
        .filter(order::Column::Id.is_in(open.keys().copied()))
        .order_by(order::Column::PlacedAt, Order::Asc)
        .order_by(order::Column::Id, Order::Asc)
        .all(db)
        .await?;
    Ok(orders
        .into_iter()
        .map(|order| (open.get(&order.id).copied().unwrap_or_default(), order))
        .map(|(open, order)| (order, open))
        .collect())
}

/// The SKUs of a list, or one of them, with their lines.
pub(crate) async fn by_sku(
    db: &impl ConnectionTrait,
    list_id: i64,
    numbers: &BTreeMap<i64, String>,
    only: Option<i64>,
) -> Result<Vec<PickSku>, Error> {
    use pick_list_line::Column;
    let mut found = pick_list_line::Entity::find().filter(Column::PickListId.eq(list_id)).order_by(Column::Id, Order::Asc);
    if let Some(sku_id) = only {
        found = found.filter(Column::SkuId.eq(sku_id));
    }
    let rows = found.all(db).await?;
    let skus = sku::Entity::find().filter(sku::Column::Id.is_in(rows.iter().map(|row| row.sku_id))).all(db).await?;
    let sold = order_line::Entity::find().filter(order_line::Column::Id.is_in(rows.iter().map(|row| row.order_line_id))).all(db).await?;
    let pictures = file::Entity::find().filter(file::Column::Id.is_in(sold.iter().filter_map(|line| line.file_id))).all(db).await?;
    let mut views: Vec<PickSku> = skus
        .into_iter()
        .map(|sku| {
            let of_it: Vec<&pick_list_line::Model> = rows.iter().filter(|row| row.sku_id == sku.id).collect();
            let first = sold.iter().find(|line| line.sku_id == Some(sku.id));
            let picture = first.and_then(|line| line.file_id).and_then(|id| pictures.iter().find(|file| file.id == id));
            let sum = |of: fn(&pick_list_line::Model) -> i64| of_it.iter().map(|row| of(row)).sum();
            PickSku {
                sku_id: sku.id,
                barcode: sku.barcode,
                name: first.map(|line| line.name.clone()).unwrap_or_default(),
                options: first.and_then(|line| line.options.clone()),
                picture: picture.map(|file| format!("/files/{}", file.sha256)),
                bin: of_it.iter().find_map(|row| row.bin.clone()),
                quantity: sum(|row| row.quantity),
                picked: sum(|row| row.picked),
                short: sum(|row| row.short),
                lines: of_it.iter().map(|row| line(row, &sku.code, numbers)).collect(),
                sku: sku.code,
            }
        })
        .collect();
    // What lies on no named shelf comes last.
    views.sort_by(|a, b| (a.bin.is_none(), &a.bin, &a.sku).cmp(&(b.bin.is_none(), &b.bin, &b.sku)));
    Ok(views)
}

fn line(row: &pick_list_line::Model, sku: &str, numbers: &BTreeMap<i64, String>) -> PickLine {
    PickLine {
        id: row.id,
        order_id: row.order_id,
        order_number: numbers.get(&row.order_id).cloned().unwrap_or_default(),
        order_line_id: row.order_line_id,
        sku_id: row.sku_id,
        sku: sku.to_owned(),
        bin: row.bin.clone(),
        quantity: row.quantity,
        picked: row.picked,
        short: row.short,
    }
}
