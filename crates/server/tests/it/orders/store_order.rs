//! P15 The order as its shopper sees it.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn p15_a_shopper_sees_the_order_by_its_token() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 2).paid().confirmed().await;
    let shopper = app.guest();
    let seen = shopper.get(&format!("/store/orders/{}", order.token)).await.expect(200);
    assert_eq!((seen["number"].as_str(), seen["payment"].as_str()), (Some(order.number.as_str()), Some("paid")));
    assert_eq!(seen["totals"]["total"]["amount"], order.total);
    assert_eq!(seen["lines"][0]["quantity"], 2);
    assert_eq!(seen["address"]["city"], "杭州市");
    assert_eq!(seen["explanation"][0]["rule"], "list_price");
    assert_eq!(seen["parcels"].as_array().unwrap().len(), 0);

    app.ship_all(&order).await;
    let sent = shopper.get(&format!("/store/orders/{}", order.token)).await.expect(200);
    assert_eq!(sent["fulfilment"], "shipped");
    assert_eq!(sent["parcels"][0]["pieces"], json!({ "1": 2 }));
    assert!(sent["parcels"][0]["tracking_url"].as_str().unwrap().contains(&order.number));
}

#[tokio::test]
async fn p15_an_order_is_not_found_by_its_number() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).await;
    let shopper = app.guest();
    assert_eq!(shopper.get(&format!("/store/orders/{}", order.number)).await.problem(), (404, "order_not_found"));
    assert_eq!(shopper.get(&format!("/store/orders/{}", order.id)).await.problem(), (404, "order_not_found"));
}
