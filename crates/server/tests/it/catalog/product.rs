//! M2.1 Create and change a product; M2.7 its addresses; B8 its languages.

use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

/// What staff edit, out of what they read.
fn document(read: &Reply) -> Value {
    let mut document = read.json().clone();
    let fields = document.as_object_mut().expect("an object");
    for name in ["id", "version", "status", "published_at", "created_at", "updated_at", "slugs", "media", "missing"] {
        fields.remove(name);
    }
    document
}

async fn put(staff: &Client, id: i64, version: i64, document: &Value) -> Reply {
    staff.request("PUT", &format!("/admin/products/{id}")).if_match(version).body(document.clone()).send().await
}

#[tokio::test]
async fn m2_1_a_product_is_a_draft_until_it_is_published() {
    let app = TestApp::new().await;
    let product = app.product("TEA").named("西湖龙井", "Longjing").draft().await;
    let guest = app.guest();
    assert_eq!(guest.get(&format!("/store/products/{}", product.slug)).await.problem(), (404, "product_not_found"));
    let staff = app.staff(&["products.write", "catalog.read"]).await;
    let url = format!("/admin/products/{}", product.id);
    app.new_events().await;
    let published = staff.request("POST", &format!("{url}/publish")).if_match(1).send().await.expect(200);
    assert_eq!((published.json()["status"].as_str(), published.etag()), (Some("published"), 2));
    assert_eq!(app.new_events().await, ["product.changed"]);
    let page = guest.get(&format!("/store/products/{}?locale=en", product.slug)).await.expect(200);
    assert_eq!(page.json()["name"], "Longjing");
    assert_eq!(page.json()["price"], json!({ "amount": 1000, "currency": "CNY" }));
    assert_eq!(page.json()["skus"][0]["available"], 99);
    staff.request("POST", &format!("{url}/unpublish")).if_match(2).send().await.expect(200);
    assert_eq!(guest.get(&format!("/store/products/{}", product.slug)).await.problem(), (404, "product_not_found"));
}

#[tokio::test]
async fn m2_1_the_second_editor_gets_the_present_state_and_loses_nothing() {
    let app = TestApp::new().await;
    let product = app.product("TEA").draft().await;
    let staff = app.staff(&["products.write", "catalog.read"]).await;
    let read = staff.get(&format!("/admin/products/{}", product.id)).await.expect(200);
    let (mut first, mut second) = (document(&read), document(&read));
    first["name"]["en"] = json!("First");
    second["name"]["en"] = json!("Second");
    put(&staff, product.id, read.etag(), &first).await.expect(200);
    let before = app.dump().await;
    let refused = put(&staff, product.id, read.etag(), &second).await;
    assert_eq!(refused.problem(), (412, "changed"));
    assert_eq!(refused.json()["current"]["name"]["en"], "First");
    assert_eq!(refused.json()["current"]["version"], 2);
    assert_eq!(app.dump().await, before);
    let missing = staff.request("PUT", &format!("/admin/products/{}", product.id)).body(second.clone()).send().await;
    assert_eq!(missing.problem(), (428, "if_match_required"));
    put(&staff, product.id, 2, &second).await.expect(200);
}

#[tokio::test]
async fn m2_1_publishing_an_incomplete_product_says_what_is_missing() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let draft = json!({ "code": "X", "name": { "en": "X" }, "tax_class": "standard", "skus": [{ "code": "X" }] });
    let made = owner.post("/admin/products", draft).await.expect(201);
    assert_eq!(made.json()["missing"], json!(["primary_category_id", "price"]));
    let before = app.dump().await;
    let refused = owner.request("POST", &format!("/admin/products/{}/publish", made.id())).if_match(1).send().await;
    assert_eq!(refused.problem(), (409, "product_incomplete"));
    assert_eq!(refused.json()["missing"], "primary_category_id, price");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m2_1_codes_are_unique_by_the_database() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let owner = app.owner().await;
    let other =
        |code: &str, sku: &str| json!({ "code": code, "name": { "en": "Other" }, "tax_class": "standard", "skus": [{ "code": sku }] });
    let before = app.dump().await;
    assert_eq!(owner.post("/admin/products", other("TEA", "OTHER")).await.fields(), [("/code", "product_code_taken")]);
    assert_eq!(owner.post("/admin/products", other("OTHER", "TEA")).await.fields(), [("/skus", "sku_code_taken")]);
    assert_eq!(app.dump().await, before);
    let (one, two) = tokio::join!(owner.post("/admin/products", other("A", "SAME")), owner.post("/admin/products", other("B", "SAME")));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
}

#[tokio::test]
async fn m2_1_an_unknown_product_is_404() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let url = format!("/admin/products/{}", app.unknown());
    assert_eq!(owner.get(&url).await.problem(), (404, "product_not_found"));
    assert_eq!(owner.delete(&url).await.problem(), (404, "product_not_found"));
    assert_eq!(owner.request("POST", &format!("{url}/publish")).if_match(1).send().await.problem(), (404, "product_not_found"));
}

#[tokio::test]
async fn m2_1_a_deleted_products_code_stays_taken() {
    let app = TestApp::new().await;
    let product = app.product("TEA").await;
    let owner = app.owner().await;
    owner.delete(&format!("/admin/products/{}", product.id)).await.expect(204);
    assert_eq!(app.guest().get(&format!("/store/products/{}", product.slug)).await.problem(), (404, "product_not_found"));
    let again = json!({ "code": "TEA-2", "name": { "en": "Tea" }, "tax_class": "standard", "skus": [{ "code": "TEA" }] });
    assert_eq!(owner.post("/admin/products", again).await.fields(), [("/skus", "sku_code_taken")]);
}

#[tokio::test]
async fn m2_7_a_former_address_leads_to_the_present_one() {
    let app = TestApp::new().await;
    let product = app.product("TEA").named("龙井", "Green Tea").await;
    assert_eq!(product.slug, "green-tea");
    let owner = app.owner().await;
    let read = owner.get(&format!("/admin/products/{}", product.id)).await;
    let mut renamed = document(&read);
    renamed["name"]["en"] = json!("Dragon Well");
    put(&owner, product.id, read.etag(), &renamed).await.expect(200);
    let guest = app.guest();
    let moved = guest.get("/store/products/green-tea?locale=en").await;
    assert_eq!((moved.status(), moved.header("location")), (301, "/api/v1/store/products/dragon-well"));
    assert_eq!(guest.get("/store/products/dragon-well?locale=en").await.expect(200).json()["slugs"]["zh-CN"], "long-jing");
    // Another of the same name takes the code beside it.
    let other = app.product("TEA-2").named("龙井茶", "Green Tea").await;
    assert_eq!(other.slug, "green-tea-tea-2");
}

#[tokio::test]
async fn b8_a_language_without_a_text_falls_back_to_the_other() {
    let app = TestApp::new().await;
    let product = app.product("TEA").with("name", json!({ "zh-CN": "龙井" })).with("description", json!({ "zh-CN": "<p>春茶</p>" })).await;
    assert_eq!(product.slug, "long-jing");
    let page = app.guest().get("/store/products/long-jing?locale=en").await.expect(200);
    assert_eq!((page.json()["name"].as_str(), page.json()["slug"].as_str()), (Some("龙井"), Some("long-jing")));
    assert_eq!((page.json()["description"].as_str(), page.json()["seo_description"].as_str()), (Some("<p>春茶</p>"), Some("春茶")));
}

#[tokio::test]
async fn p6_a_description_is_cleaned_when_it_is_written() {
    let app = TestApp::new().await;
    let html = "<p onclick=\"x()\">Tea<script>alert(1)</script><img src=x onerror=alert(1)></p>";
    let product = app.product("TEA").with("description", json!({ "en": html })).await;
    let page = app.guest().get(&format!("/store/products/{}?locale=en", product.slug)).await.expect(200);
    assert_eq!(page.json()["description"], "<p>Tea<img src=\"x\"></p>");
}
