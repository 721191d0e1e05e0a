//! P15, M5.1, B1, B4 Checkout.

use serde_json::json;
use zg_domain::Locale;

use crate::support::TestApp;
use crate::support::orders::StockNow;

#[tokio::test]
async fn p15_checkout_places_the_order_takes_its_stock_and_tells() {
    let app = TestApp::new().await;
    app.product("TEA").named("龙井", "Longjing").price(1_130).stock(10).await;
    let cart = app.ready_cart(&[("TEA", 3)]).await;
    app.new_events().await;
    let shopper = app.guest();
    let placed = shopper.post(&format!("/store/carts/{cart}/checkout"), json!({ "note": "Ring twice" })).await.expect(201);
    assert_eq!(placed["total"], json!({ "amount": 4_190, "currency": "CNY" }));
    assert_eq!((placed["state"].as_str(), placed["payment"].as_str()), (Some("placed"), Some("unpaid")));
    assert_eq!(placed.header("location"), format!("/api/v1/store/orders/{}", placed["token"].as_str().unwrap()));
    assert_eq!(placed["number"].as_str().unwrap().len(), 13);
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 10, reserved: 3 });
    assert_eq!(app.new_events().await, ["customer.created", "order.placed"]);

    let mails = app.mails().await;
    assert_eq!(mails.iter().map(|mail| mail.template.as_str()).collect::<Vec<_>>(), ["order_placed"]);
    assert!(mails[0].text.contains("Longjing × 3    ¥33.90") && mails[0].text.contains("Total    ¥41.90"), "{}", mails[0].text);

    let staff = app.staff(&["orders.read"]).await;
    let list = staff.get("/admin/orders").await.expect(200);
    let order = staff.get(&format!("/admin/orders/{}", list["data"][0]["id"])).await.expect(200);
    assert_eq!((order["fulfilment"].as_str(), order["note"].as_str()), (Some("allocated"), Some("Ring twice")));
    assert_eq!(order["lines"][0]["allocated"], 3);
    assert_eq!(order["lines"][0]["tax"], json!({ "amount": 390, "currency": "CNY" }));
    assert_eq!(order["timeline"]["data"][0]["kind"], "placed");
    assert_eq!(order["customer"]["name"], "Li Lei");
    let rules: Vec<&str> = order["explanation"].as_array().unwrap().iter().map(|step| step["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["list_price", "shipping", "tax_included"]);
}

#[tokio::test]
async fn p15_mails_are_written_in_the_orders_language() {
    let app = TestApp::new().await;
    app.product("TEA").named("龙井", "Longjing").await;
    let order = app.order().line("TEA", 1).in_language(Locale::ZhCn).await;
    let mails = app.mails().await;
    assert_eq!(mails[0].subject, format!("我们已收到您的订单 {}", order.number));
    assert!(mails[0].text.contains("龙井 × 1"), "{}", mails[0].text);
    app.order().line("TEA", 1).without_email().await;
    assert_eq!(app.mails().await.len(), 0);
}

#[tokio::test]
async fn p15_an_incomplete_cart_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let shopper = app.guest();
    let made = shopper.post("/store/carts", json!({})).await.expect(201);
    let cart = format!("/store/carts/{}", made["token"].as_str().unwrap());
    shopper.post(&format!("{cart}/lines"), json!({ "sku": "TEA", "quantity": 1 })).await.expect(201);
    let before = app.dump().await;
    let refused = shopper.post(&format!("{cart}/checkout"), json!({})).await;
    assert_eq!(refused.problem(), (409, "cart_incomplete"));
    assert_eq!(refused["missing"], json!(["contact", "address", "shipping_method", "payment_method"]));
    assert_eq!(app.dump().await, before);
    assert_eq!(shopper.post("/store/carts/nobodys/checkout", json!({})).await.problem(), (404, "cart_not_found"));
}

#[tokio::test]
async fn m5_1_what_is_short_is_told_by_sku_and_nothing_is_reserved() {
    let app = TestApp::new().await;
    app.product("TEA").stock(2).await;
    app.product("CUP").stock(10).await;
    let cart = app.ready_cart(&[("TEA", 3), ("CUP", 1)]).await;
    let before = app.dump().await;
    let refused = app.guest().post(&format!("/store/carts/{cart}/checkout"), json!({})).await;
    assert_eq!(refused.problem(), (409, "out_of_stock"));
    assert_eq!(refused["left"], json!([{ "sku": "TEA", "wanted": 3, "left": 2 }]));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_1_what_is_sold_without_stock_reserves_none() {
    let app = TestApp::new().await;
    app.product("CARD").untracked().await;
    let order = app.order().line("CARD", 5_000).paid().confirmed().await;
    assert_eq!(app.row_of(&order).await.fulfilment_state, "allocated");
}

#[tokio::test]
async fn p15_a_total_that_was_not_shown_is_not_charged() {
    let app = TestApp::new().await;
    app.product("TEA").price(1_000).await;
    let cart = app.ready_cart(&[("TEA", 1)]).await;
    let path = format!("/store/carts/{cart}/checkout");
    let refused = app.guest().post(&path, json!({ "total": { "amount": 1_700, "currency": "CNY" } })).await;
    assert_eq!(refused.problem(), (409, "cart_total_changed"));
    assert_eq!(refused["total"], json!({ "amount": 1_800, "currency": "CNY" }));
    assert_eq!(app.orders_placed().await, 0);
    app.guest().post(&path, json!({ "total": { "amount": 1_800, "currency": "CNY" } })).await.expect(201);
}

#[tokio::test]
async fn p15_what_was_taken_from_sale_is_not_ordered() {
    let app = TestApp::new().await;
    let tea = app.product("TEA").await;
    let cart = app.ready_cart(&[("TEA", 1)]).await;
    let owner = app.owner().await;
    let product = owner.get(&format!("/admin/products/{}", tea.id)).await.expect(200);
    owner.request("POST", &format!("/admin/products/{}/unpublish", tea.id)).if_match(product.etag()).send().await.expect(200);
    let refused = app.guest().post(&format!("/store/carts/{cart}/checkout"), json!({})).await;
    // Nothing is left that a parcel could hold, so no way to ship is known either.
    assert_eq!(refused.status(), 409);
    assert_eq!(app.orders_placed().await, 0);
}

#[tokio::test]
async fn p15_a_cart_becomes_one_order() {
    let app = TestApp::new().await;
    app.product("TEA").stock(10).await;
    let cart = app.ready_cart(&[("TEA", 1)]).await;
    let shopper = app.guest();
    let path = format!("/store/carts/{cart}/checkout");
    let (one, two) = tokio::join!(shopper.post(&path, json!({})), shopper.post(&path, json!({})));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let (placed, refused) = if one.status() == 201 { (one, two) } else { (two, one) };
    assert_eq!(refused.problem(), (409, "cart_ordered"));
    assert_eq!(refused["number"], placed["number"]);
    assert_eq!(shopper.post(&path, json!({})).await.problem(), (409, "cart_ordered"));
    assert_eq!(
        shopper.post(&format!("/store/carts/{cart}/lines"), json!({ "sku": "TEA", "quantity": 1 })).await.problem(),
        (409, "cart_ordered")
    );
    assert_eq!((app.orders_placed().await, app.stock_now("TEA").await.reserved), (1, 1));
}

#[tokio::test]
async fn b4_the_same_key_gets_the_same_answer_and_one_order() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let cart = app.ready_cart(&[("TEA", 1)]).await;
    let path = format!("/store/carts/{cart}/checkout");
    let shopper = app.guest();
    let once = || shopper.request("POST", &path).key("attempt-1").body(json!({})).send();
    let (one, two) = tokio::join!(once(), once());
    let third = once().await.expect(201);
    assert_eq!((one.status(), two.status()), (201, 201));
    assert_eq!((one.json(), two.json()), (third.json(), third.json()));
    assert_eq!(third.header("idempotency-replayed"), "true");
    assert_eq!(app.orders_placed().await, 1);
    let other = shopper.request("POST", &path).key("attempt-1").body(json!({ "note": "other" })).send().await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));
}

#[tokio::test]
async fn m5_1_two_buyers_of_the_last_piece() {
    let app = TestApp::new().await;
    app.product("TEA").stock(1).await;
    let (a, b) = (app.ready_cart(&[("TEA", 1)]).await, app.ready_cart(&[("TEA", 1)]).await);
    let shopper = app.guest();
    let (a, b) = (format!("/store/carts/{a}/checkout"), format!("/store/carts/{b}/checkout"));
    let (one, two) = tokio::join!(shopper.post(&a, json!({})), shopper.post(&b, json!({})));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!((app.orders_placed().await, app.stock_now("TEA").await), (1, StockNow { on_hand: 1, reserved: 1 }));
}
