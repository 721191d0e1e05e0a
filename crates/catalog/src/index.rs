//! The search index of products (B7), kept in the transaction that changes them:
//! what is published and not deleted is in it, by the names of both languages, SKU
//! codes, barcodes, categories and descriptions.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use search::{Document, Index, Query};
use serde::{Deserialize, Serialize};
use zg_base::{Actor, App, Tx, shelf};
use zg_db::entity::{category_text, product, product_category, product_text, sku};

use crate::Error;
use crate::price::{self, Listed};
use crate::text::plain;

/// The index, as the migration made it.
const PRODUCTS: Index = Index::new("product");
/// Products written in one statement.
const CHUNK: usize = 400;
/// Products found at most: nobody reads on.
const MOST: u32 = 1_000;
/// Characters of a description that can be found.
const DESCRIPTION: usize = 10_000;

/// Finds published products, best match first.
pub(crate) async fn find(db: &impl ConnectionTrait, text: &str) -> Result<search::Found, Error> {
    warm(text).await;
    Ok(search::find(db, PRODUCTS, &Query::parse(text), MOST).await?)
}

/// Writes anew what lists and search know of some products: the last step of every
/// change of a product.
pub(crate) async fn put(tx: &Tx, ids: &[i64]) -> Result<(), Error> {
    let list = Listed::default(tx.db()).await?;
    for some in ids.chunks(CHUNK) {
        price::settle(tx, &list, some).await?;
        write(tx, some).await?;
    }
    Ok(shelf::touch(tx).await?)
}

/// Writes the whole index anew, a batch a transaction: after a restore, or when the
/// words are cut otherwise than before.
///
/// # Errors
/// [`Error::Base`], [`Error::Search`].
pub async fn reindex(app: &App) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let ids: Vec<i64> = product::Entity::find()
            .select_only()
            .column(product::Column::Id)
            .filter(product::Column::Id.gt(after))
            .order_by(product::Column::Id, Order::Asc)
            .limit(u64::try_from(CHUNK).unwrap_or(u64::MAX))
            .into_tuple()
            .all(app.read())
            .await?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        let tx = app.begin(&Actor::system("catalog.reindex")).await?;
        put(&tx, &ids).await?;
        tx.commit().await?;
    }
}

/// Writes the products of a category anew, for it was renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReindexCategory {
    /// Row of `category`.
    pub category_id: i64,
}

impl celery::Task<App> for ReindexCategory {
    const NAME: &'static str = "catalog.reindex_category";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, args: Self) -> Result<(), celery::TaskError> {
        reindex_category(&context.state, args.category_id).await.map_err(celery::TaskError::retry)
    }
}

async fn reindex_category(app: &App, category_id: i64) -> Result<(), Error> {
    let ids: Vec<i64> = product_category::Entity::find()
        .select_only()
        .column(product_category::Column::ProductId)
        .filter(product_category::Column::CategoryId.eq(category_id))
        .order_by(product_category::Column::ProductId, Order::Asc)
        .into_tuple()
        .all(app.read())
        .await?;
    for some in ids.chunks(CHUNK) {
        let tx = app.begin(&Actor::system("catalog.reindex")).await?;
        put(&tx, some).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn write(tx: &Tx, ids: &[i64]) -> Result<(), Error> {
    let db = tx.db();
    let there: BTreeMap<i64, String> = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .column(product::Column::Code)
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .filter(product::Column::Status.eq("published"))
        .filter(product::Column::DeletedAt.is_null())
        .into_tuple::<(i64, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let gone: Vec<i64> = ids.iter().copied().filter(|id| !there.contains_key(id)).collect();
    search::remove(db, PRODUCTS, &gone).await?;
    if there.is_empty() {
        return Ok(());
    }
    let documents = documents(db, there).await?;
    for document in &documents {
        warm(&document.title).await;
        warm(&document.body).await;
    }
    Ok(search::put(db, PRODUCTS, &documents).await?)
}

async fn documents(db: &impl ConnectionTrait, codes: BTreeMap<i64, String>) -> Result<Vec<Document>, Error> {
    let ids: Vec<i64> = codes.keys().copied().collect();
    let mut documents: BTreeMap<i64, Document> =
        codes.into_iter().map(|(id, code)| (id, Document { id, keywords: code, ..Document::default() })).collect();
    for row in product_text::Entity::find().filter(product_text::Column::ProductId.is_in(ids.iter().copied())).all(db).await? {
        if let Some(document) = documents.get_mut(&row.product_id) {
            add(&mut document.title, &row.name);
            add(&mut document.body, &plain(&row.description, DESCRIPTION));
        }
    }
    let skus = sku::Entity::find().filter(sku::Column::ProductId.is_in(ids.iter().copied())).filter(sku::Column::DeletedAt.is_null());
    for row in skus.order_by(sku::Column::Id, Order::Asc).all(db).await? {
        if let Some(document) = documents.get_mut(&row.product_id) {
            add(&mut document.keywords, &row.code);
            add(&mut document.keywords, row.barcode.as_deref().unwrap_or_default());
        }
    }
    let links = product_category::Entity::find().filter(product_category::Column::ProductId.is_in(ids)).all(db).await?;
    let mut names: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let categories: std::collections::BTreeSet<i64> = links.iter().map(|row| row.category_id).collect();
    for row in category_text::Entity::find().filter(category_text::Column::CategoryId.is_in(categories)).all(db).await? {
        names.entry(row.category_id).or_default().push(row.name);
    }
    for link in links {
        if let (Some(document), Some(names)) = (documents.get_mut(&link.product_id), names.get(&link.category_id)) {
            for name in names {
                add(&mut document.keywords, name);
            }
        }
    }
    Ok(documents.into_values().collect())
}

fn add(text: &mut String, more: &str) {
    if !more.is_empty() {
        // Apart, so that no word runs into the next.
        text.push_str(if text.is_empty() { "" } else { "\n" });
        text.push_str(more);
    }
}

/// Loads the Chinese dictionary beside the event loop before the first Chinese text.
async fn warm(text: &str) {
    if !search::is_warm() && search::has_han(text) {
        // If loading panics, the next call that needs it says so.
        let _ = tokio::task::spawn_blocking(search::warm).await;
    }
}
