//! Writing a product (M2.1, M2.16): the whole document at once, guarded by its version.
//!
//! The second of two editors gets 412 with the present document, so that a page
//! can show what differs and nothing typed is lost. SKUs are matched by id, else
//! by code; one that is left out is deleted softly and its code stays taken.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set};
use zg_base::{App, Event, Tx};
use zg_db::entity::{
    category, order, order_line, product, product_category, product_option, product_option_text, product_option_value,
    product_option_value_text, product_text, sku, sku_value, tax_class,
};
use zg_web::{Committed, IfMatch, Json, Path, Result, Staff};

use crate::price::{self, Listed};
use crate::product::{Axes, Document, OptionDocument, ProductView, SkuDocument, read};
use crate::text::{self, Texts};
use crate::{Error, index, slug};

/// SKUs a product has at most: a matrix of 50 by 50.
pub(crate) const SKU_LIMIT: usize = 2_500;

/// A product changed.
#[derive(serde::Serialize)]
struct ProductChanged {
    id: i64,
    status: String,
}

impl Event for ProductChanged {
    const TOPIC: &'static str = "catalog.read";
    const KIND: &'static str = "product.changed";

    fn entity_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

/// Makes a product, as a draft.
#[utoipa::path(post, path = "/admin/products", request_body = Document, responses((status = 201, body = ProductView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<Document>) -> Result<Committed<ProductView>> {
    let clean = Clean::of(&asked)?;
    let tx = app.begin(&staff.actor).await?;
    let row = product::ActiveModel {
        code: Set(asked.code.trim().to_owned()),
        status: Set("draft".to_owned()),
        tax_class_id: Set(tax_class_id(&tx, &asked.tax_class).await?),
        primary_category_id: Set(asked.primary_category_id),
        sales_count: Set(0),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await.map_err(Error::from)?;
    write(&tx, row.id, &asked, &clean).await?;
    tx.audit("product.create", "product", row.id, None, serde_json::to_value(&asked).ok()).await?;
    let view = told(&tx, row.id).await?;
    let location = format!("/admin/products/{}", row.id);
    Committed::created(tx, view, &location).await
}

/// Replaces a product's document. 412 carries the present one as `current`.
#[utoipa::path(put, path = "/admin/products/{id}", params(("id" = i64, Path), IfMatch), request_body = Document, responses((status = 200, body = ProductView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<Document>,
) -> Result<Committed<ProductView>> {
    let clean = Clean::of(&asked)?;
    let tx = app.begin(&staff.actor).await?;
    let before = read(tx.db(), id, tx.now()).await?;
    let set = product::ActiveModel {
        code: Set(asked.code.trim().to_owned()),
        tax_class_id: Set(tax_class_id(&tx, &asked.tax_class).await?),
        primary_category_id: Set(asked.primary_category_id),
        ..Default::default()
    };
    if !advance(&tx, id, version, set).await? {
        let current = serde_json::to_value(&before).ok().map(Box::new);
        return Err(Error::Changed(current).into());
    }
    write(&tx, id, &asked, &clean).await?;
    tx.audit("product.change", "product", id, serde_json::to_value(&before).ok(), serde_json::to_value(&asked).ok()).await?;
    let view = told(&tx, id).await?;
    Committed::ok(tx, view).await
}

async fn advance(tx: &Tx, id: i64, version: i64, set: product::ActiveModel) -> Result<bool, Error> {
    let done = product::Entity::update_many()
        .set(product::ActiveModel { version: Set(version + 1), updated_at: Set(tx.now()), ..set })
        .filter(product::Column::Id.eq(id))
        .filter(product::Column::Version.eq(version))
        .filter(product::Column::DeletedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

async fn told(tx: &Tx, id: i64) -> Result<ProductView, Error> {
    index::put(tx, &[id]).await?;
    let view = read(tx.db(), id, tx.now()).await?;
    let status = product::Entity::find_by_id(id).one(tx.db()).await?.map(|row| row.status).unwrap_or_default();
    tx.publish(&ProductChanged { id, status }).await?;
    Ok(view)
}

/// Publishes a product that has all it needs (M2.1).
#[utoipa::path(post, path = "/admin/products/{id}/publish", params(("id" = i64, Path), IfMatch), responses((status = 200, body = ProductView)))]
pub(crate) async fn publish(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
) -> Result<Committed<ProductView>> {
    let tx = app.begin(&staff.actor).await?;
    let before = read(tx.db(), id, tx.now()).await?;
    if !before.missing().is_empty() {
        return Err(Error::Incomplete(before.missing().to_vec()).into());
    }
    let published_at = before.published().unwrap_or(tx.now());
    let set = product::ActiveModel { status: Set("published".to_owned()), published_at: Set(Some(published_at)), ..Default::default() };
    move_on(tx, id, version, set, "product.publish").await
}

/// Takes a product off the shop; it stays as a draft.
#[utoipa::path(post, path = "/admin/products/{id}/unpublish", params(("id" = i64, Path), IfMatch), responses((status = 200, body = ProductView)))]
pub(crate) async fn unpublish(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
) -> Result<Committed<ProductView>> {
    let tx = app.begin(&staff.actor).await?;
    let set = product::ActiveModel { status: Set("draft".to_owned()), ..Default::default() };
    move_on(tx, id, version, set, "product.unpublish").await
}

async fn move_on(tx: Tx, id: i64, version: i64, set: product::ActiveModel, action: &'static str) -> Result<Committed<ProductView>> {
    let before = read(tx.db(), id, tx.now()).await?;
    if !advance(&tx, id, version, set).await? {
        return Err(Error::Changed(serde_json::to_value(&before).ok().map(Box::new)).into());
    }
    tx.audit(action, "product", id, None, None).await?;
    let view = told(&tx, id).await?;
    Committed::ok(tx, view).await
}

/// Deletes a product softly: orders keep what they copied of it.
#[utoipa::path(delete, path = "/admin/products/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = read(tx.db(), id, tx.now()).await?;
    let skus: Vec<i64> = sku::Entity::find()
        .filter(sku::Column::ProductId.eq(id))
        .all(tx.db())
        .await
        .map_err(Error::from)?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let open_orders = order::Entity::find()
        .select_only()
        .column(order::Column::Id)
        .filter(order::Column::State.is_in(["placed", "confirmed"]))
        .into_query();
    let open = order_line::Entity::find()
        .filter(order_line::Column::SkuId.is_in(skus))
        .filter(order_line::Column::OrderId.in_subquery(open_orders))
        .one(tx.db())
        .await
        .map_err(Error::from)?;
    if open.is_some() {
        return Err(Error::InOrders.into());
    }
    let gone = product::ActiveModel { deleted_at: Set(Some(tx.now())), status: Set("archived".to_owned()), ..Default::default() };
    product::Entity::update_many().set(gone).filter(product::Column::Id.eq(id)).exec(tx.db()).await.map_err(Error::from)?;
    sku::Entity::update_many()
        .set(sku::ActiveModel { deleted_at: Set(Some(tx.now())), ..Default::default() })
        .filter(sku::Column::ProductId.eq(id))
        .filter(sku::Column::DeletedAt.is_null())
        .exec(tx.db())
        .await
        .map_err(Error::from)?;
    index::put(&tx, &[id]).await?;
    tx.audit("product.delete", "product", id, serde_json::to_value(&before).ok(), None).await?;
    Committed::no_content(tx).await
}

/// The texts of a document, checked and cleaned.
pub(crate) struct Clean {
    name: Texts,
    description: Texts,
    seo_title: Texts,
    seo_description: Texts,
}

impl Clean {
    /// Checks what can be checked without the database.
    pub(crate) fn of(document: &Document) -> Result<Self, Error> {
        text::code(&document.code)?;
        check_skus(document)?;
        Ok(Self {
            name: text::name(&document.name, "/name")?,
            description: text::rich(&document.description, "/description")?,
            seo_title: text::known(&document.seo_title, "/seo_title")?,
            seo_description: text::known(&document.seo_description, "/seo_description")?,
        })
    }
}

fn check_skus(document: &Document) -> Result<(), Error> {
    if document.skus.is_empty() {
        return Err(Error::field("/skus", "sku_missing"));
    }
    if document.skus.len() > SKU_LIMIT {
        return Err(Error::TooManySkus(SKU_LIMIT));
    }
    let mut axes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (at, option) in document.options.iter().enumerate() {
        let values: BTreeSet<&str> = option.values.iter().map(|value| value.code.as_str()).collect();
        if values.len() < option.values.len() || values.is_empty() || axes.insert(&option.code, values).is_some() {
            return Err(Error::field(format!("/options/{at}"), "option_duplicate"));
        }
    }
    let mut seen = BTreeSet::new();
    for (at, sku) in document.skus.iter().enumerate() {
        let code = sku.code.as_str();
        if code.trim() != code || code.is_empty() || code.chars().count() > 64 || code.chars().any(char::is_control) {
            return Err(Error::field(format!("/skus/{at}/code"), "sku_code_invalid"));
        }
        if sku.price.is_some_and(|price| price.amount < 0) {
            return Err(Error::field(format!("/skus/{at}/price"), "price_negative"));
        }
        let fits = sku.values.len() == axes.len()
            && sku.values.iter().all(|(option, value)| axes.get(option.as_str()).is_some_and(|values| values.contains(value.as_str())));
        if !fits || !seen.insert(&sku.values) {
            return Err(Error::field(format!("/skus/{at}/values"), "sku_values"));
        }
    }
    Ok(())
}

async fn tax_class_id(tx: &Tx, code: &str) -> Result<i64, Error> {
    let class = tax_class::Entity::find().filter(tax_class::Column::Code.eq(code)).one(tx.db()).await?;
    class.map(|class| class.id).ok_or_else(|| Error::field("/tax_class", "tax_class_unknown"))
}

/// Writes everything below the product's row.
async fn write(tx: &Tx, id: i64, document: &Document, clean: &Clean) -> Result<(), Error> {
    put_texts(tx, id, document.code.trim(), clean).await?;
    put_categories(tx, id, document).await?;
    let axes = put_axes(tx, id, &document.options).await?;
    put_skus(tx, id, &document.skus, &axes).await
}

async fn put_texts(tx: &Tx, id: i64, code: &str, clean: &Clean) -> Result<(), Error> {
    product_text::Entity::delete_many().filter(product_text::Column::ProductId.eq(id)).exec(tx.db()).await?;
    let rows = clean.name.iter().map(|(tag, name)| product_text::ActiveModel {
        product_id: Set(id),
        locale: Set(tag.clone()),
        name: Set(name.clone()),
        description: Set(clean.description.get(tag).cloned().unwrap_or_default()),
        seo_title: Set(clean.seo_title.get(tag).cloned()),
        seo_description: Set(clean.seo_description.get(tag).cloned()),
    });
    product_text::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    for (tag, name) in &clean.name {
        slug::give(tx, slug::Kind::Product, id, tag, name, code).await?;
    }
    Ok(())
}

async fn put_categories(tx: &Tx, id: i64, document: &Document) -> Result<(), Error> {
    let wanted: BTreeSet<i64> = document.category_ids.iter().copied().chain(document.primary_category_id).collect();
    let known = category::Entity::find().filter(category::Column::Id.is_in(wanted.iter().copied())).all(tx.db()).await?;
    if known.len() < wanted.len() {
        return Err(Error::field("/category_ids", "category_not_found"));
    }
    product_category::Entity::delete_many().filter(product_category::Column::ProductId.eq(id)).exec(tx.db()).await?;
    if !wanted.is_empty() {
        let rows =
            wanted.into_iter().map(|category_id| product_category::ActiveModel { product_id: Set(id), category_id: Set(category_id) });
        product_category::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// Writes the axes, keeping the rows of codes that stay: SKUs point at them.
async fn put_axes(tx: &Tx, id: i64, options: &[OptionDocument]) -> Result<BTreeMap<(String, String), (i64, i64)>, Error> {
    let before = Axes::read(tx.db(), id).await?;
    let (old_options, old_values) = before.rows();
    let mut rows = BTreeMap::new();
    let mut kept = (Vec::new(), Vec::new());
    for (at, option) in options.iter().enumerate() {
        let position = i32::try_from(at).unwrap_or(i32::MAX);
        let option_id = match old_options.iter().find(|row| row.code == option.code) {
            Some(row) => {
                let set = product_option::ActiveModel { id: Set(row.id), position: Set(position), ..Default::default() };
                set.update(tx.db()).await?.id
            }
            None => {
                let set = product_option::ActiveModel {
                    product_id: Set(id),
                    position: Set(position),
                    code: Set(option.code.clone()),
                    ..Default::default()
                };
                set.insert(tx.db()).await?.id
            }
        };
        kept.0.push(option_id);
        product_option_text::Entity::delete_many().filter(product_option_text::Column::OptionId.eq(option_id)).exec(tx.db()).await?;
        let names = text::name(&option.name, &format!("/options/{at}/name"))?;
        let texts = names.into_iter().map(|(tag, name)| product_option_text::ActiveModel {
            option_id: Set(option_id),
            locale: Set(tag),
            name: Set(name),
        });
        product_option_text::Entity::insert_many(texts).exec_without_returning(tx.db()).await?;
        for (place, value) in option.values.iter().enumerate() {
            let position = i32::try_from(place).unwrap_or(i32::MAX);
            let value_id = match old_values.iter().find(|row| row.option_id == option_id && row.code == value.code) {
                Some(row) => {
                    let set = product_option_value::ActiveModel { id: Set(row.id), position: Set(position), ..Default::default() };
                    set.update(tx.db()).await?.id
                }
                None => {
                    let set = product_option_value::ActiveModel {
                        option_id: Set(option_id),
                        position: Set(position),
                        code: Set(value.code.clone()),
                        ..Default::default()
                    };
                    set.insert(tx.db()).await?.id
                }
            };
            kept.1.push(value_id);
            product_option_value_text::Entity::delete_many()
                .filter(product_option_value_text::Column::ValueId.eq(value_id))
                .exec(tx.db())
                .await?;
            let names = text::name(&value.name, &format!("/options/{at}/values/{place}/name"))?;
            let texts = names.into_iter().map(|(tag, name)| product_option_value_text::ActiveModel {
                value_id: Set(value_id),
                locale: Set(tag),
                name: Set(name),
            });
            product_option_value_text::Entity::insert_many(texts).exec_without_returning(tx.db()).await?;
            rows.insert((option.code.clone(), value.code.clone()), (option_id, value_id));
        }
    }
    drop_axes(tx, old_options, old_values, &kept).await?;
    Ok(rows)
}

async fn drop_axes(
    tx: &Tx,
    options: &[product_option::Model],
    values: &[product_option_value::Model],
    (kept_options, kept_values): &(Vec<i64>, Vec<i64>),
) -> Result<(), Error> {
    let gone_values: Vec<i64> = values.iter().map(|row| row.id).filter(|id| !kept_values.contains(id)).collect();
    let gone_options: Vec<i64> = options.iter().map(|row| row.id).filter(|id| !kept_options.contains(id)).collect();
    if !gone_values.is_empty() {
        sku_value::Entity::delete_many().filter(sku_value::Column::ValueId.is_in(gone_values.iter().copied())).exec(tx.db()).await?;
        product_option_value_text::Entity::delete_many()
            .filter(product_option_value_text::Column::ValueId.is_in(gone_values.iter().copied()))
            .exec(tx.db())
            .await?;
        product_option_value::Entity::delete_many().filter(product_option_value::Column::Id.is_in(gone_values)).exec(tx.db()).await?;
    }
    if !gone_options.is_empty() {
        product_option_text::Entity::delete_many()
            .filter(product_option_text::Column::OptionId.is_in(gone_options.iter().copied()))
            .exec(tx.db())
            .await?;
        product_option::Entity::delete_many().filter(product_option::Column::Id.is_in(gone_options)).exec(tx.db()).await?;
    }
    Ok(())
}

async fn put_skus(tx: &Tx, product_id: i64, wanted: &[SkuDocument], axes: &BTreeMap<(String, String), (i64, i64)>) -> Result<(), Error> {
    let list = Listed::default(tx.db()).await?;
    let old =
        sku::Entity::find().filter(sku::Column::ProductId.eq(product_id)).filter(sku::Column::DeletedAt.is_null()).all(tx.db()).await?;
    let mut kept = BTreeSet::new();
    let mut prices = Vec::new();
    let mut unpriced = Vec::new();
    for (at, document) in wanted.iter().enumerate() {
        if let Some(price) = document.price
            && price.currency != list.currency
        {
            return Err(Error::Currency(list.currency.to_string()));
        }
        let seen = old.iter().find(|row| document.id.map_or(row.code == document.code, |id| row.id == id));
        let set = sku::ActiveModel {
            product_id: Set(product_id),
            code: Set(document.code.clone()),
            barcode: Set(document.barcode.clone().filter(|code| !code.is_empty())),
            weight_g: Set(document.weight_g.max(0)),
            position: Set(i32::try_from(at).unwrap_or(i32::MAX)),
            tracked: Set(document.tracked),
            ..Default::default()
        };
        let saved = match seen {
            Some(row) => sku::ActiveModel { id: Set(row.id), version: Set(row.version + 1), ..set }.update(tx.db()).await,
            None => sku::ActiveModel { version: Set(1), ..set }.insert(tx.db()).await,
        };
        let row = saved.map_err(|error| match Error::from(error) {
            Error::SkuTaken(_) => Error::SkuTaken(document.code.clone()),
            other => other,
        })?;
        kept.insert(row.id);
        match document.price {
            Some(price) => prices.push((row.id, price.amount)),
            None => unpriced.push(row.id),
        }
        sku_value::Entity::delete_many().filter(sku_value::Column::SkuId.eq(row.id)).exec(tx.db()).await?;
        let chosen: Vec<sku_value::ActiveModel> = document
            .values
            .iter()
            .filter_map(|(option, value)| axes.get(&(option.clone(), value.clone())))
            .map(|(option_id, value_id)| sku_value::ActiveModel {
                sku_id: Set(row.id),
                option_id: Set(*option_id),
                value_id: Set(*value_id),
            })
            .collect();
        if !chosen.is_empty() {
            sku_value::Entity::insert_many(chosen).exec_without_returning(tx.db()).await?;
        }
    }
    price::put(tx, &list, &prices).await?;
    price::remove(tx, &list, &unpriced).await?;
    let gone: Vec<i64> = old.iter().map(|row| row.id).filter(|id| !kept.contains(id)).collect();
    if !gone.is_empty() {
        sku::Entity::update_many()
            .set(sku::ActiveModel { deleted_at: Set(Some(tx.now())), ..Default::default() })
            .filter(sku::Column::Id.is_in(gone))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::missing;

    fn document(values: &[(&str, &str)]) -> Document {
        let names = |text: &str| Texts::from([("en".to_owned(), text.to_owned())]);
        let value = |code: &str| crate::product::ValueDocument { code: code.to_owned(), name: names(code) };
        Document {
            code: "P".to_owned(),
            name: names("Tea"),
            description: Texts::new(),
            seo_title: Texts::new(),
            seo_description: Texts::new(),
            tax_class: "standard".to_owned(),
            primary_category_id: None,
            category_ids: Vec::new(),
            options: vec![OptionDocument { code: "size".to_owned(), name: names("Size"), values: vec![value("s"), value("l")] }],
            skus: values
                .iter()
                .map(|(code, size)| SkuDocument {
                    id: None,
                    code: (*code).to_owned(),
                    barcode: None,
                    weight_g: 0,
                    tracked: true,
                    values: Texts::from([("size".to_owned(), (*size).to_owned())]),
                    price: None,
                })
                .collect(),
        }
    }

    #[test]
    fn m2_16_each_sku_is_one_combination() {
        assert!(Clean::of(&document(&[("A", "s"), ("B", "l")])).is_ok());
        let code = |document: Document| match Clean::of(&document) {
            Err(Error::Field { code, .. }) => code,
            _ => "",
        };
        assert_eq!(code(document(&[("A", "s"), ("B", "s")])), "sku_values");
        assert_eq!(code(document(&[("A", "xl")])), "sku_values");
        assert_eq!(code(document(&[(" A", "s")])), "sku_code_invalid");
        assert_eq!(code(document(&[])), "sku_missing");
        assert_eq!(missing(&document(&[("A", "s")])), ["primary_category_id", "price"]);
    }
}
