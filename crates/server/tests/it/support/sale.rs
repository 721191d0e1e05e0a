//! Orders placed as a shopper places them, and brought as far as a test wants them.

use serde_json::{Value, json};
use zg_base::Actor;
use zg_db::entity::{order, order_line, stock};
use zg_db::entity::{payment_entry, shipment};

use sea_orm::{ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder};

use super::{Client, Reply, TestApp};

/// An order in a test.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) token: String,
    /// Minor units of CNY.
    pub(crate) total: i64,
    /// Ids of its lines, by ordinal.
    pub(crate) lines: Vec<i64>,
}

impl Sale {
    /// A path below the order's.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/admin/orders/{}{rest}", self.id)
    }

    /// An amount in the order's currency.
    pub(crate) fn money(minor: i64) -> Value {
        json!({ "amount": minor, "currency": "CNY" })
    }
}

impl TestApp {
    /// A placed order of these SKUs, to be paid by bank transfer. The products are
    /// there: ¥10.00 each; delivery costs ¥8.00.
    pub(crate) async fn sold(&self, wanted: &[(&str, i64)]) -> Sale {
        self.sold_by("bank_transfer", wanted).await
    }

    /// As [`Self::sold`], to be paid in another way.
    pub(crate) async fn sold_by(&self, method: &str, wanted: &[(&str, i64)]) -> Sale {
        let shopper = self.guest();
        let cart = shopper.post("/store/carts", json!({})).await.expect(201);
        let cart = format!("/store/carts/{}", cart["token"].as_str().expect("a token"));
        for (sku, quantity) in wanted {
            shopper.post(&format!("{cart}/lines"), json!({ "sku": sku, "quantity": quantity })).await.expect(201);
        }
        let contact = json!({ "email": "shopper@example.com", "phone": "13800138000", "name": "李雷" });
        shopper.put(&format!("{cart}/contact"), contact).await.expect(200);
        let address = json!({
            "name": "李雷", "phone": "13800138000", "country": "CN", "province": "浙江省", "city": "杭州市", "district": "西湖区", "street": "文三路 1 号"
        });
        shopper.put(&format!("{cart}/address"), address).await.expect(200);
        shopper.put(&format!("{cart}/shipping-method"), json!({ "code": "standard" })).await.expect(200);
        shopper.put(&format!("{cart}/payment-method"), json!({ "code": method })).await.expect(200);
        let placed = shopper.post(&format!("{cart}/checkout"), json!({})).await.expect(201);
        let number = placed["number"].as_str().expect("a number").to_owned();
        let row = order::Entity::find().filter(order::Column::Number.eq(&number)).one(self.app.read()).await.expect("orders");
        let row = row.expect("the order");
        let lines = order_line::Entity::find()
            .filter(order_line::Column::OrderId.eq(row.id))
            .order_by(order_line::Column::Ordinal, Order::Asc)
            .all(self.app.read())
            .await
            .expect("lines");
        Sale { id: row.id, number, token: row.token, total: row.total_minor, lines: lines.iter().map(|line| line.id).collect() }
    }

    /// A confirmed order of these SKUs, to be paid on delivery.
    pub(crate) async fn confirmed(&self, wanted: &[(&str, i64)]) -> Sale {
        let sale = self.sold_by("cod", wanted).await;
        self.confirm(&sale).await;
        sale
    }

    /// Lets an order through to picking.
    pub(crate) async fn confirm(&self, sale: &Sale) {
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        zg_orders::confirm(&tx, sale.id).await.expect("confirmed");
        tx.commit().await.expect("a commit");
    }

    /// The order's row.
    pub(crate) async fn order_row(&self, sale: &Sale) -> order::Model {
        order::Entity::find_by_id(sale.id).one(self.app.read()).await.expect("orders").expect("the order")
    }

    /// State, payment and fulfilment of an order.
    pub(crate) async fn standing(&self, sale: &Sale) -> (String, String, String) {
        let row = self.order_row(sale).await;
        (row.state, row.payment_state, row.fulfilment_state)
    }

    /// Allocated, picked, shipped and delivered pieces of each line of an order.
    pub(crate) async fn counts(&self, sale: &Sale) -> Vec<(i64, i64, i64, i64)> {
        let lines = order_line::Entity::find()
            .filter(order_line::Column::OrderId.eq(sale.id))
            .order_by(order_line::Column::Ordinal, Order::Asc)
            .all(self.app.read())
            .await
            .expect("lines");
        lines.into_iter().map(|line| (line.allocated, line.picked, line.shipped, line.delivered)).collect()
    }

    /// On hand and reserved of a SKU.
    pub(crate) async fn stock_of(&self, sku_id: i64) -> (i64, i64) {
        let rows = stock::Entity::find().filter(stock::Column::SkuId.eq(sku_id)).all(self.app.read()).await.expect("stock");
        (rows.iter().map(|row| row.on_hand).sum(), rows.iter().map(|row| row.reserved).sum())
    }

    /// How many lines the payment ledger has.
    pub(crate) async fn payment_lines(&self) -> u64 {
        payment_entry::Entity::find().count(self.app.read()).await.expect("the ledger")
    }

    /// How many parcels there are, undone ones too.
    pub(crate) async fn parcels(&self) -> u64 {
        shipment::Entity::find().count(self.app.read()).await.expect("parcels")
    }
}

/// Records a payment of an order.
pub(crate) async fn pay(staff: &Client, sale: &Sale, minor: i64, reference: &str) -> Reply {
    staff.post(&sale.path("/payments"), json!({ "amount": Sale::money(minor), "reference": reference })).await
}
