//! Pick by scan and by line; report what is missing (M5.8).

use serde_json::json;

use crate::support::sale::Sale;
use crate::support::{Client, Reply, TestApp};

/// Two orders on a list: two and three pieces of tea.
async fn listed() -> (TestApp, Client, i64, Sale, Sale) {
    let app = TestApp::new().await;
    app.product("TEA")
        .with("skus", json!([{ "code": "TEA", "barcode": "6901234567892", "weight_g": 100, "price": Sale::money(1000) }]))
        .await;
    let staff = app.staff(&["picking.write", "fulfilment.read"]).await;
    let one = app.confirmed(&[("TEA", 2)]).await;
    let two = app.confirmed(&[("TEA", 3)]).await;
    let list = staff.post("/admin/pick-lists", json!({ "order_ids": [two.id, one.id] })).await.expect(201).id();
    (app, staff, list, one, two)
}

async fn scan(staff: &Client, list: i64, what: &str, quantity: i64) -> Reply {
    staff.post(&format!("/admin/pick-lists/{list}/{what}"), json!({ "code": "TEA", "quantity": quantity })).await
}

#[tokio::test]
async fn m5_8_a_scan_picks_for_the_oldest_order_first() {
    let (app, staff, list, one, two) = listed().await;
    let first = staff.post(&format!("/admin/pick-lists/{list}/pick"), json!({ "code": "6901234567892" })).await.expect(200);
    assert_eq!((first["sku"]["picked"].as_i64(), first["list"]["picked"].as_i64()), (Some(1), Some(1)));
    scan(&staff, list, "pick", 3).await.expect(200);
    assert_eq!(app.counts(&one).await, [(2, 2, 0, 0)]);
    assert_eq!(app.counts(&two).await, [(3, 2, 0, 0)]);
    let before = app.dump().await;
    let refused = scan(&staff, list, "pick", 2).await;
    assert_eq!((refused.problem(), refused["left"].as_i64()), ((409, "pick_too_many"), Some(1)));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_8_ten_scans_at_once_pick_no_piece_twice() {
    let (app, staff, list, one, two) = listed().await;
    let replies = futures_util::future::join_all((0..10).map(|_| scan(&staff, list, "pick", 1))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status() == 200).count(), 5);
    assert!(replies.iter().filter(|reply| reply.status() != 200).all(|reply| reply.problem() == (409, "pick_too_many")));
    assert_eq!((app.counts(&one).await, app.counts(&two).await), (vec![(2, 2, 0, 0)], vec![(3, 3, 0, 0)]));
}

#[tokio::test]
async fn m5_8_a_line_is_picked_and_put_back_by_hand() {
    let (app, staff, list, one, two) = listed().await;
    let view = staff.get(&format!("/admin/pick-lists/{list}")).await.expect(200);
    let line = view["by_order"][1]["lines"][0]["id"].as_i64().unwrap();
    let path = format!("/admin/pick-lists/{list}");
    staff.post(&format!("{path}/pick"), json!({ "line_id": line, "quantity": 3 })).await.expect(200);
    assert_eq!((app.counts(&one).await, app.counts(&two).await), (vec![(2, 0, 0, 0)], vec![(3, 3, 0, 0)]));
    staff.post(&format!("{path}/unpick"), json!({ "line_id": line, "quantity": 2 })).await.expect(200);
    assert_eq!(app.counts(&two).await, [(3, 1, 0, 0)]);
    let refused = staff.post(&format!("{path}/unpick"), json!({ "line_id": line, "quantity": 2 })).await;
    assert_eq!((refused.problem(), refused["left"].as_i64()), ((409, "pick_too_many"), Some(1)));
}

#[tokio::test]
async fn m5_8_what_is_missing_is_reported_and_may_turn_up() {
    let (app, staff, list, one, two) = listed().await;
    scan(&staff, list, "pick", 1).await.expect(200);
    let short = scan(&staff, list, "short", 4).await.expect(200);
    assert_eq!((short["sku"]["short"].as_i64(), short["sku"]["picked"].as_i64()), (Some(4), Some(1)));
    assert_eq!(scan(&staff, list, "short", 1).await.problem(), (409, "pick_too_many"));
    let found = scan(&staff, list, "pick", 1).await.expect(200);
    assert_eq!((found["sku"]["short"].as_i64(), found["sku"]["picked"].as_i64()), (Some(3), Some(2)));
    let row = staff.post(&format!("/admin/pick-lists/{list}/finish"), json!({})).await.expect(200);
    assert_eq!((row["picked"].as_i64(), row["short"].as_i64()), (Some(2), Some(3)));
    assert_eq!((app.counts(&one).await, app.counts(&two).await), (vec![(2, 2, 0, 0)], vec![(3, 0, 0, 0)]));
}

#[tokio::test]
async fn m5_8_what_is_not_on_the_list_is_not_picked() {
    let (app, staff, list, one, _) = listed().await;
    app.product("CUP").await;
    let before = app.dump().await;
    let path = format!("/admin/pick-lists/{list}/pick");
    for (body, field) in [
        (json!({ "code": "CUP" }), ("/code", "pick_code_absent")),
        (json!({ "code": "nothing" }), ("/code", "pick_code_absent")),
        (json!({}), ("/code", "pick_code")),
        (json!({ "line_id": app.unknown() }), ("/line_id", "pick_code_absent")),
        (json!({ "code": "TEA", "quantity": 0 }), ("/quantity", "pick_quantity")),
    ] {
        assert_eq!(staff.post(&path, body).await.fields(), [field]);
    }
    assert_eq!(scan(&staff, app.unknown(), "pick", 1).await.problem(), (404, "pick_list_not_found"));
    assert_eq!(app.dump().await, before);
    app.staff(&["orders.write"]).await.post(&one.path("/lock"), json!({})).await.expect(200);
    assert_eq!(scan(&staff, list, "pick", 1).await.problem(), (423, "order_locked"));
}
