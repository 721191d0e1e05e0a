//! Records that may be of one person (M7.1): the same phone, the same e-mail address
//! but for what its owner may leave out, the same name at the same address.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::customer::{Column, Entity, Model};
use zg_db::entity::customer_address;
use zg_web::{Answer, Path, Result, Staff};

use crate::find::ACTIVE;
use crate::list::rows_of;
use crate::view::CustomerRow;
use crate::{Error, address, find};

/// Groups shown at a time, of each kind.
const GROUPS: u64 = 50;
/// Records shown of one kind.
const ROWS: u64 = 20;

/// Why records may be of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The same e-mail address, but for dots and what follows a plus.
    Email,
    /// The same phone.
    Phone,
    /// The same name at the same address.
    NameAndAddress,
}

/// A record that may be of the same person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Duplicate {
    reasons: Vec<Reason>,
    customer: CustomerRow,
}

/// Records that may be of one person.
#[derive(Serialize, ToSchema)]
pub(crate) struct DuplicateGroup {
    reason: Reason,
    customers: Vec<CustomerRow>,
}

/// Records that may be of the same person as this one, the oldest first.
#[utoipa::path(get, path = "/admin/customers/{id}/duplicates", params(("id" = i64, Path)), responses((status = 200, body = Vec<Duplicate>)))]
pub(crate) async fn of_one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<Vec<Duplicate>>> {
    let db = app.read();
    let row = find::active(db, id).await?;
    let mut reasons: BTreeMap<i64, BTreeSet<Reason>> = BTreeMap::new();
    let mut found: BTreeMap<i64, Model> = BTreeMap::new();
    for (reason, rows) in [
        (Reason::Email, with(db, id, Column::EmailKey, row.email_key.as_deref()).await?),
        (Reason::Phone, with(db, id, Column::Phone, row.phone.as_deref()).await?),
        (Reason::NameAndAddress, neighbours(db, &row).await?),
    ] {
        for row in rows {
            reasons.entry(row.id).or_default().insert(reason);
            found.insert(row.id, row);
        }
    }
    let views = rows_of(db, found.into_values().collect()).await?;
    let view = |customer: CustomerRow| Duplicate { reasons: reasons.get(&customer.id).into_iter().flatten().copied().collect(), customer };
    Ok(Answer::ok(views.into_iter().map(view).collect()))
}

/// Others in use that have this value, too.
async fn with(db: &impl ConnectionTrait, id: i64, column: Column, value: Option<&str>) -> Result<Vec<Model>, Error> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let others = Entity::find().filter(column.eq(value)).filter(Column::Id.ne(id)).filter(Column::State.eq(ACTIVE));
    Ok(others.order_by(Column::Id, Order::Asc).limit(ROWS).all(db).await?)
}

/// Others of the same name who have an address in common.
async fn neighbours(db: &impl ConnectionTrait, row: &Model) -> Result<Vec<Model>, Error> {
    let mine: BTreeSet<_> = address::of(db, row.id).await?.iter().map(place).collect();
    if mine.is_empty() || row.name_key.is_empty() {
        return Ok(Vec::new());
    }
    let named = with(db, row.id, Column::NameKey, Some(&row.name_key)).await?;
    let theirs = customer_address::Entity::find().filter(customer_address::Column::CustomerId.is_in(named.iter().map(|row| row.id)));
    let here: BTreeSet<i64> =
        theirs.all(db).await?.iter().filter(|address| mine.contains(&place(address))).map(|address| address.customer_id).collect();
    Ok(named.into_iter().filter(|row| here.contains(&row.id)).collect())
}

/// Where it is, without case and spaces.
fn place(address: &customer_address::Model) -> (String, String, String) {
    let folded = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    (address.country.clone(), folded(&address.city), folded(&address.street))
}

/// Groups of records that may be of one person, over the whole shop.
#[utoipa::path(get, path = "/admin/customers/duplicates", responses((status = 200, body = Vec<DuplicateGroup>)))]
pub(crate) async fn groups(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<DuplicateGroup>>> {
    let db = app.read();
    let mut groups: Vec<(Reason, Vec<i64>)> = Vec::new();
    for (reason, column) in [(Reason::Email, Column::EmailKey), (Reason::Phone, Column::Phone)] {
        groups.extend(sharing(db, column).await?.into_iter().map(|ids| (reason, ids)));
    }
    groups.extend(living_together(db).await?.into_iter().map(|ids| (Reason::NameAndAddress, ids)));

    let wanted: BTreeSet<i64> = groups.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let rows = Entity::find().filter(Column::Id.is_in(wanted)).all(db).await?;
    let mut out = Vec::new();
    for (reason, ids) in groups {
        let members = rows.iter().filter(|row| ids.contains(&row.id)).cloned().collect();
        out.push(DuplicateGroup { reason, customers: rows_of(db, members).await? });
    }
    Ok(Answer::ok(out))
}

/// Ids of records that share a value of a column.
async fn sharing(db: &impl ConnectionTrait, column: Column) -> Result<Vec<Vec<i64>>, Error> {
    let shared: Vec<String> = Entity::find()
        .select_only()
        .column(column)
        .filter(column.is_not_null())
        .filter(Column::State.eq(ACTIVE))
        .group_by(column)
        .having(Expr::col(Column::Id).count().gt(1))
        .order_by(column, Order::Asc)
        .limit(GROUPS)
        .into_tuple()
        .all(db)
        .await?;
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .columns([column, Column::Id])
        .filter(column.is_in(shared))
        .filter(Column::State.eq(ACTIVE))
        .order_by(Column::Id, Order::Asc)
        .into_tuple()
        .all(db)
        .await?;
    let mut groups: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (value, id) in rows {
        groups.entry(value).or_default().push(id);
    }
    Ok(groups.into_values().collect())
}

/// Ids of records of one name that have an address in common.
async fn living_together(db: &impl ConnectionTrait) -> Result<Vec<Vec<i64>>, Error> {
    use customer_address::Column as At;
    let of: RelationDef = customer_address::Entity::belongs_to(Entity).from(At::CustomerId).to(Column::Id).into();
    let shared: Vec<(String, String, String)> = customer_address::Entity::find()
        .join(JoinType::InnerJoin, of.clone())
        .select_only()
        .column(Column::NameKey)
        .columns([At::City, At::Street])
        .filter(Column::State.eq(ACTIVE))
        .group_by(Column::NameKey)
        .group_by(At::City)
        .group_by(At::Street)
        .having(Expr::col((customer_address::Entity, At::CustomerId)).count_distinct().gt(1))
        .order_by(Column::NameKey, Order::Asc)
        .limit(GROUPS)
        .into_tuple()
        .all(db)
        .await?;
    let shared: BTreeSet<(String, String, String)> = shared.into_iter().collect();
    let rows: Vec<(String, String, String, i64)> = customer_address::Entity::find()
        .join(JoinType::InnerJoin, of)
        .select_only()
        .column(Column::NameKey)
        .columns([At::City, At::Street, At::CustomerId])
        .filter(Column::State.eq(ACTIVE))
        .filter(Column::NameKey.is_in(shared.iter().map(|(name, _, _)| name.as_str())))
        .into_tuple()
        .all(db)
        .await?;
    let mut groups: BTreeMap<(String, String, String), BTreeSet<i64>> = BTreeMap::new();
    for (name, city, street, id) in rows {
        groups.entry((name, city, street)).or_default().insert(id);
    }
    Ok(groups.into_iter().filter(|(place, _)| shared.contains(place)).map(|(_, ids)| ids.into_iter().collect()).collect())
}
