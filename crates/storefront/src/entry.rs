//! The ways in: the language at the door, and addresses that lead nowhere.

use axum::Extension;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, Uri, header};
use zg_base::App;
use zg_domain::Locale;
use zg_web::{Lang, Problem, cookie_of};

use crate::page::{LOCALE_COOKIE, Page};

/// `/`: to the language chosen before, else to the one the browser asks for.
pub(crate) async fn language(uri: Uri, headers: HeaderMap) -> Response {
    let chosen = cookie_of(&headers, LOCALE_COOKIE).and_then(|tag| tag.parse().ok());
    let locale: Locale = chosen.unwrap_or_else(|| Lang::of(&uri, &headers).0);
    let mut response = Redirect::to(&format!("/{}/", locale.tag())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Language"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// `/en`: to `/en/`.
pub(crate) async fn slash(uri: Uri) -> Redirect {
    Redirect::permanent(&format!("{}/", uri.path()))
}

/// An address within the shop that leads nowhere.
pub(crate) async fn not_found() -> Problem {
    Problem::not_found("page_not_found")
}

/// An address outside both languages: a page for people, a problem for programs.
pub(crate) async fn lost(Extension(app): Extension<App>, request: axum::extract::Request) -> Response {
    let problem = Problem::not_found("not_found");
    let (parts, _) = request.into_parts();
    let accepts = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = parts.uri.path();
    if !accepts.contains("text/html") || path.starts_with("/api/") || path.starts_with("/files/") {
        return problem.into_response();
    }
    let locale = Lang::of(&parts.uri, &parts.headers).0;
    match Page::open(&app, &parts, locale).await {
        Ok(page) => page.problem(&Problem::not_found("page_not_found")).await,
        Err(problem) => problem.into_response(),
    }
}
