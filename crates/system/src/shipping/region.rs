//! The tree of regions (M8.8) as forms read it, a level at a time.

use std::collections::BTreeSet;

use axum::extract::State;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::region::{Column, Entity, Model};
use zg_db::entity::zone_region;
use zg_domain::Locale;
use zg_web::{Answer, Lang, Query, Result, Staff};

use crate::Error;
use crate::shipping::offer::zones_served;

/// Countries and regions that stand first in a list.
const FIRST: [&str; 4] = ["CN", "HK", "MO", "TW"];

/// Which regions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RegionQuery {
    /// Code of the region, or of the country, above. Countries, if absent.
    parent: Option<String>,
}

/// Which regions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StoreRegionQuery {
    /// Code of the region above.
    parent: Option<String>,
    /// ISO 3166-1: its provinces, if there is no `parent`.
    country: Option<String>,
}

/// A country, province, city or district.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegionView {
    /// ISO 3166-1 of a country; the statistical code of a region.
    code: String,
    name: String,
    name_en: Option<String>,
    /// 0 country, 1 province, 2 city, 3 district.
    level: i32,
    parent: Option<String>,
    /// There are regions below it.
    has_children: bool,
}

/// A country that an address can name.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountryView {
    /// ISO 3166-1, two letters.
    code: String,
    /// In the reader's language.
    name: String,
    /// The shop ships there, at least to some regions.
    ships: bool,
    /// Its regions are known: province, city and district are chosen from them.
    has_regions: bool,
}

/// The regions below one, or all countries.
#[utoipa::path(get, path = "/admin/regions", params(RegionQuery), responses((status = 200, body = Vec<RegionView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff, Query(asked): Query<RegionQuery>) -> Result<Answer<Vec<RegionView>>> {
    Ok(Answer::ok(below(app.read(), asked.parent.as_deref()).await?))
}

/// The regions below one: provinces of a country, cities of a province, districts
/// of a city. Empty where an address is free text.
#[utoipa::path(get, path = "/store/regions", params(StoreRegionQuery), responses((status = 200, body = Vec<RegionView>)))]
pub(crate) async fn store(State(app): State<App>, Query(asked): Query<StoreRegionQuery>) -> Result<Answer<Vec<RegionView>>> {
    let parent = asked.parent.or(asked.country).unwrap_or_else(|| "CN".to_owned());
    Ok(Answer::ok(below(app.read(), Some(&parent)).await?))
}

async fn below(db: &impl ConnectionTrait, parent: Option<&str>) -> Result<Vec<RegionView>, Error> {
    let found = match parent {
        Some(code) => Entity::find().filter(Column::Parent.eq(code)),
        None => Entity::find().filter(Column::Level.eq(0)),
    };
    let rows = found.order_by(Column::Code, Order::Asc).all(db).await?;
    let above = parents(db, &rows).await?;
    let view = |row: Model| RegionView {
        has_children: above.contains(&row.code),
        code: row.code,
        name: row.name,
        name_en: row.name_en,
        level: row.level,
        parent: row.parent,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Which of these have regions below them.
async fn parents(db: &impl ConnectionTrait, rows: &[Model]) -> Result<BTreeSet<String>, Error> {
    let found: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Parent)
        .distinct()
        .filter(Column::Parent.is_in(rows.iter().map(|row| row.code.as_str())))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// Every country, those that the shop ships to marked, by name.
#[utoipa::path(get, path = "/store/countries", responses((status = 200, body = Vec<CountryView>)))]
pub(crate) async fn countries(State(app): State<App>, Lang(locale): Lang) -> Result<Answer<Vec<CountryView>>> {
    let db = app.read();
    let rows = Entity::find().filter(Column::Level.eq(0)).all(db).await?;
    let above = parents(db, &rows).await?;
    let zones = zones_served(db).await?;
    let lines = zone_region::Entity::find().filter(zone_region::Column::ZoneId.is_in(zones.iter().copied())).all(db).await?;
    let ships = |code: &str| {
        let whole = |zone: i64, country: &str| {
            let line = lines.iter().find(|line| line.zone_id == zone && line.country == country && line.region.is_none());
            line.map(|line| !line.excluded)
        };
        lines.iter().any(|line| line.country == code && line.region.is_some() && !line.excluded)
            || zones.iter().any(|zone| whole(*zone, code).or_else(|| whole(*zone, "*")).unwrap_or(false))
    };
    let mut views: Vec<CountryView> = rows
        .into_iter()
        .map(|row| CountryView {
            ships: ships(&row.code),
            has_regions: above.contains(&row.code),
            name: match locale {
                Locale::ZhCn => row.name,
                Locale::En => row.name_en.unwrap_or(row.name),
            },
            code: row.code,
        })
        .collect();
    // Those nearest to the shop first; the rest by name in English, by code in Chinese.
    let near = |code: &str| FIRST.iter().position(|known| *known == code).unwrap_or(FIRST.len());
    views.sort_by_key(|view| match locale {
        Locale::ZhCn => (near(&view.code), view.code.clone()),
        Locale::En => (near(&view.code), view.name.clone()),
    });
    Ok(Answer::ok(views))
}
