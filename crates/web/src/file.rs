//! Public files by the hash of their content: never changing, so cached for
//! ever, and never active content.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::{App, Visibility};
use zg_db::entity::file;

use crate::{Path, Problem, Result};

/// Types that are shown in the page; everything else is a download.
const SHOWN: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "video/mp4"];

pub(crate) async fn handler(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap) -> Result<Response> {
    let sha256 = name.split('.').next().unwrap_or_default();
    let row = file::Entity::find()
        .filter(file::Column::Sha256.eq(sha256))
        .filter(file::Column::Visibility.eq(Visibility::Public.as_str()))
        .one(app.read())
        .await?
        .ok_or_else(|| Problem::not_found("not_found"))?;
    let bytes = app.files().get(Visibility::Public, &row.sha256).await?;
    let total = bytes.len();
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let mut response = match asked.map(|text| range(text, total)) {
        Some(Some((from, to))) => {
            let mut response = (StatusCode::PARTIAL_CONTENT, Body::from(bytes.slice(from..=to))).into_response();
            put(&mut response, header::CONTENT_RANGE, &format!("bytes {from}-{to}/{total}"));
            response
        }
        Some(None) => {
            let mut response = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_invalid").into_response();
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{total}"));
            return Ok(response);
        }
        None => Body::from(bytes).into_response(),
    };
    put(&mut response, header::CONTENT_TYPE, &row.media_type);
    put(&mut response, header::ETAG, &format!("\"{}\"", row.sha256));
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    if !SHOWN.contains(&row.media_type.as_str()) {
        put(&mut response, header::CONTENT_DISPOSITION, "attachment");
    }
    Ok(response)
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// One range of bytes (RFC 9110, 14.1.2), both ends included. Several ranges are
/// answered by none being satisfiable.
fn range(text: &str, total: usize) -> Option<(usize, usize)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let last = total.checked_sub(1)?;
    match (from.is_empty(), to.is_empty()) {
        (true, false) => Some((total.saturating_sub(to.parse().ok().filter(|n: &usize| *n > 0)?), last)),
        (false, true) => Some((from.parse().ok()?, last)),
        (false, false) => Some((from.parse().ok()?, to.parse::<usize>().ok()?.min(last))),
        (true, true) => None,
    }
    .filter(|(from, to)| from <= to)
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn p10_ranges_are_read_as_the_standard_says() {
        assert_eq!(range("bytes=0-3", 10), Some((0, 3)));
        assert_eq!(range("bytes=5-", 10), Some((5, 9)));
        assert_eq!(range("bytes=-4", 10), Some((6, 9)));
        assert_eq!(range("bytes=0-99", 10), Some((0, 9)));
        assert_eq!(range("bytes=-0", 10), None);
        assert_eq!(range("bytes=10-", 10), None);
        assert_eq!(range("bytes=3-1", 10), None);
        assert_eq!(range("bytes=0-1,3-4", 10), None);
        assert_eq!(range("bytes=0-", 0), None);
    }
}
