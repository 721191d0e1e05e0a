//! M2.1 Create and change a product.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn m2_1_a_product_is_a_draft_until_it_is_published() {
    let app = TestApp::new().await;
    let product = app.product("TEA").named("西湖龙井", "Longjing").draft().await;
    let guest = app.guest();
    assert_eq!(guest.get(&format!("/store/products/{}", product.slug)).await.problem(), (404, "product_not_found"));
    let staff = app.staff(&["products.write", "catalog.read"]).await;
    let url = format!("/admin/products/{}", product.id);
    let published = staff.request("POST", &format!("{url}/publish")).if_match(1).send().await.expect(200);
    assert_eq!((published.json()["status"].as_str(), published.etag()), (Some("published"), 2));
    let page = guest.get(&format!("/store/products/{}?locale=en", product.slug)).await.expect(200);
    assert_eq!(page.json()["name"], "Longjing");
    assert_eq!(page.json()["price"], json!({ "amount": 1000, "currency": "CNY" }));
    assert_eq!(page.json()["skus"][0]["available"], 99);
}
