//! Is this an address that a parcel can be sent to? (M8.8)

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::shelf::Seen;
use zg_db::entity::region;
use zg_web::Problem;

use crate::shipping::place::{CHINA, Place, children, is_heading, named};

/// Where a parcel goes, as a person wrote it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Province or state.
    #[serde(default)]
    pub province: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// District or county; empty where there is none.
    #[serde(default)]
    pub district: String,
}

/// Why a destination is none.
#[derive(Debug, thiserror::Error)]
pub enum AddressFault {
    /// A part of it is missing or stands nowhere in the tree.
    #[error("{field}: {reason}")]
    Field {
        /// `country`, `province`, `city` or `district`.
        field: &'static str,
        /// A code: `required`, `country_unknown`, `region_unknown`, `region_abroad`.
        reason: &'static str,
    },
    /// Below every module.
    #[error(transparent)]
    Base(#[from] zg_base::Error),
}

impl From<DbErr> for AddressFault {
    fn from(error: DbErr) -> Self {
        Self::Base(error.into())
    }
}

impl From<AddressFault> for Problem {
    fn from(fault: AddressFault) -> Self {
        match fault {
            AddressFault::Field { field, reason } => Self::unprocessable("invalid").field(format!("/{field}"), reason),
            AddressFault::Base(error) => error.into(),
        }
    }
}

/// Checks a destination: the country exists, and in China province, city and
/// district stand in the tree. Endings may be left out (广东, 朝阳); the district is
/// needed only where the city has districts (东莞市 has towns, 济源市 nothing).
/// Elsewhere the parts are free text.
///
/// # Errors
/// [`AddressFault::Field`] names the first part that is wrong, and why.
pub async fn check_address(seen: &Seen<'_>, to: &Destination) -> Result<(), AddressFault> {
    let located = located(seen, to).await?;
    located.fault.map_or(Ok(()), |(field, reason)| Err(AddressFault::Field { field, reason }))
}

/// Where a destination lies, and what is wrong with it: field and reason.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) place: Place,
    fault: Option<(&'static str, &'static str)>,
}

/// The place of a destination, as it is remembered.
pub(crate) async fn located(seen: &Seen<'_>, to: &Destination) -> Result<std::sync::Arc<Located>, DbErr> {
    let key = format!("place|{}|{}|{}|{}", to.country, to.province, to.city, to.district);
    seen.or_read(&key, |located| 400 + located.place.path.len() * 200, locate(seen.app().read(), to)).await
}

/// The place of a destination as far as the tree knows it, and what is wrong with it.
async fn locate(db: &impl ConnectionTrait, to: &Destination) -> Result<Located, DbErr> {
    let code = to.country.trim().to_ascii_uppercase();
    let mut place = Place { country: code.clone(), path: Vec::new() };
    let country = region::Entity::find_by_id(&code).one(db).await?.filter(|row| row.level == 0);
    if country.is_none() {
        let reason = if code.is_empty() { "required" } else { "country_unknown" };
        return Ok(Located { place, fault: Some(("country", reason)) });
    }
    if code != CHINA {
        return Ok(Located { place, fault: None });
    }
    let fault = descend(db, to, &mut place.path).await?;
    Ok(Located { place, fault })
}

async fn descend(
    db: &impl ConnectionTrait,
    to: &Destination,
    path: &mut Vec<region::Model>,
) -> Result<Option<(&'static str, &'static str)>, DbErr> {
    let provinces = children(db, CHINA).await?;
    let Some(province) = named(&provinces, &to.province) else { return Ok(Some(fault("province", &to.province))) };
    path.push(province.clone());

    let cities = children(db, &province.code).await?;
    // A municipality is its own only city; and a county right under a province may have been given as district.
    let only = if cities.len() == 1 && is_heading(&to.city) { cities.first() } else { None };
    let raised = if is_heading(&to.city) { named(&cities, &to.district) } else { None };
    let Some(city) = named(&cities, &to.city).or(only).or(raised) else { return Ok(Some(fault("city", &to.city))) };
    path.push(city.clone());
    if raised.is_some_and(|row| row.code == city.code) {
        return Ok(None);
    }

    let districts = children(db, &city.code).await?;
    if let Some(district) = named(&districts, &to.district) {
        path.push(district.clone());
        return Ok(None);
    }
    // Codes of towns are longer: such a city has no districts.
    let needed = districts.iter().any(|row| row.code.len() == 6);
    Ok(if needed { Some(fault("district", &to.district)) } else { None })
}

fn fault(field: &'static str, text: &str) -> (&'static str, &'static str) {
    let abroad = ["香港", "澳门", "台湾"].iter().any(|name| text.contains(name));
    let reason = match text.trim() {
        "" => "required",
        _ if abroad && field == "province" => "region_abroad",
        _ => "region_unknown",
    };
    (field, reason)
}
