//! Zones (M8.8): regions with the same rates, and what they leave out.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, shelf};
use zg_db::entity::zone::{ActiveModel, Column, Entity, Model};
use zg_db::entity::{region, shipping_rate, zone_region};
use zg_web::{Answer, Committed, IfMatch, Json, Page, Path, Result, Staff, View};

use crate::Error;
use crate::shipping::carrier::{code, text};

/// Lines of one zone.
const LINES: usize = 4_000;

/// A line of a zone: a country, or a region of it, taken in or left out. Of the
/// lines that name a destination the most exact decides.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub(crate) struct ZoneLine {
    /// ISO 3166-1, two letters; `*` is everywhere.
    pub(crate) country: String,
    /// Code of a province, city or district; the whole country if null.
    pub(crate) region: Option<String>,
    /// Left out rather than taken in.
    #[serde(default)]
    pub(crate) excluded: bool,
}

/// A line, with the names people know it by.
#[derive(Serialize, ToSchema)]
struct ZoneLineView {
    country: String,
    region: Option<String>,
    excluded: bool,
    /// Language tag → name, from the country down.
    name: BTreeMap<&'static str, String>,
}

/// Regions with the same rates.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneView {
    id: i64,
    code: String,
    name: String,
    lines: Vec<ZoneLineView>,
    version: i64,
}

impl View for ZoneView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A zone to be made or changed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ZoneInput {
    /// Letters, digits, `-` and `_`; no other zone has it.
    pub(crate) code: String,
    /// The name staff see.
    pub(crate) name: String,
    /// What it takes in and leaves out.
    pub(crate) lines: Vec<ZoneLine>,
}

/// All zones.
#[utoipa::path(get, path = "/admin/zones", responses((status = 200, body = Page<ZoneView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Page<ZoneView>>> {
    let rows = Entity::find().order_by(Column::Id, Order::Asc).limit(500).all(app.read()).await?;
    Ok(Answer::ok(Page::whole(views(app.read(), rows).await?)))
}

/// One zone.
#[utoipa::path(get, path = "/admin/zones/{id}", params(("id" = i64, Path)), responses((status = 200, body = ZoneView)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<ZoneView>> {
    let row = Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::ZoneNotFound)?;
    let version = row.version;
    Ok(Answer::ok(view(app.read(), row).await?).etag(version))
}

/// Makes a zone.
#[utoipa::path(post, path = "/admin/zones", request_body = ZoneInput, responses((status = 201, body = ZoneView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<ZoneInput>) -> Result<Committed<ZoneView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = add(tx.db(), &asked).await?;
    let after = json!({ "code": row.code, "name": row.name, "lines": asked.lines });
    tx.audit("zone.create", "zone", row.id, None, Some(after)).await?;
    shelf::touch(&tx).await?;
    let location = format!("/admin/zones/{}", row.id);
    let view = view(tx.db(), row).await?;
    Committed::created(tx, view, &location).await
}

pub(crate) async fn add(db: &impl ConnectionTrait, asked: &ZoneInput) -> Result<Model, Error> {
    let lines = checked(db, &asked.lines).await?;
    let row = ActiveModel { code: Set(code(&asked.code)?), name: Set(text(&asked.name, "/name")?), version: Set(1), ..Default::default() };
    let row = row.insert(db).await?;
    put(db, row.id, lines).await?;
    Ok(row)
}

/// Changes a zone. Carts are priced by it from now on; orders keep what they were charged.
#[utoipa::path(put, path = "/admin/zones/{id}", params(("id" = i64, Path), IfMatch), request_body = ZoneInput, responses((status = 200, body = ZoneView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ZoneInput>,
) -> Result<Committed<ZoneView>> {
    let tx = app.begin(&staff.actor).await?;
    let before = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ZoneNotFound)?;
    let lines_before = lines_of(tx.db(), &[id]).await?.remove(&id).unwrap_or_default();
    let lines = checked(tx.db(), &asked.lines).await?;
    let set = ActiveModel {
        code: Set(code(&asked.code)?),
        name: Set(text(&asked.name, "/name")?),
        version: Set(version + 1),
        ..Default::default()
    };
    let done = Entity::update_many().set(set).filter(Column::Id.eq(id)).filter(Column::Version.eq(version)).exec(tx.db()).await;
    if done.map_err(Error::from)?.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    zone_region::Entity::delete_many().filter(zone_region::Column::ZoneId.eq(id)).exec(tx.db()).await?;
    put(tx.db(), id, lines).await?;
    let seen = json!({ "code": before.code, "name": before.name, "lines": lines_before });
    let after = json!({ "code": asked.code, "name": asked.name, "lines": asked.lines });
    tx.audit("zone.change", "zone", id, Some(seen), Some(after)).await?;
    shelf::touch(&tx).await?;
    let row = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ZoneNotFound)?;
    let view = view(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

/// Deletes a zone that no rate names.
#[utoipa::path(delete, path = "/admin/zones/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ZoneNotFound)?;
    if shipping_rate::Entity::find().filter(shipping_rate::Column::ZoneId.eq(id)).count(tx.db()).await? > 0 {
        return Err(Error::ZoneInUse.into());
    }
    zone_region::Entity::delete_many().filter(zone_region::Column::ZoneId.eq(id)).exec(tx.db()).await?;
    Entity::delete_by_id(id).exec(tx.db()).await?;
    tx.audit("zone.delete", "zone", id, Some(json!({ "code": before.code, "name": before.name })), None).await?;
    shelf::touch(&tx).await?;
    Committed::no_content(tx).await
}

/// The lines, sorted and each once, if all that they name exists.
async fn checked(db: &impl ConnectionTrait, lines: &[ZoneLine]) -> Result<BTreeSet<ZoneLine>, Error> {
    if lines.len() > LINES || !lines.iter().any(|line| !line.excluded) {
        return Err(Error::Field("/lines".to_owned(), "zone_empty"));
    }
    let known = regions(db, lines).await?;
    for (at, line) in lines.iter().enumerate() {
        let fault = |field: &str, code| Err(Error::Field(format!("/lines/{at}/{field}"), code));
        let everywhere = line.country == "*";
        if !everywhere && known.get(&line.country).is_none_or(|row| row.level != 0) {
            return fault("country", "country_unknown");
        }
        let Some(code) = &line.region else { continue };
        if everywhere || known.get(code).is_none_or(|row| row.level == 0 || row.country != line.country) {
            return fault("region", "region_unknown");
        }
    }
    Ok(lines.iter().cloned().collect())
}

async fn regions(db: &impl ConnectionTrait, lines: &[ZoneLine]) -> Result<BTreeMap<String, region::Model>, Error> {
    let codes: BTreeSet<&str> = lines.iter().flat_map(|line| [Some(line.country.as_str()), line.region.as_deref()]).flatten().collect();
    let rows = region::Entity::find().filter(region::Column::Code.is_in(codes)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.code.clone(), row)).collect())
}

async fn put(db: &impl ConnectionTrait, zone_id: i64, lines: BTreeSet<ZoneLine>) -> Result<(), Error> {
    let rows: Vec<zone_region::ActiveModel> = lines
        .into_iter()
        .map(|line| zone_region::ActiveModel {
            zone_id: Set(zone_id),
            country: Set(line.country),
            region: Set(line.region),
            excluded: Set(line.excluded),
            ..Default::default()
        })
        .collect();
    for chunk in rows.chunks(1_000) {
        zone_region::Entity::insert_many(chunk.to_vec()).exec_without_returning(db).await?;
    }
    Ok(())
}

async fn lines_of(db: &impl ConnectionTrait, zones: &[i64]) -> Result<BTreeMap<i64, Vec<ZoneLine>>, Error> {
    let found = zone_region::Entity::find().filter(zone_region::Column::ZoneId.is_in(zones.iter().copied()));
    let mut lines: BTreeMap<i64, Vec<ZoneLine>> = BTreeMap::new();
    for row in found.order_by(zone_region::Column::Id, Order::Asc).all(db).await? {
        let line = ZoneLine { country: row.country, region: row.region, excluded: row.excluded };
        lines.entry(row.zone_id).or_default().push(line);
    }
    Ok(lines)
}

async fn view(db: &impl ConnectionTrait, row: Model) -> Result<ZoneView, Error> {
    views(db, vec![row]).await?.pop().ok_or(Error::ZoneNotFound)
}

async fn views(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<ZoneView>, Error> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut lines = lines_of(db, &ids).await?;
    let all: Vec<ZoneLine> = lines.values().flatten().cloned().collect();
    let known = regions(db, &all).await?;
    let view = |row: Model| ZoneView {
        lines: lines.remove(&row.id).unwrap_or_default().into_iter().map(|line| named(line, &known)).collect(),
        id: row.id,
        code: row.code,
        name: row.name,
        version: row.version,
    };
    Ok(rows.into_iter().map(view).collect())
}

fn named(line: ZoneLine, known: &BTreeMap<String, region::Model>) -> ZoneLineView {
    let both = |code: &str| known.get(code).map(|row| (row.name.clone(), row.name_en.clone().unwrap_or_else(|| row.name.clone())));
    let country_name =
        if line.country == "*" { Some(("所有国家和地区".to_owned(), "Everywhere".to_owned())) } else { both(&line.country) };
    let region_name = line.region.as_deref().and_then(both);
    let (zh, en): (Vec<String>, Vec<String>) = [country_name, region_name].into_iter().flatten().unzip();
    let ZoneLine { country, region, excluded } = line;
    ZoneLineView { country, region, excluded, name: BTreeMap::from([("zh-CN", zh.join(" · ")), ("en", en.join(" · "))]) }
}
