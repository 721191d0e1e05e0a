//! The console's files, built into the binary, and what operators ask.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use sea_orm::EntityTrait as _;
use utoipa_axum::routes;
use zg_base::App;
use zg_db::entity::channel;
use zg_web::Routes;

use crate::{events, proofs};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../console/dist"]
#[allow_missing = true]
struct Console;

/// What the console's pages may load: their own files, and the socket.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Routes of the server itself.
pub(crate) fn routes() -> Routes {
    Routes::new("server")
        .problems(include_str!("../problems.toml"))
        .allow::<events::ReadEvents>(routes!(events::list))
        .allow::<proofs::ReadProofs>(routes!(proofs::list))
}

/// The console under `/admin`, and the operators' pages.
pub(crate) fn console() -> Router<App> {
    Router::new()
        .route("/admin", get(|| std::future::ready(Redirect::permanent("/admin/"))))
        .route("/admin/", get(index))
        .route("/admin/{*path}", get(asset))
        .route("/healthz", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(crate::figures::handler))
}

async fn ready(State(app): State<App>) -> Response {
    match channel::Entity::find().one(app.read()).await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

async fn index(headers: HeaderMap) -> Response {
    page("index.html", &headers).await
}

/// A file of the bundle; any other path is a page of the console, which has one document.
async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match Console::get(&path) {
        Some(_) => page(&path, &headers).await,
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => page("index.html", &headers).await,
    }
}

async fn page(path: &str, asked: &HeaderMap) -> Response {
    let Some(file) = Console::get(path) else {
        let hint =
            "The console was not built. Run `npm ci && npm run build` in `console/`, then build again; `cargo xtask run` does both.\n";
        return (StatusCode::NOT_FOUND, hint).into_response();
    };
    let kind = media_type(path);
    let hash: String = file.metadata.sha256_hash().iter().take(12).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let plain = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let squeezed = if is_text(kind) && takes_gzip(asked) { gzipped(&hash, plain.clone()).await } else { None };
    let mut response = Response::new(Body::from(squeezed.clone().unwrap_or(plain)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if squeezed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        headers.insert(header::ETAG, etag);
    }
    // Names below `assets/` hold a hash of the content.
    let lasting = path.starts_with("assets/");
    headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(if lasting { "public, max-age=31536000, immutable" } else { "no-cache" }));
    response
}

/// Files of the bundle in gzip, by their hash: made when first asked for, kept for all who follow.
static GZIPPED: Mutex<BTreeMap<String, Bytes>> = Mutex::new(BTreeMap::new());

async fn gzipped(hash: &str, plain: Bytes) -> Option<Bytes> {
    let kept = || GZIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept().get(hash) {
        return Some(known.clone());
    }
    let squeezed = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&plain)?;
        encoder.finish()
    });
    let squeezed = Bytes::from(squeezed.await.ok()?.ok()?);
    kept().insert(hash.to_owned(), squeezed.clone());
    Some(squeezed)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        coding.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn is_text(kind: &str) -> bool {
    kind.starts_with("text/") || matches!(kind, "image/svg+xml" | "application/json")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
