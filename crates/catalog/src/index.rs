//! The search index of products, kept in the transaction that changes them.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use zg_base::Tx;
use zg_db::entity::product_text;

use crate::Error;
use crate::price::{self, Listed};

/// Products written in one statement.
const CHUNK: usize = 400;

/// What a search found.
pub(crate) struct Hits {
    /// Products, best match first.
    pub(crate) ids: Vec<i64>,
    /// What was searched instead, for nothing matched what was typed.
    pub(crate) corrected: Option<String>,
}

/// Finds products.
pub(crate) async fn find(db: &impl ConnectionTrait, text: &str) -> Result<Hits, Error> {
    let mut ids: Vec<i64> = product_text::Entity::find()
        .select_only()
        .column(product_text::Column::ProductId)
        .filter(product_text::Column::Name.contains(text.trim_end_matches('*')))
        .limit(1_000)
        .into_tuple()
        .all(db)
        .await?;
    ids.dedup();
    Ok(Hits { ids, corrected: None })
}

/// Writes anew what lists and search know of some products: the last step of every
/// change of a product.
pub(crate) async fn put(tx: &Tx, ids: &[i64]) -> Result<(), Error> {
    let list = Listed::default(tx.db()).await?;
    for some in ids.chunks(CHUNK) {
        price::settle(tx, &list, some).await?;
    }
    Ok(crate::store::touch(tx).await?)
}
