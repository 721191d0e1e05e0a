//! What an address form offers to choose from. Scripts fill the lists as one
//! chooses; without them the names known for what was saved stand beside the fields.

use minijinja::{Value, context};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use zg_db::entity::region;
use zg_domain::Locale;
use zg_web::Result;

use crate::page::Page;

/// The only country whose regions are known.
const CHINA: &str = "CN";
/// Countries and regions that stand first.
const FIRST: [&str; 4] = [CHINA, "HK", "MO", "TW"];

/// Countries, and the names below what is chosen so far.
pub(crate) async fn choices(page: &Page, country: &str, province: &str, city: &str) -> Result<Value> {
    let db = page.app().read();
    let mut countries = region::Entity::find().filter(region::Column::Level.eq(0)).all(db).await?;
    let name = |row: &region::Model| match page.locale() {
        Locale::ZhCn => row.name.clone(),
        Locale::En => row.name_en.clone().unwrap_or_else(|| row.name.clone()),
    };
    let rank = |code: &str| FIRST.iter().position(|first| *first == code).unwrap_or(FIRST.len());
    countries.sort_by_cached_key(|row| (rank(&row.code), name(row)));
    let countries: Vec<Value> = countries.iter().map(|row| context! { code => row.code.as_str(), name => name(row) }).collect();

    let mut lists: Vec<Vec<String>> = Vec::new();
    if country.is_empty() || country == CHINA {
        let mut above = Some(CHINA.to_owned());
        for chosen in [province, city, ""] {
            let Some(parent) = above.take() else { break };
            let rows = below(page, &parent).await?;
            let known = rows.iter().find(|row| !chosen.is_empty() && row.name.starts_with(chosen));
            above = known.map(|row| row.code.clone());
            lists.push(rows.into_iter().map(|row| row.name).collect());
        }
    }
    let mut lists = lists.into_iter();
    Ok(context! { countries, provinces => lists.next(), cities => lists.next(), districts => lists.next() })
}

async fn below(page: &Page, parent: &str) -> Result<Vec<region::Model>> {
    let rows = region::Entity::find().filter(Condition::all().add(region::Column::Parent.eq(parent)));
    Ok(rows.order_by_asc(region::Column::Code).limit(500).all(page.app().read()).await?)
}
