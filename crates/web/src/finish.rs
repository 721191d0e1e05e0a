//! What happens to every request and every answer: an id, the caller's address,
//! limits in time, the problem's text, conditional reads, security headers, figures.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tracing::Instrument as _;
use zg_base::App;
use zg_base::secrets::token;

use crate::compress::opaque;
use crate::limits;
use crate::locale::Lang;
use crate::{Problem, Texts};

/// What is known of a request before anything else.
#[derive(Clone, Debug)]
pub struct Meta {
    /// By which its log lines are found.
    pub request_id: String,
    /// Where it came from, behind trusted proxies.
    pub ip: Option<IpAddr>,
    /// The origins that CORS allows.
    pub origins: Arc<[String]>,
}

/// Proxies whose `X-Forwarded-For` is believed, as addresses.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Arc<[IpAddr]>);

impl TrustedProxies {
    /// The caller: the last address in the chain that is no proxy of ours.
    fn caller(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer.map(plain)?;
        if !self.0.contains(&peer) {
            return Some(peer);
        }
        let chain = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut addresses: Vec<IpAddr> = chain.filter_map(|part| part.trim().parse().ok()).map(plain).collect();
        while let Some(address) = addresses.pop() {
            if !self.0.contains(&address) {
                return Some(address);
            }
        }
        Some(peer)
    }
}

/// An IPv4 address that came over an IPv6 socket is an IPv4 address.
fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// What [`finish`] needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Finish {
    pub(crate) app: App,
    pub(crate) texts: Arc<Texts>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) origins: Arc<[String]>,
    pub(crate) timeout: Duration,
    pub(crate) hsts: bool,
}

pub(crate) async fn finish(State(setup): State<Finish>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let request_id = token();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let ip = setup.proxies.caller(peer, request.headers());
    let meta = Meta { request_id: request_id.clone(), ip, origins: Arc::clone(&setup.origins) };
    request.extensions_mut().insert(meta);
    request.extensions_mut().insert(setup.app.clone());
    // Pages put problems into words themselves.
    request.extensions_mut().insert(Arc::clone(&setup.texts));
    let locale = Lang::of(request.uri(), request.headers()).0;
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let if_none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    // A span that is there at every level: each line says which request it belongs to.
    let span = tracing::error_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        id = %request_id,
        method = %method,
        route,
        ip = ip.map(tracing::field::display),
        status = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    let is_socket = request.headers().contains_key(header::UPGRADE);
    let accept = request.headers().get(header::ACCEPT).cloned();

    let answered = async {
        match limits::refused(&request) {
            Some(problem) => problem.into_response(),
            None if is_socket => next.run(request).await,
            None => limits::in_time(request, next, setup.timeout).await,
        }
    };
    let mut response = answered.instrument(span.clone()).await;

    if method == Method::GET || method == Method::HEAD {
        response = acceptable(response, accept.as_ref());
    }
    if method == Method::OPTIONS {
        response = allowed(response);
    }
    let mut response = word(response, &setup.texts, locale, &request_id);
    if method == Method::GET || method == Method::HEAD {
        response = not_modified(response, if_none_match.as_ref());
    }
    secure(response.headers_mut(), setup.hsts);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }

    let status = response.status();
    let took = began.elapsed();
    let labels = [("method", method.to_string()), ("route", route.clone()), ("status", status.as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", "route" => route).record(took);
    span.record("status", status.as_u16());
    span.record("otel.status_code", if status.is_server_error() { "ERROR" } else { "OK" });
    span.in_scope(|| {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), millis, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), millis, "answered");
        }
    });
    response
}

/// Gives a problem its text; an error of axum's own becomes one.
fn word(mut response: Response, texts: &Texts, locale: zg_domain::Locale, request_id: &str) -> Response {
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| {
        let bare = !response.headers().contains_key(header::CONTENT_TYPE)
            || response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/plain"));
        match response.status() {
            StatusCode::NOT_FOUND if bare => Some(Problem::not_found("not_found")),
            StatusCode::METHOD_NOT_ALLOWED if bare => Some(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")),
            StatusCode::UNSUPPORTED_MEDIA_TYPE if bare => Some(Problem::unsupported_media("unsupported_media_type")),
            StatusCode::PAYLOAD_TOO_LARGE if bare => Some(Problem::too_large("body_too_large")),
            StatusCode::REQUEST_TIMEOUT if bare => Some(Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout")),
            StatusCode::BAD_REQUEST if bare => Some(Problem::bad_request("body_broken")),
            _ => None,
        }
    });
    let Some(problem) = problem else { return response };
    let body = problem.body(texts, locale, request_id).to_string();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag()));
    Response::from_parts(parts, Body::from(body))
}

/// What the reader does not take is not sent (RFC 9110, 15.5.7). Only of reads: a
/// write has been done by now, and its answer is better than none.
fn acceptable(response: Response, accept: Option<&HeaderValue>) -> Response {
    let Some(accept) = accept.and_then(|value| value.to_str().ok()).filter(|accept| !accept.trim().is_empty()) else { return response };
    let Some(kind) = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return response };
    if response.status() != StatusCode::OK {
        return response;
    }
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let family = kind.split('/').next().unwrap_or_default();
    let takes = |range: &str| {
        let (range, parameters) = range.split_once(';').unwrap_or((range, ""));
        let refused = parameters.split(';').any(|one| {
            let weight = one.trim().strip_prefix("q=");
            weight.is_some_and(|q| !q.is_empty() && q.chars().all(|c| matches!(c, '0' | '.')))
        });
        let range = range.trim();
        let fits =
            range == "*/*" || range.eq_ignore_ascii_case(kind) || range.strip_suffix("/*").is_some_and(|r| r.eq_ignore_ascii_case(family));
        fits && !refused
    };
    if accept.split(',').any(takes) {
        return response;
    }
    Problem::new(StatusCode::NOT_ACCEPTABLE, "accept_unknown").with("type", kind).into_response()
}

/// What an address takes, for whoever asks by `OPTIONS`. The router puts `Allow` there.
fn allowed(mut response: Response) -> Response {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

fn not_modified(response: Response, if_none_match: Option<&HeaderValue>) -> Response {
    let (Some(etag), Some(seen)) = (response.headers().get(header::ETAG), if_none_match) else { return response };
    let etag = opaque(etag.to_str().unwrap_or_default());
    let seen = seen.to_str().unwrap_or_default();
    let known = seen.trim() == "*" || seen.split(',').any(|one| opaque(one) == etag);
    if !known || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Body::empty())
}

/// Headers that every answer has; a page sets a policy of its own before.
fn secure(headers: &mut HeaderMap, hsts: bool) {
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p12_the_caller_is_found_behind_trusted_proxies_only() {
        let proxies = TrustedProxies(Arc::from(["10.0.0.1".parse::<IpAddr>().unwrap()]));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 2001:db8::7, 10.0.0.1".parse().unwrap());
        let caller = |peer: &str| proxies.caller(Some(peer.parse().unwrap()), &headers).unwrap().to_string();
        assert_eq!(caller("10.0.0.1"), "2001:db8::7");
        assert_eq!(caller("::ffff:10.0.0.1"), "2001:db8::7");
        assert_eq!(caller("9.9.9.9"), "9.9.9.9");
    }
}
