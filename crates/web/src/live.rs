//! `/ws`: live events over WebSocket, for staff by their rights (P2).
//!
//! A browser sends the session's cookie with the handshake, so its origin is
//! checked here: another site's page may not listen.

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::{SinkExt as _, StreamExt as _};
use http::request::Parts;
use hub::{CloseCode, Frame, Text, Topics};
use serde::Deserialize;
use zg_base::{App, StoredEvents};

use crate::guard::{Rights, same_site, staff};
use crate::{Problem, Query, Result};

/// Longest message that a client may send: it says little more than `pong`.
const MESSAGE_LIMIT: usize = 4 * 1024;

/// From where to resume.
#[derive(Deserialize)]
pub(crate) struct LiveQuery {
    /// The last event that was seen.
    after: Option<i64>,
}

/// What is known of every right, for staff who have them all.
#[derive(Clone, Debug)]
pub(crate) struct AllTopics(pub(crate) std::sync::Arc<[String]>);

pub(crate) async fn handler(
    State(app): State<App>,
    axum::Extension(all): axum::Extension<AllTopics>,
    Query(asked): Query<LiveQuery>,
    upgrade: WebSocketUpgrade,
    parts: Parts,
) -> Result<Response> {
    if !same_site(&parts.headers) {
        return Err(Problem::forbidden("csrf"));
    }
    let person = staff(&app, &parts, true).await?;
    let topics = match &person.rights {
        Rights::All => Topics::new(all.0.iter().map(String::as_str)),
        Rights::Named(names) => Topics::new(names.iter().map(String::as_str)),
    };
    let owner = format!("staff:{}", person.id.unwrap_or_default());
    let session = app.hub().connect_as(&owner, topics, asked.after, StoredEvents(app.clone())).map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a live connection was refused");
        Problem::unavailable("busy").retry_after(5)
    })?;
    Ok(upgrade.max_message_size(MESSAGE_LIMIT).on_upgrade(move |socket| converse(socket, session)))
}

async fn converse(socket: WebSocket, session: hub::Session<StoredEvents>) {
    let (sink, stream) = socket.split();
    let incoming = stream.map(|message| message.map(frame));
    let outgoing = sink.with(|frame: Frame| std::future::ready(Ok::<Message, axum::Error>(wire(frame))));
    match session.run(incoming, outgoing).await {
        Ok(end) => tracing::debug!(?end, "a live connection ended"),
        Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "a live connection broke"),
    }
}

fn frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(Text::from(text.as_str())),
        Message::Binary(bytes) => Frame::Binary(bytes),
        Message::Ping(bytes) => Frame::Ping(bytes),
        Message::Pong(bytes) => Frame::Pong(bytes),
        Message::Close(reason) => Frame::Close(reason.map(|reason| CloseCode(reason.code))),
    }
}

fn wire(frame: Frame) -> Message {
    match frame {
        // The bytes came from a text and are shared with every other session.
        Frame::Text(text) => Message::Text(text.into_bytes().try_into().unwrap_or_default()),
        Frame::Binary(bytes) => Message::Binary(bytes),
        Frame::Ping(bytes) => Message::Ping(bytes),
        Frame::Pong(bytes) => Message::Pong(bytes),
        Frame::Close(code) => Message::Close(code.map(|code| CloseFrame { code: code.0, reason: code.reason().into() })),
    }
}
