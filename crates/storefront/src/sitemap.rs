//! What search engines are told: which pages there are, and which they should leave alone.
//!
//! The map is streamed, a thousand products at a time; a range too large for one
//! file (50,000 addresses, sitemaps.org) is an index of several.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::Extension;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::stream::try_unfold;
use http::{HeaderValue, header};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use zg_base::App;
use zg_catalog::store::{self, StoreCategory};
use zg_db::entity::{product, slug};
use zg_domain::Locale;
use zg_web::{Problem, Result};

/// Products a file: each has an address a language.
const PART: u64 = 20_000;
/// Products read at a time.
const CHUNK: u64 = 1_000;

const XML: &str = "application/xml; charset=utf-8";
const OPEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const SET: &str = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n";

pub(crate) async fn robots(Extension(app): Extension<App>) -> Response {
    let mut text = "User-agent: *\n".to_owned();
    for locale in Locale::ALL {
        for path in ["cart", "checkout", "account", "o/"] {
            let _ = writeln!(text, "Disallow: /{}/{path}", locale.tag());
        }
    }
    let _ = write!(text, "Disallow: /admin/\nDisallow: /api/\n\nSitemap: {}/sitemap.xml\n", app.shop().base_url);
    lasting(text.into_response(), "text/plain; charset=utf-8")
}

/// `/sitemap.xml`: the map itself, or the index of its parts.
pub(crate) async fn first(Extension(app): Extension<App>) -> Result<Response> {
    let parts = listed().count(app.read()).await?.div_ceil(PART);
    if parts <= 1 {
        return part_of(app, 0).await;
    }
    let mut index = format!("{OPEN}<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for part in 0..parts {
        let _ = writeln!(index, "<sitemap><loc>{}/sitemap/{part}.xml</loc></sitemap>", escaped(&app.shop().base_url));
    }
    index.push_str("</sitemapindex>\n");
    Ok(lasting(index.into_response(), XML))
}

/// `/sitemap/3.xml`.
pub(crate) async fn part(Extension(app): Extension<App>, Path(name): Path<String>) -> Result<Response> {
    let part = name.strip_suffix(".xml").and_then(|number| number.parse().ok()).ok_or_else(|| Problem::not_found("not_found"))?;
    part_of(app, part).await
}

async fn part_of(app: App, part: u64) -> Result<Response> {
    let before = part.checked_mul(PART).ok_or_else(|| Problem::not_found("not_found"))?;
    // The product before this part's first.
    let after = match before.checked_sub(1) {
        None => 0,
        Some(last) => {
            let id = listed().select_only().column(product::Column::Id).offset(last).into_tuple().one(app.read()).await?;
            id.ok_or_else(|| Problem::not_found("not_found"))?
        }
    };
    let mut head = format!("{OPEN}{SET}");
    if part == 0 {
        head.push_str(&pages(&app).await?);
    }
    let state = Walk { app, head: Some(head), after, left: PART, ended: false };
    let stream = try_unfold(state, |mut walk| async move { Ok::<_, DbErr>(walk.next().await?.map(|bytes| (bytes, walk))) });
    Ok(lasting(Body::from_stream(stream).into_response(), XML))
}

/// The way through the products.
struct Walk {
    app: App,
    head: Option<String>,
    after: i64,
    left: u64,
    ended: bool,
}

impl Walk {
    async fn next(&mut self) -> Result<Option<Bytes>, DbErr> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head.into()));
        }
        if self.ended {
            return Ok(None);
        }
        let take = self.left.min(CHUNK);
        let rows: Vec<(i64, DateTime<Utc>)> = listed()
            .select_only()
            .columns([product::Column::Id, product::Column::UpdatedAt])
            .filter(product::Column::Id.gt(self.after))
            .limit(take)
            .into_tuple()
            .all(self.app.read())
            .await?;
        let slugs = slugs(&self.app, rows.iter().map(|(id, _)| *id)).await?;
        let mut text = String::new();
        for (id, updated_at) in &rows {
            let of = |locale: Locale| slugs.get(&(*id, locale.tag().to_owned())).map(|slug| (locale, format!("p/{slug}")));
            entry(&mut text, &self.app, &Locale::ALL.into_iter().filter_map(of).collect::<Vec<_>>(), Some(*updated_at));
        }
        self.after = rows.last().map_or(self.after, |(id, _)| *id);
        self.left -= take;
        if rows.is_empty() || self.left == 0 {
            self.ended = true;
            text.push_str("</urlset>\n");
        }
        Ok(Some(text.into()))
    }
}

/// The first page, the whole range, and every category.
async fn pages(app: &App) -> Result<String> {
    let mut text = String::new();
    for path in ["", "search"] {
        entry(&mut text, app, &Locale::ALL.map(|locale| (locale, path.to_owned())), None);
    }
    let tree = store::tree(app, Locale::ZhCn).await?;
    let mut open: Vec<&StoreCategory> = tree.iter().collect();
    while let Some(category) = open.pop() {
        let of = |locale: Locale| category.slugs.get(locale.tag()).map(|slug| (locale, format!("c/{slug}")));
        entry(&mut text, app, &Locale::ALL.into_iter().filter_map(of).collect::<Vec<_>>(), None);
        open.extend(&category.children);
    }
    Ok(text)
}

fn entry(text: &mut String, app: &App, addresses: &[(Locale, String)], changed: Option<DateTime<Utc>>) {
    let url = |locale: Locale, path: &str| escaped(&format!("{}/{}/{path}", app.shop().base_url, locale.tag()));
    for (locale, path) in addresses {
        let _ = write!(text, "<url><loc>{}</loc>", url(*locale, path));
        if let Some(changed) = changed {
            let _ = write!(text, "<lastmod>{}</lastmod>", changed.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        for (other, path) in addresses {
            let _ = write!(text, "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{}\"/>", other.tag(), url(*other, path));
        }
        text.push_str("</url>\n");
    }
}

/// Products that shoppers see, oldest first.
fn listed() -> Select<product::Entity> {
    product::Entity::find()
        .filter(product::Column::Status.eq("published"))
        .filter(product::Column::DeletedAt.is_null())
        .order_by_asc(product::Column::Id)
}

/// (product, language) → present address.
async fn slugs(app: &App, ids: impl Iterator<Item = i64>) -> Result<BTreeMap<(i64, String), String>, DbErr> {
    let rows: Vec<(i64, String, String)> = slug::Entity::find()
        .select_only()
        .columns([slug::Column::EntityId, slug::Column::Locale, slug::Column::Slug])
        .filter(slug::Column::Entity.eq("product"))
        .filter(slug::Column::Current.eq(true))
        .filter(slug::Column::EntityId.is_in(ids))
        .into_tuple()
        .all(app.read())
        .await?;
    Ok(rows.into_iter().map(|(id, locale, slug)| ((id, locale), slug)).collect())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn lasting(mut response: Response, kind: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}
