//! Products and categories, made through the API as staff would.

use std::future::IntoFuture;
use std::pin::Pin;

use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use zg_db::entity::{job, job_error};
use zg_import::Options;

use super::{Client, TestApp};

/// A product for sale.
#[derive(Clone, Debug)]
pub(crate) struct TestProduct {
    pub(crate) id: i64,
    pub(crate) sku_id: i64,
    /// Its first SKU's code.
    pub(crate) sku: String,
    /// Its slug in English, or in Chinese if that serves both.
    pub(crate) slug: String,
}

/// A product to be made: published, with a price and stock, unless told otherwise.
#[must_use = "await it"]
pub(crate) struct ProductBuilder<'a> {
    app: &'a TestApp,
    code: String,
    document: Value,
    stock: Option<i64>,
    published: bool,
}

impl TestApp {
    /// A product with one SKU of the same code: ¥10.00, 100 in stock, 100 g.
    pub(crate) fn product(&self, code: &str) -> ProductBuilder<'_> {
        let document = json!({
            "code": code,
            "name": { "zh-CN": format!("商品 {code}"), "en": format!("Product {code}") },
            "tax_class": "standard",
            "skus": [{ "code": code, "weight_g": 100, "price": { "amount": 1000, "currency": "CNY" } }],
        });
        ProductBuilder { app: self, code: code.to_owned(), document, stock: Some(100), published: true }
    }

    /// The id of a category at the root, made if it is not there.
    pub(crate) async fn category(&self, code: &str) -> i64 {
        self.category_below(code, None).await
    }

    /// The id of a category, made if it is not there.
    pub(crate) async fn category_below(&self, code: &str, parent: Option<i64>) -> i64 {
        let owner = self.owner().await;
        let tree = owner.get("/admin/categories").await.expect(200);
        let known = tree.json().as_array().and_then(|rows| rows.iter().find(|row| row["code"] == code).cloned());
        if let Some(row) = known {
            return row["id"].as_i64().expect("an id");
        }
        let made =
            owner.post("/admin/categories", json!({ "code": code, "name": { "zh-CN": code, "en": code }, "parent_id": parent })).await;
        made.expect(201).id()
    }
}

impl TestApp {
    /// Imports a file to its end, as the command line does.
    pub(crate) async fn import(&self, kind: &str, file: &[u8]) -> job::Model {
        self.import_with(kind, file, Options::default()).await
    }

    /// As [`Self::import`], otherwise than by default.
    pub(crate) async fn import_with(&self, kind: &str, file: &[u8], options: Options) -> job::Model {
        let kinds = zhanggui::compose::imports();
        let kind = kinds.iter().find(|known| known.name == kind).expect("a kind of import");
        let id = kind.begin(&self.app, "file.csv", file.to_vec(), options).await.expect("an import that begins");
        kind.execute(&self.app, id).await.expect("an import that ends");
        job::Entity::find_by_id(id).one(self.app.read()).await.expect("the database").expect("the job")
    }

    /// Row, column and code of each fault of an import.
    pub(crate) async fn faults(&self, job: &job::Model) -> Vec<(i64, String, String)> {
        let rows = job_error::Entity::find().filter(job_error::Column::JobId.eq(job.id)).order_by(job_error::Column::Id, Order::Asc);
        let rows = rows.all(self.app.read()).await.expect("the database");
        rows.into_iter().map(|row| (row.row, row.column.unwrap_or_default(), row.code)).collect()
    }
}

impl ProductBuilder<'_> {
    /// Names in both languages.
    pub(crate) fn named(mut self, zh: &str, en: &str) -> Self {
        self.document["name"] = json!({ "zh-CN": zh, "en": en });
        self
    }

    /// The price of its SKU, in fen.
    pub(crate) fn price(mut self, minor: i64) -> Self {
        self.document["skus"][0]["price"] = json!({ "amount": minor, "currency": "CNY" });
        self
    }

    /// The weight of its SKU, in grams.
    pub(crate) fn weight(mut self, grams: i64) -> Self {
        self.document["skus"][0]["weight_g"] = json!(grams);
        self
    }

    /// How many of its first SKU are on hand.
    pub(crate) fn stock(mut self, quantity: i64) -> Self {
        self.stock = Some(quantity);
        self
    }

    /// For sale without stock.
    pub(crate) fn untracked(mut self) -> Self {
        self.document["skus"][0]["tracked"] = json!(false);
        self.stock = None;
        self
    }

    /// In this category.
    pub(crate) fn within(mut self, category_id: i64) -> Self {
        self.document["primary_category_id"] = json!(category_id);
        self
    }

    /// A field of the document, as it is written.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.document[field] = value;
        self
    }

    /// Not published.
    pub(crate) fn draft(mut self) -> Self {
        self.published = false;
        self
    }

    async fn make(mut self) -> TestProduct {
        if self.document["primary_category_id"].is_null() {
            self.document["primary_category_id"] = json!(self.app.category("goods").await);
        }
        let owner = self.app.owner().await;
        let made = owner.post("/admin/products", self.document).await.expect(201);
        let id = made.id();
        if self.published {
            owner.request("POST", &format!("/admin/products/{id}/publish")).if_match(made.etag()).send().await.expect(200);
        }
        let sku = made.json()["skus"][0]["code"].as_str().unwrap_or(&self.code).to_owned();
        if let Some(quantity) = self.stock {
            set_stock(&owner, &sku, quantity).await;
        }
        let slugs = &made.json()["slugs"];
        TestProduct {
            id,
            sku_id: made.json()["skus"][0]["id"].as_i64().expect("an id"),
            sku,
            slug: slugs["en"].as_str().or_else(|| slugs["zh-CN"].as_str()).unwrap_or_default().to_owned(),
        }
    }
}

async fn set_stock(owner: &Client, sku: &str, quantity: i64) {
    let lines = json!([{ "sku": sku, "kind": "set_to", "quantity": quantity }]);
    owner.post("/admin/stock/adjustments", json!({ "reason": "count", "lines": lines })).await.expect(200);
}

impl<'a> IntoFuture for ProductBuilder<'a> {
    type Output = TestProduct;
    type IntoFuture = Pin<Box<dyn Future<Output = TestProduct> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.make())
    }
}
