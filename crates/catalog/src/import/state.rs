//! What the shop holds of the SKUs and products that some rows name, and whether the
//! rows fit it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use zg_db::entity::{order, price, product, product_option, product_option_value, product_text, sku, sku_value, tax_class};
use zg_domain::Currency;
use zg_import::Plan;

use super::row::ProductRow;
use crate::Error;
use crate::price::Listed;
use crate::save::SKU_LIMIT;

/// What is there.
pub(super) struct State {
    pub(super) list: Listed,
    /// Nothing was priced or sold yet: the first import names the currency.
    pub(super) blank: bool,
    /// By code, deleted ones too.
    pub(super) skus: BTreeMap<String, sku::Model>,
    /// By id, those that the rows are about.
    pub(super) products: BTreeMap<i64, product::Model>,
    pub(super) texts: BTreeMap<(i64, String), product_text::Model>,
    pub(super) tax_classes: BTreeMap<String, i64>,
    by_code: BTreeMap<String, i64>,
    /// Product → SKU code → axis → value, of SKUs that are sold.
    combinations: BTreeMap<i64, BTreeMap<String, BTreeMap<String, String>>>,
}

/// The product a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Known(i64),
    New(String),
}

impl State {
    pub(super) async fn read(db: &impl ConnectionTrait, rows: &[(i64, ProductRow)]) -> Result<Self, Error> {
        let list = Listed::default(db).await?;
        let blank = price::Entity::find().one(db).await?.is_none() && order::Entity::find().one(db).await?.is_none();
        let codes = rows.iter().map(|(_, row)| row.sku.as_str());
        let skus: BTreeMap<String, sku::Model> = sku::Entity::find()
            .filter(sku::Column::Code.is_in(codes))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect();
        let codes: BTreeSet<&str> = rows.iter().map(|(_, row)| row.product_code()).collect();
        let mut products: BTreeMap<i64, product::Model> = BTreeMap::new();
        for row in product::Entity::find().filter(product::Column::Code.is_in(codes)).all(db).await? {
            products.insert(row.id, row);
        }
        let by_sku: BTreeSet<i64> = skus.values().map(|row| row.product_id).filter(|id| !products.contains_key(id)).collect();
        if !by_sku.is_empty() {
            for row in product::Entity::find().filter(product::Column::Id.is_in(by_sku)).all(db).await? {
                products.insert(row.id, row);
            }
        }
        let by_code = products.values().map(|row| (row.code.clone(), row.id)).collect();
        let ids: Vec<i64> = products.keys().copied().collect();
        let mut texts = BTreeMap::new();
        let mut combinations = BTreeMap::new();
        if !ids.is_empty() {
            for row in product_text::Entity::find().filter(product_text::Column::ProductId.is_in(ids.iter().copied())).all(db).await? {
                texts.insert((row.product_id, row.locale.clone()), row);
            }
            combinations = self::combinations(db, &ids).await?;
        }
        let tax_classes = tax_class::Entity::find().all(db).await?.into_iter().map(|row| (row.code, row.id)).collect();
        Ok(Self { list, blank, skus, products, texts, tax_classes, by_code, combinations })
    }

    /// The product that a row is about.
    pub(super) fn target(&self, row: &ProductRow) -> Target {
        if let Some(known) = self.skus.get(&row.sku).filter(|sku| sku.deleted_at.is_none()) {
            return Target::Known(known.product_id);
        }
        match self.by_code.get(row.product_code()) {
            Some(id) => Target::Known(*id),
            None => Target::New(row.product_code().to_owned()),
        }
    }

    /// How many SKUs a product has.
    pub(super) fn sku_count(&self, product_id: i64) -> usize {
        self.combinations.get(&product_id).map_or(0, BTreeMap::len)
    }

    /// The currency that prices are in once the rows are applied.
    pub(super) fn currency(&self, rows: &[(i64, ProductRow)]) -> Currency {
        let named = rows.iter().find_map(|(_, row)| row.currency);
        named.filter(|_| self.blank).unwrap_or(self.list.currency)
    }
}

async fn combinations(
    db: &impl ConnectionTrait,
    products: &[i64],
) -> Result<BTreeMap<i64, BTreeMap<String, BTreeMap<String, String>>>, DbErr> {
    let skus = sku::Entity::find()
        .filter(sku::Column::ProductId.is_in(products.iter().copied()))
        .filter(sku::Column::DeletedAt.is_null())
        .all(db)
        .await?;
    let options = product_option::Entity::find().filter(product_option::Column::ProductId.is_in(products.iter().copied())).all(db).await?;
    let mut chosen: BTreeMap<i64, BTreeMap<String, String>> = BTreeMap::new();
    if !options.is_empty() {
        let options: BTreeMap<i64, String> = options.into_iter().map(|row| (row.id, row.code)).collect();
        let values: BTreeMap<i64, String> = product_option_value::Entity::find()
            .filter(product_option_value::Column::OptionId.is_in(options.keys().copied()))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row.code))
            .collect();
        for row in sku_value::Entity::find().filter(sku_value::Column::OptionId.is_in(options.keys().copied())).all(db).await? {
            if let (Some(option), Some(value)) = (options.get(&row.option_id), values.get(&row.value_id)) {
                chosen.entry(row.sku_id).or_default().insert(option.clone(), value.clone());
            }
        }
    }
    let mut combinations: BTreeMap<i64, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
    for sku in skus {
        combinations.entry(sku.product_id).or_default().insert(sku.code, chosen.remove(&sku.id).unwrap_or_default());
    }
    Ok(combinations)
}

/// Looks at rows beside the database, without changing anything.
pub(super) async fn plan(db: &impl ConnectionTrait, rows: &[(i64, ProductRow)]) -> Result<Plan, Error> {
    let state = State::read(db, rows).await?;
    let currency = state.currency(rows);
    let mut plan = Plan::default();
    let mut targets: BTreeMap<Target, Vec<&(i64, ProductRow)>> = BTreeMap::new();
    for entry in rows {
        if let Some((column, code, value)) = state.fault(&entry.1, currency) {
            plan.refuse(entry.0, column, code, value.as_deref());
        } else {
            targets.entry(state.target(&entry.1)).or_default().push(entry);
        }
    }
    for (target, rows) in targets {
        state.plan_product(&target, &rows, &mut plan);
    }
    Ok(plan)
}

impl State {
    /// What is wrong with a row by itself: column, code, value.
    fn fault(&self, row: &ProductRow, currency: Currency) -> Option<(&'static str, &'static str, Option<String>)> {
        if let Some(known) = self.skus.get(&row.sku) {
            if known.deleted_at.is_some() {
                return Some(("sku", "sku_deleted", Some(row.sku.clone())));
            }
            let mine =
                self.products.get(&known.product_id).is_some_and(|product| row.product.as_ref().is_none_or(|code| *code == product.code));
            if !mine {
                return Some(("product", "sku_elsewhere", row.product.clone()));
            }
        } else if self.by_code.get(row.product_code()).and_then(|id| self.products.get(id)).is_some_and(|row| row.deleted_at.is_some()) {
            return Some(("product", "sku_deleted", Some(row.product_code().to_owned())));
        }
        if row.price.is_some() {
            if row.currency.is_some_and(|named| named != currency) {
                return Some(("price", "price_currency", row.currency.map(|named| named.to_string())));
            }
            if row.money(currency).is_none() {
                return Some(("price", "amount_invalid", row.price.clone()));
            }
        }
        if let Some(class) = row.tax_class.as_ref().filter(|class| !self.tax_classes.contains_key(*class)) {
            return Some(("tax_class", "tax_class_unknown", Some(class.clone())));
        }
        None
    }

    /// Whether rows of one product fit together, and with the SKUs it has.
    fn plan_product(&self, target: &Target, rows: &[&(i64, ProductRow)], plan: &mut Plan) {
        let mut combinations: BTreeMap<String, BTreeMap<String, String>> = match target {
            Target::Known(id) => self.combinations.get(id).cloned().unwrap_or_default(),
            Target::New(_) => BTreeMap::new(),
        };
        if matches!(target, Target::New(_)) && rows.iter().all(|(_, row)| row.name.is_empty()) {
            for (number, _) in rows {
                plan.refuse(*number, "name", "name_missing", None);
            }
            return;
        }
        for (number, row) in rows {
            let values: BTreeMap<String, String> =
                row.values().into_iter().map(|(axis, value)| (axis.to_owned(), value.to_owned())).collect();
            let known = combinations.contains_key(&row.sku);
            // A row that says nothing of options leaves those of its SKU as they are.
            if known && values.is_empty() {
                plan.updated += 1;
                continue;
            }
            let others = combinations.iter().filter(|(code, _)| **code != row.sku);
            let fits = others.clone().all(|(_, other)| other.keys().eq(values.keys()) && *other != values);
            if !fits {
                plan.refuse(*number, "value1", "variants_differ", None);
                continue;
            }
            if combinations.len() >= SKU_LIMIT && !known {
                plan.refuse(*number, "sku", "variants_many", None);
                continue;
            }
            combinations.insert(row.sku.clone(), values);
            if known { plan.updated += 1 } else { plan.created += 1 }
        }
    }
}
