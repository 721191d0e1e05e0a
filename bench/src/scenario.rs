//! What a user does, over and over.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use http::Method;
use serde_json::{Value, json};

use crate::client::Client;

/// Checkouts a user has ready before the time of `checkout` begins.
const READY: usize = 250;

/// In the order in which they run.
pub(crate) const SCENARIOS: &[&str] = &["health", "list", "page", "search", "cart", "whole", "checkout", "orders"];

/// What there is to ask for.
#[derive(Clone, Debug)]
pub(crate) struct World {
    slugs: Arc<[String]>,
    skus: Arc<[String]>,
    words: Arc<[String]>,
}

impl World {
    /// Looks at the shop through its own API.
    pub(crate) async fn look(address: SocketAddr) -> anyhow::Result<Self> {
        let mut client = Client::connect(address, None).await?;
        let list = client.json(Method::GET, "/api/v1/store/products?limit=100", None).await?;
        let rows = list.get("data").and_then(Value::as_array).context("a list of products")?;
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let slugs: Vec<String> = rows.iter().filter_map(|row| text(row, "slug")).collect();
        let words = rows.iter().filter_map(|row| text(row, "name")?.split_whitespace().next().map(str::to_owned)).collect();
        let mut skus = Vec::new();
        for slug in slugs.iter().take(40) {
            let page = client.json(Method::GET, &format!("/api/v1/store/products/{slug}"), None).await?;
            let found = page.get("skus").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            skus.extend(found.iter().filter_map(|sku| text(sku, "sku").or_else(|| text(sku, "code"))));
        }
        anyhow::ensure!(!skus.is_empty(), "the shop has no products for sale: import some first");
        Ok(Self { slugs: slugs.into(), skus: skus.into(), words })
    }
}

/// A user at work.
pub(crate) struct Scenario {
    name: &'static str,
    client: Client,
    world: World,
    turn: usize,
    ready: Vec<String>,
}

fn pick(of: &[String], turn: usize) -> &str {
    of.get(turn % of.len().max(1)).map_or("", String::as_str)
}

impl Scenario {
    pub(crate) fn new(name: &'static str, client: Client, world: World, user: usize) -> Self {
        Self { name, client, world, turn: user * 7919, ready: Vec::new() }
    }

    /// What is made before the time begins.
    pub(crate) async fn prepare(&mut self) -> anyhow::Result<()> {
        if self.name == "checkout" {
            for _ in 0..READY {
                let cart = self.ready_cart().await?;
                self.ready.push(cart);
            }
        }
        Ok(())
    }

    /// Is there nothing left of what was prepared?
    pub(crate) fn used_up(&self) -> bool {
        self.name == "checkout" && self.ready.is_empty()
    }

    /// A cart with everything that a checkout wants.
    async fn ready_cart(&mut self) -> anyhow::Result<String> {
        self.turn += 1;
        let cart = self.filled_cart().await?;
        let at = format!("/api/v1/store/carts/{cart}");
        let put = |part: &str| format!("{at}/{part}");
        let contact = json!({ "name": "王小明", "email": format!("buyer{}@example.com", self.turn), "phone": "13800138000" });
        self.client.json(Method::PUT, &put("contact"), Some(&contact)).await?;
        let address = json!({ "name": "王小明", "phone": "13800138000", "country": "CN", "province": "浙江省", "city": "杭州市",
            "district": "西湖区", "street": "文三路 1 号", "postal_code": "310000" });
        self.client.json(Method::PUT, &put("address"), Some(&address)).await?;
        let methods = self.client.json(Method::GET, &put("shipping-methods"), None).await?;
        let code = first_code(&methods).context("a shipping method")?;
        self.client.json(Method::PUT, &put("shipping-method"), Some(&json!({ "code": code }))).await?;
        self.client.json(Method::PUT, &put("payment-method"), Some(&json!({ "code": "bank_transfer" }))).await?;
        Ok(cart)
    }

    async fn check_out(&mut self, cart: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/store/carts/{cart}/checkout");
        let (status, bytes) = self.client.keyed(Method::POST, &path, Some(&json!({})), Some(&format!("bench-{cart}"))).await?;
        anyhow::ensure!(status.as_u16() == 201, "checkout: {status} {}", String::from_utf8_lossy(&bytes));
        Ok(())
    }

    async fn filled_cart(&mut self) -> anyhow::Result<String> {
        let made = self.client.json(Method::POST, "/api/v1/store/carts", Some(&json!({}))).await?;
        let token = made.get("token").and_then(Value::as_str).context("a cart's token")?.to_owned();
        let line = json!({ "sku": pick(&self.world.skus, self.turn), "quantity": 1 });
        self.client.json(Method::POST, &format!("/api/v1/store/carts/{token}/lines"), Some(&line)).await?;
        Ok(token)
    }

    /// The step that is measured.
    pub(crate) async fn step(&mut self) -> anyhow::Result<()> {
        self.turn += 1;
        match self.name {
            "health" => self.read("/healthz".to_owned()).await,
            "list" => self.read("/api/v1/store/products?limit=20".to_owned()).await,
            "page" => self.read(format!("/api/v1/store/products/{}", pick(&self.world.slugs, self.turn))).await,
            "search" => {
                let word: String = encoded(pick(&self.world.words, self.turn));
                self.read(format!("/api/v1/store/products?limit=20&q={word}")).await
            }
            "cart" => self.filled_cart().await.map(|_| ()),
            "whole" => {
                let cart = self.ready_cart().await?;
                self.check_out(&cart).await
            }
            "checkout" => {
                let cart = self.ready.pop().context("a cart that is ready")?;
                self.check_out(&cart).await
            }
            _ => self.read("/api/v1/admin/orders?limit=50".to_owned()).await,
        }
    }

    async fn read(&mut self, path: String) -> anyhow::Result<()> {
        let (status, bytes) = self.client.send(Method::GET, &path, None).await?;
        anyhow::ensure!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        Ok(())
    }
}

fn first_code(methods: &Value) -> Option<&str> {
    let list = methods.as_array().or_else(|| methods.get("data")?.as_array())?;
    list.first()?.get("code")?.as_str()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
