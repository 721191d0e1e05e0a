//! `/ws`: live events over WebSocket, for staff by their rights (P2).
//!
//! A browser sends the session's cookie with the handshake, so its origin is
//! checked here: another site's page may not listen.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use futures_util::{SinkExt as _, StreamExt as _};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use hub::{CloseCode, Frame, SessionHandle, Text, Topics};
use serde::Deserialize;
use tokio::sync::watch;
use zg_base::{App, StoredEvents};

use crate::guard::{Credential, Rights, same_site, staff};
use crate::{Problem, Query, Result};

/// Longest message that a client may send: it says little more than `pong`.
const MESSAGE_LIMIT: usize = 4 * 1024;
/// What a socket reads and writes at once. The library's own 128 KB are for
/// sockets with much to say.
const BUFFER: usize = 2 * 1024;
/// What may wait to be written before the hub is made to wait.
const BACKLOG: usize = 64 * 1024;
/// How often a connection's rights are looked at although nobody said that they
/// changed: a session also ends by itself.
const LOOK_AGAIN: Duration = Duration::from_secs(300);

/// From where to resume.
#[derive(Deserialize)]
pub(crate) struct LiveQuery {
    /// The last event that was seen.
    after: Option<i64>,
}

/// What is known of every right, for staff who have them all.
#[derive(Clone, Debug)]
pub(crate) struct AllTopics(pub(crate) std::sync::Arc<[String]>);

impl AllTopics {
    fn of(&self, rights: &Rights) -> Topics {
        match rights {
            Rights::All => Topics::new(self.0.iter().map(String::as_str)),
            Rights::Named(names) => Topics::new(names.iter().map(String::as_str)),
        }
    }
}

pub(crate) async fn handler(
    State(app): State<App>,
    axum::Extension(all): axum::Extension<AllTopics>,
    Query(asked): Query<LiveQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    parts: Parts,
) -> Result<Response> {
    let Ok(upgrade) = upgrade else {
        let mut response = Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket_expected").into_response();
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        return Ok(response);
    };
    if !same_site(&parts.headers) {
        return Err(Problem::forbidden("csrf"));
    }
    let access = app.access();
    let person = staff(&app, &parts, true).await?;
    let credential = Credential::of(&parts.headers).ok_or_else(|| Problem::unauthorized("sign_in_required"))?;
    let owner = format!("{}:{}", person.actor.kind.as_str(), person.actor.id.unwrap_or_default());
    let session = app.hub().connect_as(&owner, all.of(&person.rights), asked.after, StoredEvents(app.clone())).map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a live connection was refused");
        Problem::unavailable("busy").retry_after(5)
    })?;
    let watch = watch(app, all, credential, access, session.handle());
    Ok(upgrade
        .max_message_size(MESSAGE_LIMIT)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(BACKLOG)
        .on_upgrade(move |socket| async move {
            tokio::select! {
                () = converse(socket, session) => {}
                () = watch => {}
            }
        }))
}

/// Takes from a connection what its credential is no longer good for. Never ends
/// before the connection does.
async fn watch(app: App, all: AllTopics, credential: Credential, mut access: watch::Receiver<()>, handle: SessionHandle) {
    loop {
        // Without a clock that says when, it is looked at again later.
        let _ = tokio::time::timeout(LOOK_AGAIN, access.changed()).await;
        // On the heap only while it is asked: ten thousand connections wait here.
        match Box::pin(credential.rights(&app)).await {
            Ok(Some(rights)) => handle.set_topics(&all.of(&rights)),
            Ok(None) => handle.close(CloseCode::SIGNED_OUT),
            // A database that does not answer now is asked again the next time.
            Err(_) => tracing::warn!("the rights of a live connection could not be read"),
        }
    }
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
