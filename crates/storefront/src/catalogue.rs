//! A category: what is in it and below it.

use axum::extract::{Path, Query};
use axum::response::Response;
use minijinja::{Value, context};
use zg_catalog::store::{self, StoreCategory};
use zg_domain::Locale;
use zg_web::{Problem, Result};

use crate::listing::Asked;
use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;

pub(crate) async fn page(page: Page, Path(slug): Path<String>, Query(asked): Query<Asked>) -> Result<Response> {
    let app = page.app();
    let tree = store::tree(app, page.locale()).await?;
    let Some(trail) = trail(&tree, &|category| category.slug == slug) else {
        return moved(&page, &tree, &slug);
    };
    let Some(category) = trail.last().copied() else { return Err(Problem::not_found("page_not_found")) };
    let list = asked.found(&page, Some(&slug)).await?;

    let steps: Vec<Value> =
        trail.iter().map(|step| context! { slug => step.slug.as_str(), name => step.name.as_str(), here => step.slug == slug }).collect();
    let head = Head {
        title: category.name.clone(),
        description: page.say(Text::category_description).replace("{name}", &category.name).replace("{shop}", page.shop_name()),
        canonical: asked.is_plain().then(|| page.path(&format!("/c/{slug}"))),
        alternates: alternates(category),
        image: list.data.first().and_then(|card| card.picture.as_ref()).map(|picture| picture.url.clone()),
    };
    let values = context! {
        name => category.name.as_str(),
        children => value(&category.children),
        trail => trail.iter().map(|step| step.slug.clone()).collect::<Vec<_>>(),
        steps => steps,
        products => value(&list.data),
        list => asked.controls(&list),
        count => category.products,
    };
    page.show("category.html", head, values).await
}

/// A former address, or the address in another language.
fn moved(page: &Page, tree: &[StoreCategory], slug: &str) -> Result<Response> {
    let other = trail(tree, &|category| category.code == slug || category.slugs.values().any(|known| known == slug));
    match other.as_ref().and_then(|trail| trail.last()) {
        Some(category) => Ok(page.moved(&format!("/c/{}", category.slug))),
        None => Err(Problem::not_found("page_not_found")),
    }
}

/// The categories from the root down to the one that is meant.
fn trail<'a>(tree: &'a [StoreCategory], meant: &dyn Fn(&StoreCategory) -> bool) -> Option<Vec<&'a StoreCategory>> {
    tree.iter().find_map(|category| {
        if meant(category) {
            return Some(vec![category]);
        }
        let mut below = trail(&category.children, meant)?;
        below.insert(0, category);
        Some(below)
    })
}

fn alternates(category: &StoreCategory) -> Vec<(Locale, String)> {
    let of = |locale: Locale| category.slugs.get(locale.tag()).map(|slug| (locale, format!("/{}/c/{slug}", locale.tag())));
    Locale::ALL.into_iter().filter_map(of).collect()
}
