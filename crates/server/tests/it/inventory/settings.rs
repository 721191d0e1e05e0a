//! M5.3 Held, M5.4 minimum, and the other settings of a SKU in a warehouse.

use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

const RIGHTS: [&str; 2] = ["stock.read", "stock.write"];

async fn set(staff: &Client, sku_id: i64, version: i64, change: Value) -> Reply {
    let level = staff.get(&format!("/admin/stock/{sku_id}")).await.expect(200)["levels"][0].clone();
    let path = format!("/admin/stock/{sku_id}/{}", level["warehouse_id"]);
    staff.request("PATCH", &path).if_match(version).body(change).send().await
}

#[tokio::test]
async fn m5_3_what_is_held_is_not_sold_and_stands_in_the_ledger() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    staff.adjust("increase", "TEA", 10).await.expect(200);
    let level = set(&staff, tea, 1, json!({ "held": 4 })).await.expect(200);
    assert_eq!((level["available"].as_i64(), level.etag()), (Some(6), 2));
    assert_eq!(app.levels().await, [(tea, 10, 0, 4)]);
    let entry = &staff.get("/admin/stock/entries?sku=TEA").await.expect(200)["data"][0];
    assert_eq!((entry["kind"].as_str(), entry["held_delta"].as_i64(), entry["on_hand_delta"].as_i64()), (Some("hold"), Some(4), Some(0)));

    let before = app.dump().await;
    assert_eq!(set(&staff, tea, 2, json!({ "held": 11 })).await.problem(), (409, "stock_negative"));
    assert_eq!(set(&staff, tea, 2, json!({ "held": -1 })).await.fields(), [("/held", "stock_below_zero")]);
    assert_eq!(set(&staff, tea, 1, json!({ "held": 1 })).await.problem(), (412, "changed"));
    assert_eq!(app.dump().await, before);
    let refused = staff.adjust("decrease", "TEA", 7).await.expect(200);
    assert_eq!(refused["lines"][0]["refused"], "stock_negative");
}

#[tokio::test]
async fn m5_4_at_or_below_its_minimum_a_sku_runs_low_and_above_it_no_more() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    set(&staff, tea, 0, json!({ "min": 5, "reorder": 20 })).await.expect(200);
    let low = || async { staff.get("/admin/stock?level=low").await.expect(200)["data"].as_array().unwrap().len() };
    assert_eq!(low().await, 1);
    staff.adjust("set_to", "TEA", 6).await.expect(200);
    assert_eq!(low().await, 0);
    staff.adjust("set_to", "TEA", 5).await.expect(200);
    assert_eq!(low().await, 1);
}

#[tokio::test]
async fn m5_1_a_level_without_stock_begins_at_version_0_and_two_beginners_do_not_overwrite() {
    let app = TestApp::new().await;
    let (one, two) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    let tea = app.bare_sku("TEA").await;
    let (a, b) = tokio::join!(set(&one, tea, 0, json!({ "min": 3 })), set(&two, tea, 0, json!({ "min": 4 })));
    let mut statuses = [a.status(), b.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let unknown = set_unknown(&one, app.unknown()).await;
    assert_eq!(unknown.problem(), (404, "stock_sku_unknown"));
}

async fn set_unknown(staff: &Client, sku_id: i64) -> Reply {
    let warehouse = staff.get("/admin/warehouses").await.expect(200).json()[0]["id"].clone();
    staff.request("PATCH", &format!("/admin/stock/{sku_id}/{warehouse}")).if_match(0).body(json!({ "min": 1 })).send().await
}

#[tokio::test]
async fn m5_1_a_sale_does_not_make_an_open_form_stale() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    staff.adjust("increase", "TEA", 10).await.expect(200);
    staff.adjust("decrease", "TEA", 1).await.expect(200);
    set(&staff, tea, 1, json!({ "min": 2 })).await.expect(200);
    let row = staff.get(&format!("/admin/stock/{tea}")).await.expect(200);
    assert_eq!((row["on_hand"].as_i64(), row["levels"][0]["min"].as_i64()), (Some(9), Some(2)));
}
