//! What happened, for those who ask instead of listening (P2, B5): the same
//! events, in the same order, as `/ws` tells.

use axum::extract::State;
use chrono::{DateTime, Utc};
use hub::{EventLog as _, Topics};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::{App, StoredEvents};
use zg_web::{Answer, Limit, Problem, Query, Result, Rights, Staff};

zg_base::rights! {
    /// Ask what happened, as far as one's other rights reach.
    ReadEvents = "events.read";
}

/// Since when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// The `next` of the answer before; without it, everything that is kept.
    after: Option<i64>,
    /// Events a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its number; later events have higher ones, with gaps.
    id: i64,
    /// The right by which it is heard.
    topic: String,
    /// What happened, `order.placed`.
    kind: String,
    /// The row it is about.
    entity_id: Option<i64>,
    at: DateTime<Utc>,
    payload: serde_json::Value,
}

/// Events, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Events {
    data: Vec<EventView>,
    /// To be asked with as `after` next time. It grows even if nothing was for this reader.
    next: i64,
}

/// What happened after an event, of all that the caller has the right to hear of.
#[utoipa::path(get, path = "/admin/events", params(EventQuery), responses((status = 200, body = Events)))]
pub(crate) async fn list(State(app): State<App>, staff: Staff, Query(asked): Query<EventQuery>) -> Result<Answer<Events>> {
    let topics: Topics = match &staff.rights {
        Rights::All => zg_system::role::known().iter().copied().collect(),
        Rights::Named(names) => names.iter().map(String::as_str).collect(),
    };
    let log = StoredEvents(app);
    // Read before the events: what is numbered meanwhile is left for the next time.
    let latest = log.latest().await?.unwrap_or_default();
    let after = asked.after.unwrap_or_default();
    let limit = asked.limit.rows();
    let mut data = log.after(after, &topics, limit).await?;
    if let Some(after) = asked.after {
        // Asked after the events: some may have been removed meanwhile.
        let oldest = log.oldest().await?.unwrap_or(latest + 1);
        if after < oldest - 1 || latest < after {
            return Err(Problem::new(http::StatusCode::GONE, "events_gone").with("latest", latest));
        }
    }
    let next = if data.len() < limit {
        data.retain(|event| event.id <= latest);
        latest
    } else {
        data.last().map_or(latest, |event| event.id)
    };
    let view = |event: hub::Event| EventView {
        id: event.id,
        topic: event.topic,
        kind: event.kind,
        entity_id: event.entity_id,
        at: event.at,
        payload: event.payload,
    };
    Ok(Answer::ok(Events { data: data.into_iter().map(view).collect(), next }))
}
