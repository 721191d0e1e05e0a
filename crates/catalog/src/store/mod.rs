//! The catalogue as shoppers see it (P15): lists, product pages, the tree, suggestions.
//!
//! API and storefront call the same functions. Nothing that is not published is
//! seen here, and nothing here is changed.

mod card;
mod list;
mod page;
mod tree;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
pub use list::list;
pub use page::one;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
pub(crate) use tree::count;
use utoipa::IntoParams;
pub use view::{
    CategoryFacet, Crumb, Facets, Found, ListQuery, OptionFacet, ProductCard, ProductList, ProductPage, Sort, StoreCategory, StoreOption,
    StoreOptionValue, StorePicture, StorePictureSize, StoreSku, Suggestions, ValueFacet,
};
use zg_base::App;
use zg_base::shelf::Seen;
use zg_db::entity::category;
use zg_domain::Locale;
use zg_web::{Answer, Lang, Limit, Path, Query, Result};

use crate::Error;
use tree::Tree;

/// Products suggested while somebody types.
const SUGGESTED: u16 = 8;

/// What is remembered, as an answer.
pub(crate) struct Shared<T>(Arc<T>);

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Products for sale.
#[utoipa::path(get, path = "/store/products", params(ListQuery), responses((status = 200, body = ProductList)))]
pub(crate) async fn list_handler(
    State(app): State<App>,
    Lang(locale): Lang,
    Query(asked): Query<ListQuery>,
) -> Result<Answer<Shared<ProductList>>> {
    Ok(Answer::ok(Shared(list(&app, &asked, locale).await?)))
}

/// A product's page. A former address answers 301 with the present one.
#[utoipa::path(get, path = "/store/products/{slug}", params(("slug" = String, Path)),
    responses((status = 200, body = ProductPage), (status = 301, description = "The product has another address now")))]
pub(crate) async fn one_handler(State(app): State<App>, Lang(locale): Lang, Path(slug): Path<String>) -> Result<Response> {
    match one(&app, &slug, locale).await? {
        Found::Page(page) => Ok(Answer::ok(Shared(page)).into_response()),
        Found::Moved(slug) => {
            let mut response = StatusCode::MOVED_PERMANENTLY.into_response();
            // A slug is made of ASCII letters, digits and dashes.
            if let Ok(value) = HeaderValue::from_str(&format!("/api/v1/store/products/{slug}")) {
                response.headers_mut().insert(header::LOCATION, value);
            }
            Ok(response)
        }
    }
}

/// The category tree.
#[utoipa::path(get, path = "/store/categories", responses((status = 200, body = Vec<StoreCategory>)))]
pub(crate) async fn tree_handler(State(app): State<App>, Lang(locale): Lang) -> Result<Answer<Shared<Vec<StoreCategory>>>> {
    Ok(Answer::ok(Shared(tree(&app, locale).await?)))
}

/// What somebody has typed so far.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuggestQuery {
    /// The text.
    q: String,
}

/// Products and categories for what has been typed so far.
#[utoipa::path(get, path = "/store/suggest", params(SuggestQuery), responses((status = 200, body = Suggestions)))]
pub(crate) async fn suggest_handler(
    State(app): State<App>,
    Lang(locale): Lang,
    Query(asked): Query<SuggestQuery>,
) -> Result<Answer<Suggestions>> {
    Ok(Answer::ok(suggest(&app, &asked.q, locale).await?))
}

/// The categories, as a tree.
///
/// # Errors
/// [`Error::Base`].
pub async fn tree(app: &App, locale: Locale) -> Result<Arc<Vec<StoreCategory>>, Error> {
    let seen = Seen::look(app).await?;
    let view = async { Ok(Tree::load(&seen).await?.view(locale)) };
    seen.or_read(&format!("tree|{}", locale.tag()), |view: &Vec<_>| 400 * view.len(), view).await
}

/// What somebody may be about to search: the last word may be unfinished.
///
/// # Errors
/// [`Error::Base`], [`Error::Search`].
pub async fn suggest(app: &App, text: &str, locale: Locale) -> Result<Suggestions, Error> {
    let categories = Tree::load(&Seen::look(app).await?).await?.beginning(text, locale, 4);
    if text.trim().is_empty() {
        return Ok(Suggestions { products: Vec::new(), categories, corrected: None });
    }
    // An unfinished word is how the search's own language says it.
    let asked =
        ListQuery { q: Some(format!("{}*", text.trim())), limit: Limit::try_from(SUGGESTED).unwrap_or_default(), ..Default::default() };
    let found = list(app, &asked, locale).await?;
    Ok(Suggestions { products: found.data.clone(), categories, corrected: found.corrected.clone() })
}

/// A category and all below it.
pub(crate) async fn below(db: &impl ConnectionTrait, id: i64) -> Result<Vec<i64>, Error> {
    let Some(top) = category::Entity::find_by_id(id).one(db).await? else { return Err(Error::CategoryNotFound) };
    let rows = category::Entity::find().select_only().column(category::Column::Id).filter(category::Column::Path.starts_with(&top.path));
    Ok(rows.into_tuple().all(db).await?)
}
