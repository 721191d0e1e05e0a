//! The console's files, built into the binary, and what operators ask.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use sea_orm::EntityTrait as _;
use zg_base::App;
use zg_db::entity::channel;
use zg_web::Routes;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../console/dist"]
#[allow_missing = true]
struct Console;

/// What the console's pages may load: their own files, and the socket.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Routes of the server itself.
pub(crate) fn routes() -> Routes {
    Routes::new("server")
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

async fn index() -> Response {
    page("index.html")
}

/// A file of the bundle; any other path is a page of the console, which has one document.
async fn asset(Path(path): Path<String>) -> Response {
    match Console::get(&path) {
        Some(_) => page(&path),
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => page("index.html"),
    }
}

fn page(path: &str) -> Response {
    let Some(file) = Console::get(path) else {
        let hint =
            "The console was not built. Run `npm ci && npm run build` in `console/`, then build again; `cargo xtask run` does both.\n";
        return (StatusCode::NOT_FOUND, hint).into_response();
    };
    let kind = media_type(path);
    let mut response = Response::new(file.data.into_owned().into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // Names below `assets/` hold a hash of the content.
    let lasting = path.starts_with("assets/");
    headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(if lasting { "public, max-age=31536000, immutable" } else { "no-cache" }));
    response
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
