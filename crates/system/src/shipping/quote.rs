//! What would it cost? (M8.7) The same answer that a cart would get, for staff to try rates with.

use axum::extract::State;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::App;
use zg_base::shelf::Seen;
use zg_db::entity::zone;
use zg_domain::shipping::Parcel;
use zg_web::{Answer, Json, Lang, Problem, Result, Staff};

use crate::shipping::{Destination, check_address, offers};

/// A parcel that might be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuoteRequest {
    /// ISO 3166-1, two letters.
    country: String,
    /// Province or state.
    #[serde(default)]
    province: String,
    /// City.
    #[serde(default)]
    city: String,
    /// District or county.
    #[serde(default)]
    district: String,
    /// Grams.
    #[schema(minimum = 0)]
    weight_g: i64,
    /// Pieces.
    #[schema(minimum = 0)]
    count: i64,
    /// What the goods cost, in minor units of the channel's currency.
    #[schema(minimum = 0)]
    amount: i64,
}

/// A method that goes there.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotedMethod {
    method_id: i64,
    code: String,
    /// In the reader's language.
    name: String,
    cod: bool,
    zone_id: i64,
    /// The zone's name.
    zone: String,
    /// To pay, in minor units.
    fee: i64,
    /// The fee before it became free, in minor units.
    original: i64,
}

/// What a shopper there would be offered for such a parcel. Nothing is changed.
#[utoipa::path(post, path = "/admin/shipping-methods/quote", request_body = QuoteRequest, responses((status = 200, body = Vec<QuotedMethod>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Lang(locale): Lang,
    Json(asked): Json<QuoteRequest>,
) -> Result<Answer<Vec<QuotedMethod>>> {
    for (field, number) in [("/weight_g", asked.weight_g), ("/count", asked.count), ("/amount", asked.amount)] {
        if number < 0 {
            return Err(Problem::unprocessable("invalid").field(field, "rate_number"));
        }
    }
    let to = Destination { country: asked.country, province: asked.province, city: asked.city, district: asked.district };
    let seen = Seen::look(&app).await?;
    check_address(&seen, &to).await?;
    let parcel = Parcel { weight_g: asked.weight_g, count: asked.count, amount: asked.amount };
    let offers = offers(&seen, &to, &parcel, locale).await?;
    let zones = zone::Entity::find().all(app.read()).await?;
    let quoted = offers.into_iter().map(|offer| QuotedMethod {
        method_id: offer.method_id,
        code: offer.code,
        name: offer.name,
        cod: offer.cod,
        zone: zones.iter().find(|row| row.id == offer.zone_id).map(|row| row.name.clone()).unwrap_or_default(),
        zone_id: offer.zone_id,
        fee: offer.quote.fee,
        original: offer.quote.original,
    });
    Ok(Answer::ok(quoted.collect()))
}
