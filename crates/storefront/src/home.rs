//! The first page: categories, what sells best, what is new.

use axum::response::Response;
use minijinja::{Value, context};
use zg_catalog::store::{self, ListQuery, ProductCard, Sort, StoreCategory};
use zg_web::{Limit, Result};

use crate::about;
use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;

/// Products in a row of the page.
const ROW: usize = 8;
/// Pictures beside the welcome.
const FEATURED: usize = 3;

pub(crate) async fn page(page: Page) -> Result<Response> {
    let app = page.app();
    let best = best(&page, None, 12).await?;
    let newest = ListQuery { sort: Some(Sort::Newest), limit: Limit::new(8), ..ListQuery::default() };
    let newest = store::list(app, &newest, page.locale()).await?;
    let tree = store::tree(app, page.locale()).await?;
    let mut tiles = Vec::new();
    for category in tree.iter().filter(|category| category.products > 0) {
        tiles.push(tile(&page, category).await?);
    }

    let featured: Vec<&ProductCard> = best.iter().filter(|card| card.picture.is_some()).take(FEATURED).collect();
    let head = Head {
        description: described(&page, &tree),
        canonical: Some(page.path("/")),
        image: featured.first().and_then(|card| card.picture.as_ref()).map(|picture| picture.url.clone()),
        ..Head::default()
    };
    let values = context! {
        tiles => tiles,
        featured => value(&featured),
        // Those beside the welcome are not shown twice.
        best => value(best.iter().filter(|card| !featured.iter().any(|shown| shown.slug == card.slug)).take(ROW).collect::<Vec<_>>()),
        newest => value(&newest.data),
    };
    page.show("home.html", head, values).await
}

/// For search engines: whose shop it is and what is in it.
fn described(page: &Page, tree: &[StoreCategory]) -> String {
    let list = about::range(tree, page.locale());
    let text = if list.is_empty() { Text::home_description_bare } else { Text::home_description };
    page.say(text).replace("{shop}", page.shop_name()).replace("{list}", &list)
}

/// A category, shown by what sells best in it.
async fn tile(page: &Page, category: &StoreCategory) -> Result<Value> {
    let picture = best(page, Some(&category.slug), 1).await?.into_iter().next().and_then(|card| card.picture);
    Ok(context! { slug => category.slug.as_str(), name => category.name.as_str(), picture => value(&picture) })
}

async fn best(page: &Page, category: Option<&str>, limit: u16) -> Result<Vec<ProductCard>> {
    let query =
        ListQuery { sort: Some(Sort::BestSold), category: category.map(str::to_owned), limit: Limit::new(limit), ..ListQuery::default() };
    Ok(store::list(page.app(), &query, page.locale()).await?.data.clone())
}
