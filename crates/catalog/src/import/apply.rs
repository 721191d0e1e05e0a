//! Rows become products: a batch in some thirty statements, however many rows it has.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use zg_base::{Event, Tx};
use zg_db::entity::{
    price_list, product, product_category, product_option, product_option_text, product_option_value, product_option_value_text,
    product_text, sku, sku_value,
};

use super::place::Places;
use super::row::{Axis, ProductRow};
use super::state::{State, Target};
use crate::price::{self, Listed};
use crate::slug::{self, Kind, Wish};
use crate::text::{Texts, html};
use crate::{Error, index};

/// The tax class of a new product that names none.
const TAX_CLASS: &str = "standard";

/// Products were imported.
#[derive(serde::Serialize)]
struct ProductsImported {
    skus: usize,
}

impl Event for ProductsImported {
    const TOPIC: &'static str = "catalog.read";
    const KIND: &'static str = "products.imported";

    fn entity_id(&self) -> Option<i64> {
        None
    }
}

/// The rows of one product.
struct Group<'a> {
    id: i64,
    /// None if it was there.
    made: bool,
    code: String,
    rows: Vec<&'a ProductRow>,
    category: Option<i64>,
}

/// Applies rows that [`super::state::plan`] did not refuse.
pub(super) async fn apply(tx: &Tx, rows: &[(i64, ProductRow)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut state = State::read(tx.db(), rows).await?;
    sell_in(tx, &mut state, rows).await?;
    let groups = products(tx, &state, rows).await?;
    let names = texts(tx, &state, &groups).await?;
    slug::give_many(tx, Kind::Product, &names).await?;
    categories(tx, &groups).await?;
    let skus = skus(tx, &state, &groups).await?;
    axes(tx, &groups, &skus).await?;
    let prices: Vec<(i64, i64)> =
        rows.iter().filter_map(|(_, row)| Some((*skus.get(&row.sku)?, row.money(state.list.currency)?.amount))).collect();
    price::put(tx, &state.list, &prices).await?;
    index::put(tx, &groups.iter().map(|group| group.id).collect::<Vec<_>>()).await?;
    tx.publish(&ProductsImported { skus: rows.len() }).await?;
    Ok(())
}

/// In a shop without prices and orders, the first file says in which currency it sells.
async fn sell_in(tx: &Tx, state: &mut State, rows: &[(i64, ProductRow)]) -> Result<(), Error> {
    let currency = state.currency(rows);
    if currency == state.list.currency {
        return Ok(());
    }
    zg_base::channel::set_currency(tx, state.list.channel_id, currency).await?;
    let set = price_list::ActiveModel { currency: Set(currency.to_string()), ..Default::default() };
    price_list::Entity::update_many().set(set).filter(price_list::Column::Id.eq(state.list.id)).exec(tx.db()).await?;
    state.list = Listed { currency, ..state.list.clone() };
    Ok(())
}

/// The products of the rows, made as far as they are not there.
async fn products<'a>(tx: &Tx, state: &State, rows: &'a [(i64, ProductRow)]) -> Result<Vec<Group<'a>>, Error> {
    let mut places = Places::read(tx.db(), rows).await?;
    let mut targets: BTreeMap<Target, (Vec<&ProductRow>, Option<i64>)> = BTreeMap::new();
    for (_, row) in rows {
        let category = places.take(tx, row).await?;
        let (rows, known) = targets.entry(state.target(row)).or_default();
        rows.push(row);
        *known = category.or(*known);
    }
    let standard = state.tax_classes.get(TAX_CLASS).or_else(|| state.tax_classes.values().next()).copied().unwrap_or_default();
    let class = |rows: &[&ProductRow]| rows.iter().find_map(|row| state.tax_classes.get(row.tax_class.as_ref()?)).copied();
    let mut fresh = Vec::new();
    for (target, (rows, category)) in &targets {
        if let Target::New(code) = target {
            let whole = category.is_some() && rows.iter().any(|row| row.price.is_some());
            fresh.push(product::ActiveModel {
                code: Set(code.clone()),
                status: Set(if whole { "published" } else { "draft" }.to_owned()),
                tax_class_id: Set(class(rows).unwrap_or(standard)),
                primary_category_id: Set(*category),
                published_at: Set(whole.then_some(tx.now())),
                sales_count: Set(0),
                created_at: Set(tx.now()),
                updated_at: Set(tx.now()),
                version: Set(1),
                ..Default::default()
            });
        }
    }
    let codes: Vec<String> =
        targets.keys().filter_map(|target| if let Target::New(code) = target { Some(code.clone()) } else { None }).collect();
    let mut made: BTreeMap<String, i64> = BTreeMap::new();
    if !fresh.is_empty() {
        product::Entity::insert_many(fresh).exec_without_returning(tx.db()).await?;
        for row in product::Entity::find().filter(product::Column::Code.is_in(codes)).all(tx.db()).await? {
            made.insert(row.code, row.id);
        }
    }
    touch(tx, state, &targets, class).await?;
    let group = |(target, (rows, category)): (Target, (Vec<&'a ProductRow>, Option<i64>))| match target {
        Target::Known(id) => {
            let code = state.products.get(&id).map(|row| row.code.clone()).unwrap_or_default();
            Some(Group { id, made: false, code, rows, category })
        }
        Target::New(code) => Some(Group { id: *made.get(&code)?, made: true, code, rows, category }),
    };
    Ok(targets.into_iter().filter_map(group).collect())
}

/// Counts up the version of products that were there, and moves those whose row says so.
async fn touch(
    tx: &Tx,
    state: &State,
    targets: &BTreeMap<Target, (Vec<&ProductRow>, Option<i64>)>,
    class: impl Fn(&[&ProductRow]) -> Option<i64>,
) -> Result<(), Error> {
    let mut same: Vec<i64> = Vec::new();
    let mut moved: BTreeMap<(Option<i64>, i64), Vec<i64>> = BTreeMap::new();
    for (target, (rows, category)) in targets {
        let Target::Known(id) = target else { continue };
        let Some(row) = state.products.get(id) else { continue };
        same.push(*id);
        let wanted = (category.or(row.primary_category_id), class(rows).unwrap_or(row.tax_class_id));
        if wanted != (row.primary_category_id, row.tax_class_id) {
            moved.entry(wanted).or_default().push(*id);
        }
    }
    if !same.is_empty() {
        product::Entity::update_many()
            .set(product::ActiveModel { updated_at: Set(tx.now()), ..Default::default() })
            .col_expr(product::Column::Version, Expr::col(product::Column::Version).add(1))
            .filter(product::Column::Id.is_in(same))
            .exec(tx.db())
            .await?;
    }
    for ((category, tax_class), ids) in moved {
        let set = product::ActiveModel { primary_category_id: Set(category), tax_class_id: Set(tax_class), ..Default::default() };
        product::Entity::update_many().set(set).filter(product::Column::Id.is_in(ids)).exec(tx.db()).await?;
    }
    Ok(())
}

/// Names and descriptions; what the rows leave empty stays. Says which slugs are wished for.
async fn texts(tx: &Tx, state: &State, groups: &[Group<'_>]) -> Result<Vec<Wish>, Error> {
    let mut written = Vec::new();
    let mut wishes = Vec::new();
    for group in groups {
        let mut names: Texts = merged(&group.rows, |row| &row.name);
        let descriptions: Texts = merged(&group.rows, |row| &row.description);
        if group.made && names.is_empty() {
            names.insert("en".to_owned(), group.code.clone());
        }
        let tags: BTreeSet<&String> = names.keys().chain(descriptions.keys()).collect();
        for tag in tags {
            let before = state.texts.get(&(group.id, tag.clone()));
            // A description alone is no text: a product without a name in a language has none there.
            let Some(name) = names.get(tag).cloned().or_else(|| before.map(|row| row.name.clone())) else { continue };
            let description = descriptions.get(tag).map(|text| html(text)).or_else(|| before.map(|row| row.description.clone()));
            if before.is_none_or(|row| row.name != name) {
                wishes.push(Wish { entity_id: group.id, locale: tag.clone(), name: name.clone(), code: group.code.clone() });
            }
            written.push(product_text::ActiveModel {
                product_id: Set(group.id),
                locale: Set(tag.clone()),
                name: Set(name),
                description: Set(description.unwrap_or_default()),
                seo_title: Set(before.and_then(|row| row.seo_title.clone())),
                seo_description: Set(before.and_then(|row| row.seo_description.clone())),
            });
        }
    }
    if !written.is_empty() {
        let again = OnConflict::columns([product_text::Column::ProductId, product_text::Column::Locale])
            .update_columns([product_text::Column::Name, product_text::Column::Description])
            .to_owned();
        product_text::Entity::insert_many(written).on_conflict(again).exec_without_returning(tx.db()).await?;
    }
    Ok(wishes)
}

/// The first text of each language.
fn merged<'a>(rows: &[&'a ProductRow], of: impl Fn(&'a ProductRow) -> &'a Texts) -> Texts {
    let mut texts = Texts::new();
    for (tag, text) in rows.iter().flat_map(|row| of(row)) {
        texts.entry(tag.clone()).or_insert_with(|| text.clone());
    }
    texts
}

/// Puts products into the categories that their rows name.
async fn categories(tx: &Tx, groups: &[Group<'_>]) -> Result<(), Error> {
    let links: Vec<product_category::ActiveModel> = groups
        .iter()
        .filter_map(|group| Some(product_category::ActiveModel { product_id: Set(group.id), category_id: Set(group.category?) }))
        .collect();
    if !links.is_empty() {
        let there =
            OnConflict::columns([product_category::Column::ProductId, product_category::Column::CategoryId]).do_nothing().to_owned();
        product_category::Entity::insert_many(links).on_conflict(there).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// The SKUs, by code. Without a figure for stock a new one is for sale untracked, until
/// somebody counts it; with one it is tracked from then on.
async fn skus(tx: &Tx, state: &State, groups: &[Group<'_>]) -> Result<BTreeMap<String, i64>, Error> {
    let mut written = Vec::new();
    for group in groups {
        for (at, row) in (state.sku_count(group.id)..).zip(&group.rows) {
            let before = state.skus.get(&row.sku);
            written.push(sku::ActiveModel {
                product_id: Set(group.id),
                code: Set(row.sku.clone()),
                barcode: Set(row.barcode.clone().or_else(|| before.and_then(|row| row.barcode.clone()))),
                weight_g: Set(row.weight_g.or_else(|| before.map(|row| row.weight_g)).unwrap_or(0)),
                position: Set(before.map_or_else(|| i32::try_from(at).unwrap_or(i32::MAX), |row| row.position)),
                tracked: Set(row.stock.is_some() || before.is_some_and(|row| row.tracked)),
                version: Set(before.map_or(1, |row| row.version + 1)),
                ..Default::default()
            });
        }
    }
    let codes: Vec<String> = groups.iter().flat_map(|group| &group.rows).map(|row| row.sku.clone()).collect();
    let again = OnConflict::column(sku::Column::Code)
        .update_columns([sku::Column::Barcode, sku::Column::WeightG, sku::Column::Tracked, sku::Column::Version])
        .to_owned();
    sku::Entity::insert_many(written).on_conflict(again).exec_without_returning(tx.db()).await?;
    let rows = sku::Entity::find().filter(sku::Column::Code.is_in(codes)).all(tx.db()).await?;
    Ok(rows.into_iter().map(|row| (row.code, row.id)).collect())
}

/// Axes, their values, and which SKU has which.
#[expect(clippy::type_complexity, reason = "an axis of a product, and its values by code")]
async fn axes(tx: &Tx, groups: &[Group<'_>], skus: &BTreeMap<String, i64>) -> Result<(), Error> {
    let mut axes: BTreeMap<(i64, &str), (&Axis, BTreeMap<&str, &Axis>)> = BTreeMap::new();
    let mut order: Vec<(i64, &str)> = Vec::new();
    let mut values_in_order: Vec<(i64, &str, &str)> = Vec::new();
    for group in groups {
        for axis in group.rows.iter().flat_map(|row| &row.axes) {
            let key = (group.id, axis.code.as_str());
            let known = axes.entry(key).or_insert_with(|| {
                order.push(key);
                (axis, BTreeMap::new())
            });
            if known.1.insert(&axis.value_code, axis).is_none() {
                values_in_order.push((group.id, &axis.code, &axis.value_code));
            }
        }
    }
    if axes.is_empty() {
        return Ok(());
    }
    let options = put_options(tx, &order).await?;
    let values = put_values(tx, &values_in_order, &options).await?;
    let mut option_texts = Vec::new();
    let mut value_texts = Vec::new();
    for ((product, code), (axis, named)) in &axes {
        let Some(option_id) = options.get(&(*product, (*code).to_owned())) else { continue };
        for (tag, name) in &axis.name {
            option_texts.push(product_option_text::ActiveModel {
                option_id: Set(*option_id),
                locale: Set(tag.clone()),
                name: Set(name.clone()),
            });
        }
        for (value_code, axis) in named {
            let Some(value_id) = values.get(&(*option_id, (*value_code).to_owned())) else { continue };
            for (tag, name) in &axis.value {
                value_texts.push(product_option_value_text::ActiveModel {
                    value_id: Set(*value_id),
                    locale: Set(tag.clone()),
                    name: Set(name.clone()),
                });
            }
        }
    }
    let again = OnConflict::columns([product_option_text::Column::OptionId, product_option_text::Column::Locale])
        .update_column(product_option_text::Column::Name)
        .to_owned();
    product_option_text::Entity::insert_many(option_texts).on_conflict(again).exec_without_returning(tx.db()).await?;
    let again = OnConflict::columns([product_option_value_text::Column::ValueId, product_option_value_text::Column::Locale])
        .update_column(product_option_value_text::Column::Name)
        .to_owned();
    product_option_value_text::Entity::insert_many(value_texts).on_conflict(again).exec_without_returning(tx.db()).await?;
    choose(tx, groups, skus, &options, &values).await
}

/// The rows of axes, new ones behind those that are there.
async fn put_options(tx: &Tx, order: &[(i64, &str)]) -> Result<BTreeMap<(i64, String), i64>, Error> {
    use product_option::{ActiveModel, Column, Entity};
    let products: BTreeSet<i64> = order.iter().map(|(product, _)| *product).collect();
    let before = Entity::find().filter(Column::ProductId.is_in(products.iter().copied())).all(tx.db()).await?;
    let mut last: BTreeMap<i64, i32> = BTreeMap::new();
    for row in &before {
        let last = last.entry(row.product_id).or_insert(-1);
        *last = Ord::max(*last, row.position);
    }
    let there: BTreeSet<(i64, &str)> = before.iter().map(|row| (row.product_id, row.code.as_str())).collect();
    let fresh: Vec<ActiveModel> = order
        .iter()
        .filter(|key| !there.contains(*key))
        .map(|(product, code)| {
            let position = last.entry(*product).or_insert(-1);
            *position += 1;
            ActiveModel { product_id: Set(*product), position: Set(*position), code: Set((*code).to_owned()), ..Default::default() }
        })
        .collect();
    let rows = if fresh.is_empty() {
        before
    } else {
        Entity::insert_many(fresh).exec_without_returning(tx.db()).await?;
        Entity::find().filter(Column::ProductId.is_in(products)).all(tx.db()).await?
    };
    Ok(rows.into_iter().map(|row| ((row.product_id, row.code), row.id)).collect())
}

/// The rows of values, new ones behind those that are there.
async fn put_values(
    tx: &Tx,
    order: &[(i64, &str, &str)],
    options: &BTreeMap<(i64, String), i64>,
) -> Result<BTreeMap<(i64, String), i64>, Error> {
    use product_option_value::{ActiveModel, Column, Entity};
    let wanted: Vec<(i64, &str)> =
        order.iter().filter_map(|(product, code, value)| Some((*options.get(&(*product, (*code).to_owned()))?, *value))).collect();
    let ids: BTreeSet<i64> = wanted.iter().map(|(option, _)| *option).collect();
    let before = Entity::find().filter(Column::OptionId.is_in(ids.iter().copied())).all(tx.db()).await?;
    let mut last: BTreeMap<i64, i32> = BTreeMap::new();
    for row in &before {
        let last = last.entry(row.option_id).or_insert(-1);
        *last = Ord::max(*last, row.position);
    }
    let there: BTreeSet<(i64, &str)> = before.iter().map(|row| (row.option_id, row.code.as_str())).collect();
    let fresh: Vec<ActiveModel> = wanted
        .iter()
        .filter(|key| !there.contains(*key))
        .map(|(option, code)| {
            let position = last.entry(*option).or_insert(-1);
            *position += 1;
            ActiveModel { option_id: Set(*option), position: Set(*position), code: Set((*code).to_owned()), ..Default::default() }
        })
        .collect();
    let rows = if fresh.is_empty() {
        before
    } else {
        Entity::insert_many(fresh).exec_without_returning(tx.db()).await?;
        Entity::find().filter(Column::OptionId.is_in(ids)).all(tx.db()).await?
    };
    Ok(rows.into_iter().map(|row| ((row.option_id, row.code), row.id)).collect())
}

/// Which SKU has which values.
async fn choose(
    tx: &Tx,
    groups: &[Group<'_>],
    skus: &BTreeMap<String, i64>,
    options: &BTreeMap<(i64, String), i64>,
    values: &BTreeMap<(i64, String), i64>,
) -> Result<(), Error> {
    let mut chosen = Vec::new();
    let mut ids = Vec::new();
    for group in groups {
        for row in group.rows.iter().filter(|row| !row.axes.is_empty()) {
            let Some(sku_id) = skus.get(&row.sku) else { continue };
            ids.push(*sku_id);
            for axis in &row.axes {
                let option = options.get(&(group.id, axis.code.clone()));
                let value = option.and_then(|option| values.get(&(*option, axis.value_code.clone())));
                if let (Some(option_id), Some(value_id)) = (option, value) {
                    chosen.push(sku_value::ActiveModel { sku_id: Set(*sku_id), option_id: Set(*option_id), value_id: Set(*value_id) });
                }
            }
        }
    }
    if chosen.is_empty() {
        return Ok(());
    }
    sku_value::Entity::delete_many().filter(sku_value::Column::SkuId.is_in(ids)).exec(tx.db()).await?;
    sku_value::Entity::insert_many(chosen).exec_without_returning(tx.db()).await?;
    Ok(())
}
