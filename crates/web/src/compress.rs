//! Answers in gzip, for readers that take it.
//!
//! A compressed answer is another representation, so it has another `ETag`
//! (RFC 9110, 8.8.3.3): `"7"` becomes `"7-gzip"`, and both name version 7 when
//! they come back. What holds secrets beside what a caller sent could be guessed
//! from its length (BREACH); our cookies are `SameSite=Lax`, so no other site's
//! page can make a reader ask.

use axum::Router;
use axum::response::Response;
use http::{HeaderValue, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

const MARK: &str = "-gzip";
/// Smaller answers fit into one packet as they are.
const WORTH_IT: u64 = 1024;

pub(crate) fn compressed<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router
        .layer(CompressionLayer::new().gzip(true).compress_when(SizeAbove::new(WORTH_IT).and(Texts)))
        .layer(axum::middleware::map_response(|response| std::future::ready(marked(response))))
}

/// Text of some kind. Pictures are compressed already.
#[derive(Clone, Copy)]
struct Texts;

impl Predicate for Texts {
    fn should_compress<B: http_body::Body>(&self, response: &http::Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.starts_with("text/")
            || matches!(
                kind,
                "application/json" | "application/problem+json" | "application/xml" | "application/manifest+json" | "image/svg+xml"
            )
    }
}

fn marked(mut response: Response) -> Response {
    let gzipped = response.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value == "gzip");
    let etag = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok());
    let unmarked = etag.filter(|_| gzipped).and_then(|etag| etag.strip_suffix('"')).filter(|opaque| !opaque.ends_with(MARK));
    if let Some(value) = unmarked.and_then(|opaque| HeaderValue::from_str(&format!("{opaque}{MARK}\"")).ok()) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// What stands in an entity tag, without quotes and marks. A proxy that compresses
/// weakens a tag (`W/"7"`); the version in it is the same.
pub(crate) fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    tag.strip_suffix(MARK).unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::opaque;

    #[test]
    fn p10_every_form_of_a_tag_names_the_same_version() {
        for tag in ["\"7\"", "W/\"7\"", " \"7-gzip\" ", "W/\"7-gzip\""] {
            assert_eq!(opaque(tag), "7", "{tag}");
        }
    }
}
