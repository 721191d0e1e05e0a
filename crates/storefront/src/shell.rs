//! Around every page: who is there, whether a form may be believed, and how a
//! refusal looks.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, header};
use zg_base::App;
use zg_base::secrets::same;
use zg_domain::Locale;
use zg_web::{Problem, same_site};

use crate::page::Page;

/// The field of a form that carries its token.
pub(crate) const TOKEN_FIELD: &str = "_token";
/// The longest form that is read.
const FORM_LIMIT: usize = 64 * 1024;

/// Opens the page for the handlers, checks forms, and turns problems into pages.
pub(crate) async fn dress(State(locale): State<Locale>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(app) = parts.extensions.get::<App>().cloned() else {
        return Problem::unavailable("busy").into_response();
    };
    let page = match Page::open(&app, &parts, locale).await {
        Ok(page) => page,
        Err(problem) => return problem.into_response(),
    };
    let body = match believed(&page, &parts, body).await {
        Ok(body) => body,
        Err(problem) => return page.problem(&problem).await,
    };
    parts.extensions.insert(page.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => page.problem(&problem).await,
        // What axum itself refuses: another method, a query that cannot be read.
        None if response.status().is_client_error() && !is_page(&response) => {
            page.problem(&Problem::new(response.status(), "form_broken")).await
        }
        None => response,
    }
}

fn is_page(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// A form is believed if a page of ours gave its token to this visitor.
async fn believed(page: &Page, parts: &Parts, body: Body) -> Result<Body, Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(body);
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Problem::unsupported_media("form_expected"));
    }
    let bytes = axum::body::to_bytes(body, FORM_LIMIT).await.map_err(|_| Problem::too_large("body_too_large"))?;
    let sent = form_urlencoded::parse(&bytes).find(|(name, _)| name == TOKEN_FIELD).map(|(_, value)| value.into_owned());
    let known = page.form_token().is_some_and(|token| same(&token, &sent.unwrap_or_default()));
    if known && same_site(&parts.headers) { Ok(Body::from(bytes)) } else { Err(Problem::forbidden("form_stale")) }
}
