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
    let locale = Lang::of(request.uri(), request.headers()).0;
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let if_none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    let span = tracing::info_span!("request", id = %request_id, method = %method, route, ip = ip.map(tracing::field::display));
    let is_socket = request.headers().contains_key(header::UPGRADE);

    let answered = async {
        if is_socket {
            return next.run(request).await;
        }
        match tokio::time::timeout(setup.timeout, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::unavailable("timeout").retry_after(5).into_response(),
        }
    };
    let response = answered.instrument(span.clone()).await;

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

fn not_modified(response: Response, if_none_match: Option<&HeaderValue>) -> Response {
    let (Some(etag), Some(seen)) = (response.headers().get(header::ETAG), if_none_match) else { return response };
    let weak = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let etag = weak(etag.to_str().unwrap_or_default());
    let seen = seen.to_str().unwrap_or_default();
    let known = seen.trim() == "*" || seen.split(',').any(|one| weak(one) == etag);
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
