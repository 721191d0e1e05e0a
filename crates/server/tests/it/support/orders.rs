//! Orders, placed as a shopper places them and brought as far as a test wants them.

use std::future::IntoFuture;
use std::pin::Pin;

use sea_orm::{ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use zg_base::Actor;
use zg_base::shelf::Seen;
use zg_db::entity::{order, order_line, sku, stock};
use zg_domain::Locale;
use zg_orders::CheckOut;
use zg_orders::cart::{AddressInput, ContactInput, Held};

use super::TestApp;

/// An order in a test.
#[derive(Clone, Debug)]
pub(crate) struct TestOrder {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) token: String,
    /// To pay, in fen.
    pub(crate) total: i64,
    /// Ids of its lines, by ordinal.
    pub(crate) lines: Vec<i64>,
}

impl TestOrder {
    /// Its path.
    pub(crate) fn path(&self) -> String {
        format!("/admin/orders/{}", self.id)
    }

    /// The path of a command.
    pub(crate) fn url(&self, command: &str) -> String {
        format!("/admin/orders/{}/{command}", self.id)
    }
}

/// On hand and reserved of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StockNow {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
}

/// An order to be placed: to be paid by bank transfer, by one shopper, unless told otherwise.
#[must_use = "await it"]
pub(crate) struct OrderBuilder<'a> {
    app: &'a TestApp,
    lines: Vec<(String, i64)>,
    method: &'static str,
    email: Option<&'static str>,
    locale: Locale,
    paid: bool,
    confirmed: bool,
}

impl TestApp {
    /// An order; SKUs that are not there are made: ¥10.00 each, 100 in stock.
    pub(crate) fn order(&self) -> OrderBuilder<'_> {
        OrderBuilder {
            app: self,
            lines: Vec::new(),
            method: "bank_transfer",
            email: Some("shopper@example.com"),
            locale: Locale::En,
            paid: false,
            confirmed: false,
        }
    }

    /// A cart with these SKUs and nothing missing; says its token.
    pub(crate) async fn ready_cart(&self, lines: &[(&str, i64)]) -> String {
        let lines: Vec<(String, i64)> = lines.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect();
        self.cart_with(&lines, Locale::En, Some("shopper@example.com"), "bank_transfer").await
    }

    async fn cart_with(&self, lines: &[(String, i64)], locale: Locale, email: Option<&str>, method: &str) -> String {
        let seen = Seen::look(&self.app).await.expect("the shop");
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let mut cart = Held::create(&tx, &seen, locale, None).await.expect("a cart");
        for (sku, quantity) in lines {
            cart.add(sku, *quantity).await.expect("a line");
        }
        choose(&mut cart, email, method).await;
        let token = cart.token().to_owned();
        tx.commit().await.expect("a commit");
        token
    }

    /// On hand and reserved of a SKU, over all warehouses.
    pub(crate) async fn stock_now(&self, code: &str) -> StockNow {
        let row = sku::Entity::find().filter(sku::Column::Code.eq(code)).one(self.app.read()).await.expect("SKUs").expect("the SKU");
        let rows = stock::Entity::find().filter(stock::Column::SkuId.eq(row.id)).all(self.app.read()).await.expect("stock");
        StockNow { on_hand: rows.iter().map(|row| row.on_hand).sum(), reserved: rows.iter().map(|row| row.reserved).sum() }
    }

    /// How many orders there are.
    pub(crate) async fn orders_placed(&self) -> u64 {
        order::Entity::find().count(self.app.read()).await.expect("orders")
    }

    /// An order's row.
    pub(crate) async fn row_of(&self, order: &TestOrder) -> order::Model {
        order::Entity::find_by_id(order.id).one(self.app.read()).await.expect("orders").expect("the order")
    }

    /// The lines of an order, by ordinal.
    pub(crate) async fn lines_of(&self, order_id: i64) -> Vec<order_line::Model> {
        order_line::Entity::find()
            .filter(order_line::Column::OrderId.eq(order_id))
            .order_by(order_line::Column::Ordinal, Order::Asc)
            .all(self.app.read())
            .await
            .expect("lines")
    }

    /// Records that an order's whole amount came.
    pub(crate) async fn paid_in_full(&self, order: &TestOrder) {
        let amount = json!({ "amount": order.total, "currency": "CNY" });
        let body = json!({ "amount": amount, "reference": format!("bank {}", order.number) });
        self.owner().await.post(&order.url("payments"), body).await.expect(201);
    }

    /// Packs all open pieces of an order into one parcel and hands it over.
    pub(crate) async fn ship_all(&self, order: &TestOrder) -> i64 {
        let open: Vec<Value> = self
            .lines_of(order.id)
            .await
            .iter()
            .map(|line| (line.id, line.quantity - line.cancelled - line.shipped))
            .filter(|(_, open)| *open > 0)
            .map(|(id, open)| json!({ "line_id": id, "quantity": open }))
            .collect();
        let body = json!({ "lines": open, "tracking_number": format!("ZT{}", order.number), "handed_over": true });
        self.owner().await.post(&order.url("shipments"), body).await.expect(201).id()
    }

    /// Every proof of the shop, now.
    pub(crate) async fn prove_now(&self) {
        for proof in zhanggui::compose::prove(&self.app).await.expect("the proofs") {
            assert!(proof.holds(), "{}: {:#?}", proof.name, proof.faults);
        }
    }
}

/// Contact, an address in Hangzhou, standard delivery, and a way to pay.
async fn choose(cart: &mut Held<'_>, email: Option<&str>, method: &str) {
    let contact = ContactInput { email: email.map(str::to_owned), phone: Some("13800138000".to_owned()), name: Some("Li Lei".to_owned()) };
    cart.set_contact(&contact).await.expect("a contact");
    let text = |text: &str| Some(text.to_owned());
    let address = AddressInput {
        name: "Han Meimei".to_owned(),
        phone: text("13900139000"),
        country: "CN".to_owned(),
        province: text("浙江省"),
        city: text("杭州市"),
        district: text("西湖区"),
        street: "文三路 1 号".to_owned(),
        postal_code: text("310000"),
    };
    cart.set_address(&address).await.expect("an address");
    cart.set_shipping_method("standard").await.expect("a way to ship");
    cart.set_payment_method(method).await.expect("a way to pay");
}

impl OrderBuilder<'_> {
    /// So many pieces of a SKU.
    pub(crate) fn line(mut self, sku: &str, quantity: i64) -> Self {
        self.lines.push((sku.to_owned(), quantity));
        self
    }

    /// To be paid on delivery.
    pub(crate) fn cod(mut self) -> Self {
        self.method = "cod";
        self
    }

    /// By a shopper of whom only the telephone number is known.
    pub(crate) fn without_email(mut self) -> Self {
        self.email = None;
        self
    }

    /// In another language.
    pub(crate) fn in_language(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Paid in full.
    pub(crate) fn paid(mut self) -> Self {
        self.paid = true;
        self
    }

    /// Let through to picking.
    pub(crate) fn confirmed(mut self) -> Self {
        self.confirmed = true;
        self
    }

    async fn make(self) -> TestOrder {
        let app = self.app;
        for (code, _) in &self.lines {
            let known = sku::Entity::find().filter(sku::Column::Code.eq(code)).one(app.app.read()).await.expect("SKUs");
            if known.is_none() {
                app.product(code).await;
            }
        }
        let token = app.cart_with(&self.lines, self.locale, self.email, self.method).await;
        let (tx, placed) =
            zg_orders::check_out(&app.app, &Actor::system("test"), None, &token, &CheckOut::default()).await.expect("an order");
        tx.commit().await.expect("a commit");
        let row = order::Entity::find().filter(order::Column::Number.eq(&placed.number)).one(app.app.read()).await.expect("orders");
        let id = row.expect("the order").id;
        let lines = app.lines_of(id).await.iter().map(|line| line.id).collect();
        let order = TestOrder { id, number: placed.number, token: placed.token, total: placed.total.amount, lines };
        if self.paid {
            app.paid_in_full(&order).await;
        }
        if self.confirmed {
            let tx = app.app.begin(&Actor::system("test")).await.expect("a transaction");
            zg_orders::confirm(&tx, order.id).await.expect("confirmed");
            tx.commit().await.expect("a commit");
        }
        order
    }
}

impl<'a> IntoFuture for OrderBuilder<'a> {
    type Output = TestOrder;
    type IntoFuture = Pin<Box<dyn Future<Output = TestOrder> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.make())
    }
}
