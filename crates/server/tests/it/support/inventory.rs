//! Goods of which stock is kept, without anything else about them.

use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::{Value, json};
use zg_base::Actor;
use zg_db::entity::{product, product_text, sku, stock, tax_class, warehouse};

use super::{Client, Reply, TestApp};

impl TestApp {
    /// A SKU of a product of its own; says its id.
    pub(crate) async fn bare_sku(&self, code: &str) -> i64 {
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let tax = tax_class::Entity::find().one(tx.db()).await.expect("tax classes").expect("a tax class");
        let row = product::ActiveModel {
            code: Set(format!("P-{code}")),
            status: Set("draft".to_owned()),
            tax_class_id: Set(tax.id),
            sales_count: Set(0),
            created_at: Set(tx.now()),
            updated_at: Set(tx.now()),
            version: Set(1),
            ..Default::default()
        };
        let product = row.insert(tx.db()).await.expect("a product");
        let text = product_text::ActiveModel {
            product_id: Set(product.id),
            locale: Set("zh-CN".to_owned()),
            name: Set(format!("商品 {code}")),
            description: Set(String::new()),
            ..Default::default()
        };
        product_text::Entity::insert(text).exec_without_returning(tx.db()).await.expect("a name");
        let row = sku::ActiveModel {
            product_id: Set(product.id),
            code: Set(code.to_owned()),
            weight_g: Set(100),
            position: Set(0),
            tracked: Set(true),
            version: Set(1),
            ..Default::default()
        };
        let sku = row.insert(tx.db()).await.expect("a SKU");
        tx.commit().await.expect("a commit");
        sku.id
    }

    /// A second place where stock lies; says its id.
    pub(crate) async fn warehouse(&self, code: &str) -> i64 {
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let row = warehouse::ActiveModel {
            code: Set(code.to_owned()),
            name: Set(code.to_owned()),
            priority: Set(9),
            version: Set(1),
            ..Default::default()
        };
        let id = row.insert(tx.db()).await.expect("a warehouse").id;
        tx.commit().await.expect("a commit");
        id
    }

    /// Every stock row: SKU, on hand, reserved, held.
    pub(crate) async fn levels(&self) -> Vec<(i64, i64, i64, i64)> {
        let mut rows: Vec<_> = stock::Entity::find()
            .all(self.app.read())
            .await
            .expect("stock")
            .into_iter()
            .map(|row| (row.sku_id, row.on_hand, row.reserved, row.held))
            .collect();
        rows.sort_unstable();
        rows
    }
}

impl Client {
    /// Adjusts one SKU in the first warehouse.
    pub(crate) async fn adjust(&self, kind: &str, sku: &str, quantity: i64) -> Reply {
        let line = json!({ "sku": sku, "kind": kind, "quantity": quantity });
        self.post("/admin/stock/adjustments", json!({ "reason": "found", "lines": [line] })).await
    }

    /// Adjusts by these lines, `(kind, sku, quantity)`.
    pub(crate) async fn sheet(&self, dry_run: bool, lines: &[(&str, &str, i64)]) -> Reply {
        let lines: Vec<Value> =
            lines.iter().map(|(kind, sku, quantity)| json!({ "kind": kind, "sku": sku, "quantity": quantity })).collect();
        let body = json!({ "reason": "count", "document": "盘点 7", "note": "year's end", "dry_run": dry_run, "lines": lines });
        self.post("/admin/stock/adjustments", body).await
    }
}
