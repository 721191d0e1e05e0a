//! Search, and the whole range where nothing is searched.

use axum::extract::Query;
use axum::response::Response;
use minijinja::context;
use zg_web::Result;

use crate::listing::{Asked, narrowed};
use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;

pub(crate) async fn page(page: Page, Query(asked): Query<Asked>) -> Result<Response> {
    let list = asked.found(&page, None).await?;
    let searched = !asked.q.trim().is_empty();
    let title =
        if searched { page.say(Text::search_results_for).replace("{q}", asked.q.trim()) } else { page.say(Text::all_products).to_owned() };
    let head = Head {
        description: page.say(Text::all_products_description).to_owned(),
        // Results of a search are endless; the whole range is one page.
        canonical: asked.is_plain().then(|| page.path("/search")),
        title,
        ..Head::default()
    };
    let values = context! {
        q => asked.q.as_str(),
        searched => searched,
        corrected => list.corrected.as_deref(),
        narrowed => narrowed(list.facets.as_ref(), &asked),
        products => value(&list.data),
        list => asked.controls(&list),
    };
    page.show("search.html", head, values).await
}
