//! Styles, scripts and marks: built into the binary, named by their content, so
//! that a browser asks for each only once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use zg_base::secrets::sha256_hex;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets"]
struct Assets;

struct Asset {
    /// The name with the hash in it.
    served_as: String,
    media_type: &'static str,
    bytes: bytes::Bytes,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|name| {
            let bytes = bytes::Bytes::from(Assets::get(&name)?.data.into_owned());
            let hash: String = sha256_hex(&bytes).chars().take(12).collect();
            let (stem, end) = name.rsplit_once('.')?;
            let asset = Asset { served_as: format!("{stem}.{hash}.{end}"), media_type: media_type(end), bytes };
            Some((name.to_string(), asset))
        })
        .collect()
});

/// Where a file of `assets/` is found.
pub(crate) fn url(name: &str) -> Option<String> {
    ASSETS.get(name).map(|asset| format!("/static/{}", asset.served_as))
}

pub(crate) async fn handler(Path(name): Path<String>) -> Response {
    let Some(asset) = ASSETS.values().find(|asset| asset.served_as == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

fn media_type(end: &str) -> &'static str {
    match end {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
