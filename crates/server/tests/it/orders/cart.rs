//! P15 The cart.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn cart(shopper: &Client) -> String {
    let made = shopper.post("/store/carts", json!({})).await.expect(201);
    format!("/store/carts/{}", made["token"].as_str().unwrap())
}

fn hangzhou() -> Value {
    json!({
        "name": "Han Meimei", "phone": "13900139000", "country": "CN", "province": "浙江省", "city": "杭州市",
        "district": "西湖区", "street": "文三路 1 号", "postal_code": "310000"
    })
}

#[tokio::test]
async fn p15_a_cart_says_what_is_missing_until_nothing_is() {
    let app = TestApp::new().await;
    app.product("TEA").price(1_250).await;
    let shopper = app.guest();
    let made = shopper.post("/store/carts", json!({})).await.expect(201);
    let path = format!("/store/carts/{}", made["token"].as_str().unwrap());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(made["missing"], json!(["lines", "contact", "address", "shipping_method", "payment_method"]));

    let filled = shopper.post(&format!("{path}/lines"), json!({ "sku": "TEA", "quantity": 3 })).await.expect(201);
    assert_eq!(filled["lines"][0]["sku"], "TEA");
    assert_eq!((filled["lines"][0]["ordinal"].as_i64(), filled["pieces"].as_i64()), (Some(1), Some(3)));
    assert_eq!(filled["lines"][0]["total"], json!({ "amount": 3_750, "currency": "CNY" }));
    let contact = json!({ "email": "Li.Lei@Example.com", "phone": "+86 138-0013-8000", "name": "Li Lei" });
    let contact = shopper.put(&format!("{path}/contact"), contact).await.expect(200);
    assert_eq!(contact["contact"], json!({ "email": "li.lei@example.com", "phone": "13800138000", "name": "Li Lei" }));
    assert_eq!(
        shopper.put(&format!("{path}/address"), hangzhou()).await.expect(200)["missing"],
        json!(["shipping_method", "payment_method"])
    );

    let ways = shopper.get(&format!("{path}/shipping-methods")).await.expect(200);
    let fees: Vec<(&str, i64)> =
        ways.json().as_array().unwrap().iter().map(|way| (way["code"].as_str().unwrap(), way["fee"]["amount"].as_i64().unwrap())).collect();
    assert_eq!(fees, [("standard", 800), ("express", 1_800)]);
    shopper.put(&format!("{path}/shipping-method"), json!({ "code": "express" })).await.expect(200);
    let pays = shopper.get(&format!("{path}/payment-methods")).await.expect(200);
    let codes: Vec<&str> = pays.json().as_array().unwrap().iter().map(|way| way["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["bank_transfer", "cod"]);
    let whole = shopper.put(&format!("{path}/payment-method"), json!({ "code": "cod" })).await.expect(200);
    assert_eq!(whole["missing"], json!([]));
    assert_eq!(whole["totals"]["total"], json!({ "amount": 5_550, "currency": "CNY" }));
    let read = shopper.get(&path).await.expect(200);
    assert_eq!(read.json(), whole.json());
}

#[tokio::test]
async fn p15_a_line_grows_changes_and_goes() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    app.product("CUP").await;
    let shopper = app.guest();
    let cart = cart(&shopper).await;
    let lines = format!("{cart}/lines");
    shopper.post(&lines, json!({ "sku": "TEA", "quantity": 2 })).await.expect(201);
    shopper.post(&lines, json!({ "sku": "CUP", "quantity": 1 })).await.expect(201);
    let grown = shopper.post(&lines, json!({ "sku": "TEA", "quantity": 3 })).await.expect(201);
    assert_eq!(grown.header("location"), format!("/api/v1{lines}/1"));
    assert_eq!(grown["lines"].as_array().unwrap().len(), 2);
    assert_eq!(grown["lines"][0]["quantity"], 5);

    let set = shopper.patch(&format!("{lines}/1"), json!({ "quantity": 1 })).await.expect(200);
    assert_eq!(set["lines"][0]["quantity"], 1);
    let gone = shopper.delete(&format!("{lines}/1")).await.expect(200);
    assert_eq!(gone["lines"].as_array().unwrap().len(), 1);
    assert_eq!(gone["lines"][0]["ordinal"], 2);
    assert_eq!(shopper.delete(&format!("{lines}/1")).await.problem(), (404, "cart_line_not_found"));
    assert_eq!(shopper.patch(&format!("{lines}/1"), json!({ "quantity": 1 })).await.problem(), (404, "cart_line_not_found"));
}

#[tokio::test]
async fn p15_what_is_not_sold_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    app.product("SECRET").draft().await;
    let shopper = app.guest();
    let cart = cart(&shopper).await;
    let lines = format!("{cart}/lines");
    let before = app.dump().await;
    for (sku, quantity, field) in
        [("NONE", 1, ("/sku", "cart_sku_unknown")), ("SECRET", 1, ("/sku", "cart_sku_unknown")), ("TEA", 0, ("/quantity", "cart_quantity"))]
    {
        let reply = shopper.post(&lines, json!({ "sku": sku, "quantity": quantity })).await.expect(422);
        assert_eq!(reply.fields(), [field], "{sku}");
    }
    assert_eq!(app.dump().await, before);
    assert_eq!(shopper.get("/store/carts/nobodys").await.problem(), (404, "cart_not_found"));
    assert_eq!(shopper.post("/store/carts/nobodys/lines", json!({ "sku": "TEA", "quantity": 1 })).await.problem(), (404, "cart_not_found"));
}

#[tokio::test]
async fn p15_contact_and_address_are_checked_at_the_field() {
    let app = TestApp::new().await;
    let shopper = app.guest();
    let cart = cart(&shopper).await;
    let contact = format!("{cart}/contact");
    assert_eq!(shopper.put(&contact, json!({ "name": "Li" })).await.expect(422).fields(), [("/email", "cart_contact_missing")]);
    assert_eq!(shopper.put(&contact, json!({ "email": "li" })).await.expect(422).fields(), [("/email", "cart_email")]);
    assert_eq!(shopper.put(&contact, json!({ "phone": "12" })).await.expect(422).fields(), [("/phone", "cart_phone")]);
    let address = |field: &str, value: &str| {
        let mut address = hangzhou();
        address[field] = json!(value);
        address
    };
    for (field, value, code) in [
        ("country", "XX", "country_unknown"),
        ("province", "浙江国", "region_unknown"),
        ("district", "朝阳区", "region_unknown"),
        ("street", " ", "required"),
        ("name", "", "required"),
        ("phone", "abc", "cart_phone"),
    ] {
        let reply = shopper.put(&format!("{cart}/address"), address(field, value)).await.expect(422);
        assert_eq!(reply.fields(), [(format!("/{field}").as_str(), code)]);
    }
    let mut several = address("district", "朝阳区");
    (several["name"], several["street"]) = (json!(""), json!(""));
    let told = shopper.put(&format!("{cart}/address"), several).await.expect(422);
    assert_eq!(told.fields(), [("/name", "required"), ("/street", "required"), ("/district", "region_unknown")]);
    let abroad =
        json!({ "name": "Ann", "country": "us", "city": "Houston", "province": "Texas", "street": "1 Main St", "postal_code": "77095" });
    assert_eq!(shopper.put(&format!("{cart}/address"), abroad).await.expect(200)["address"]["country"], "US");
}

#[tokio::test]
async fn p15_cash_on_delivery_goes_only_with_a_courier_who_takes_it() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let shopper = app.guest();
    let cart = cart(&shopper).await;
    shopper.post(&format!("{cart}/lines"), json!({ "sku": "TEA", "quantity": 1 })).await.expect(201);
    assert_eq!(shopper.get(&format!("{cart}/shipping-methods")).await.problem(), (409, "cart_address_first"));
    assert_eq!(shopper.put(&format!("{cart}/shipping-method"), json!({ "code": "standard" })).await.problem(), (409, "cart_address_first"));
    let abroad =
        json!({ "name": "Ann", "phone": "+12125550100", "country": "US", "city": "Houston", "province": "Texas", "street": "1 Main St" });
    shopper.put(&format!("{cart}/address"), abroad).await.expect(200);
    let refused = shopper.put(&format!("{cart}/shipping-method"), json!({ "code": "standard" })).await.expect(422);
    assert_eq!(refused.fields(), [("/code", "cart_shipping_unknown")]);
    shopper.put(&format!("{cart}/shipping-method"), json!({ "code": "dhl" })).await.expect(200);
    let pays = shopper.get(&format!("{cart}/payment-methods")).await.expect(200);
    let codes: Vec<&str> = pays.json().as_array().unwrap().iter().map(|way| way["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["bank_transfer"]);
    let refused = shopper.put(&format!("{cart}/payment-method"), json!({ "code": "cod" })).await.expect(422);
    assert_eq!(refused.fields(), [("/code", "cart_payment_unknown")]);

    // What was chosen and no longer goes there counts as not chosen.
    shopper.put(&format!("{cart}/payment-method"), json!({ "code": "bank_transfer" })).await.expect(200);
    let moved = shopper.put(&format!("{cart}/address"), hangzhou()).await.expect(200);
    assert_eq!(moved["missing"], json!(["contact", "shipping_method"]));
}

#[tokio::test]
async fn p15_a_cart_tells_of_prices_and_stock_that_changed() {
    let app = TestApp::new().await;
    let tea = app.product("TEA").price(1_000).stock(5).await;
    let shopper = app.guest();
    let owner = app.owner().await;
    let cart = cart(&shopper).await;
    shopper.post(&format!("{cart}/lines"), json!({ "sku": "TEA", "quantity": 4 })).await.expect(201);
    let product = owner.get(&format!("/admin/products/{}", tea.id)).await.expect(200);
    let mut document = product.json().clone();
    for field in ["id", "version", "status", "published_at", "created_at", "updated_at", "slugs", "media", "missing"] {
        document.as_object_mut().unwrap().remove(field);
    }
    document["skus"][0]["price"]["amount"] = json!(1_200);
    owner.request("PUT", &format!("/admin/products/{}", tea.id)).if_match(product.etag()).body(document).send().await.expect(200);
    let seen = shopper.get(&cart).await.expect(200);
    assert_eq!(
        (seen["problems"][0]["code"].as_str(), seen["problems"][0]["before"]["amount"].as_i64()),
        (Some("price_changed"), Some(1_000))
    );
    assert_eq!(seen["totals"]["lines"]["amount"], 4_800);
    // Touching the line says that the price was seen.
    let touched = shopper.patch(&format!("{cart}/lines/1"), json!({ "quantity": 6 })).await.expect(200);
    assert_eq!((touched["problems"][0]["code"].as_str(), touched["problems"][0]["left"].as_i64()), (Some("out_of_stock"), Some(5)));
    owner.request("POST", &format!("/admin/products/{}/unpublish", tea.id)).if_match(product.etag() + 1).send().await.expect(200);
    let gone = shopper.get(&cart).await.expect(200);
    assert_eq!(gone["problems"][0]["code"], "unavailable");
    assert_eq!(gone["lines"][0]["total"], Value::Null);
}

#[tokio::test]
async fn p15_two_writes_at_once_both_count() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let shopper = app.guest();
    let cart = cart(&shopper).await;
    let lines = format!("{cart}/lines");
    let add = |quantity: i64| shopper.post(&lines, json!({ "sku": "TEA", "quantity": quantity }));
    let (one, two) = tokio::join!(add(2), add(3));
    assert_eq!((one.status(), two.status()), (201, 201));
    let read = shopper.get(&cart).await.expect(200);
    assert_eq!((read["lines"].as_array().unwrap().len(), read["pieces"].as_i64()), (1, Some(5)));
}
