//! What products and their variants are called, in every language.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use zg_db::entity::{product_option, product_option_value_text, product_text, sku_value};
use zg_domain::Locale;

use crate::text::{Texts, pick};

/// Products' names, by id.
///
/// # Errors
/// If the database fails.
pub async fn products(db: &impl ConnectionTrait, ids: &[i64]) -> Result<BTreeMap<i64, Texts>, DbErr> {
    let mut names: BTreeMap<i64, Texts> = BTreeMap::new();
    for row in product_text::Entity::find().filter(product_text::Column::ProductId.is_in(ids.iter().copied())).all(db).await? {
        names.entry(row.product_id).or_default().insert(row.locale, row.name);
    }
    Ok(names)
}

/// The values that tell a SKU from its product's others, `红色 / XL`, in the order of the
/// product's options; a value without a word in one language keeps its word of another.
/// SKUs without values are absent.
///
/// # Errors
/// If the database fails.
pub async fn variants(db: &impl ConnectionTrait, skus: &[i64]) -> Result<BTreeMap<i64, Texts>, DbErr> {
    let statement = Query::select()
        .column((sku_value::Entity, sku_value::Column::SkuId))
        .column((sku_value::Entity, sku_value::Column::OptionId))
        .column((product_option_value_text::Entity, product_option_value_text::Column::Locale))
        .column((product_option_value_text::Entity, product_option_value_text::Column::Name))
        .from(sku_value::Entity)
        .join(
            JoinType::InnerJoin,
            product_option::Entity,
            Expr::col((product_option::Entity, product_option::Column::Id)).equals((sku_value::Entity, sku_value::Column::OptionId)),
        )
        .join(
            JoinType::InnerJoin,
            product_option_value_text::Entity,
            Expr::col((product_option_value_text::Entity, product_option_value_text::Column::ValueId))
                .equals((sku_value::Entity, sku_value::Column::ValueId)),
        )
        .and_where(Expr::col((sku_value::Entity, sku_value::Column::SkuId)).is_in(skus.iter().copied()))
        .order_by((product_option::Entity, product_option::Column::Position), Order::Asc)
        .order_by((product_option::Entity, product_option::Column::Id), Order::Asc)
        .to_owned();
    let mut found: BTreeMap<i64, Vec<(i64, Texts)>> = BTreeMap::new();
    for row in db.query_all(&statement).await? {
        let (sku_id, option_id): (i64, i64) = (row.try_get("", "sku_id")?, row.try_get("", "option_id")?);
        let values = found.entry(sku_id).or_default();
        // A value's words follow each other, one a language.
        if values.last().is_none_or(|(id, _)| *id != option_id) {
            values.push((option_id, Texts::new()));
        }
        if let Some((_, words)) = values.last_mut() {
            words.insert(row.try_get("", "locale")?, row.try_get("", "name")?);
        }
    }
    let joined =
        |values: &[(i64, Texts)], locale: Locale| values.iter().map(|(_, words)| pick(words, locale)).collect::<Vec<_>>().join(" / ");
    let in_all =
        |values: Vec<(i64, Texts)>| Locale::ALL.into_iter().map(|locale| (locale.tag().to_owned(), joined(&values, locale))).collect();
    Ok(found.into_iter().map(|(id, values)| (id, in_all(values))).collect())
}
