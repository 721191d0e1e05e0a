//! Make pick lists, look at them, take orders off, finish and cancel them (M5.8).

use serde_json::json;

use crate::support::{Client, TestApp};

async fn picker(app: &TestApp) -> Client {
    app.staff(&["picking.write", "fulfilment.read", "shipments.write", "orders.read", "stock.read", "stock.write"]).await
}

#[tokio::test]
async fn m5_8_a_list_is_sorted_by_shelf_and_sums_what_orders_want() {
    let app = TestApp::new().await;
    let staff = picker(&app).await;
    for (code, bin) in [("CUP", Some("A-02")), ("POT", None), ("TEA", Some("A-01"))] {
        let product = app.product(code).await;
        let level = staff.get(&format!("/admin/stock/{}", product.sku_id)).await.expect(200);
        let warehouse = level["levels"][0]["warehouse_id"].as_i64().unwrap();
        let version = level["levels"][0]["version"].as_i64().unwrap();
        if let Some(bin) = bin {
            let path = format!("/admin/stock/{}/{warehouse}", product.sku_id);
            staff.request("PATCH", &path).if_match(version).body(json!({ "bin": bin })).send().await.expect(200);
        }
    }
    let one = app.confirmed(&[("TEA", 2), ("POT", 1)]).await;
    let two = app.confirmed(&[("CUP", 1), ("TEA", 3)]).await;
    let unconfirmed = app.sold_by("cod", &[("TEA", 1)]).await;
    app.new_events().await;

    let made = staff.post("/admin/pick-lists", json!({ "all_ready": true })).await.expect(201);
    assert_eq!((made["orders"].as_i64(), made["pieces"].as_i64(), &made["refused"]), (Some(2), Some(7), &json!([])));
    assert_eq!(made["number"], "P000001");
    assert_eq!(app.new_events().await, ["order.changed", "order.changed", "pick_list.changed"]);
    for sale in [&one, &two] {
        assert_eq!(app.standing(sale).await.2, "picking");
    }
    assert_eq!(app.standing(&unconfirmed).await.2, "allocated");

    let list = staff.get(&format!("/admin/pick-lists/{}", made.id())).await.expect(200);
    let skus: Vec<(&str, i64)> =
        list["skus"].as_array().unwrap().iter().map(|sku| (sku["sku"].as_str().unwrap(), sku["quantity"].as_i64().unwrap())).collect();
    assert_eq!(skus, [("TEA", 5), ("CUP", 1), ("POT", 1)]);
    assert_eq!(list["skus"][0]["bin"], "A-01");
    assert_eq!(list["skus"][0]["lines"].as_array().unwrap().len(), 2);
    assert_eq!(list["by_order"][0]["order_number"], json!(one.number));
    assert_eq!(list["by_order"][1]["lines"].as_array().unwrap().len(), 2);
    assert_eq!((list["pieces"].as_i64(), list["picked"].as_i64(), list["state"].as_str()), (Some(7), Some(0), Some("open")));

    let rows = staff.get(&format!("/admin/pick-lists?state=open&q={}", two.number)).await.expect(200);
    assert_eq!(rows["data"][0]["id"], made["id"]);
    assert_eq!(staff.get("/admin/pick-lists?state=finished").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn m5_8_an_order_is_on_one_open_list_only() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = picker(&app).await;
    let one = app.confirmed(&[("TEA", 1)]).await;
    let two = app.confirmed(&[("TEA", 1)]).await;
    let placed = app.sold_by("cod", &[("TEA", 1)]).await;
    let held = app.confirmed(&[("TEA", 1)]).await;
    app.staff(&["orders.write"]).await.post(&held.path("/lock"), json!({})).await.expect(200);
    staff.post("/admin/pick-lists", json!({ "order_ids": [one.id] })).await.expect(201);
    let wanted = json!({ "order_ids": [one.id, two.id, placed.id, held.id, app.unknown()] });
    let made = staff.post("/admin/pick-lists", wanted).await.expect(201);
    assert_eq!(made["orders"], 1);
    let mut refused: Vec<(i64, &str)> =
        made["refused"].as_array().unwrap().iter().map(|row| (row["order_id"].as_i64().unwrap(), row["code"].as_str().unwrap())).collect();
    refused.sort_unstable();
    assert_eq!(
        refused,
        [(one.id, "pick_order_taken"), (placed.id, "pick_order_state"), (held.id, "order_locked"), (app.unknown(), "order_not_found")]
    );
    let before = app.dump().await;
    let none = staff.post("/admin/pick-lists", json!({ "order_ids": [one.id, two.id] })).await;
    assert_eq!(none.problem(), (409, "pick_list_empty"));
    assert_eq!(staff.post("/admin/pick-lists", json!({ "all_ready": true })).await.problem(), (409, "pick_list_empty"));
    assert_eq!(staff.post("/admin/pick-lists", json!({ "order_ids": [] })).await.fields(), [("/order_ids", "pick_list_orders")]);
    let nowhere = staff.post("/admin/pick-lists", json!({ "all_ready": true, "warehouse_id": app.unknown() })).await;
    assert_eq!(nowhere.fields(), [("/warehouse_id", "stock_warehouse_unknown")]);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_8_two_lists_at_once_share_no_order() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = picker(&app).await;
    for _ in 0..5 {
        app.confirmed(&[("TEA", 1)]).await;
    }
    let make = || staff.post("/admin/pick-lists", json!({ "all_ready": true }));
    let (one, two) = tokio::join!(make(), make());
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", one.text(), two.text());
}

#[tokio::test]
async fn m5_8_an_order_taken_off_gives_back_what_was_picked() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = picker(&app).await;
    let one = app.confirmed(&[("TEA", 2)]).await;
    let two = app.confirmed(&[("TEA", 1)]).await;
    let list = staff.post("/admin/pick-lists", json!({ "order_ids": [one.id, two.id] })).await.expect(201).id();
    staff.post(&format!("/admin/pick-lists/{list}/pick"), json!({ "code": "TEA", "quantity": 2 })).await.expect(200);
    let owner = app.owner().await;
    assert_eq!(owner.post(&one.path("/cancel"), json!({ "reason": "customer_request" })).await.problem(), (409, "order_picking"));

    let row = staff.delete(&format!("/admin/pick-lists/{list}/orders/{}", one.id)).await.expect(200);
    assert_eq!((row["orders"].as_i64(), row["pieces"].as_i64(), row["picked"].as_i64()), (Some(1), Some(1), Some(0)));
    assert_eq!(app.standing(&one).await.2, "allocated");
    assert_eq!(app.counts(&one).await, [(2, 0, 0, 0)]);
    let again = staff.delete(&format!("/admin/pick-lists/{list}/orders/{}", one.id)).await;
    assert_eq!(again.problem(), (404, "pick_order_absent"));
    owner.post(&one.path("/cancel"), json!({ "reason": "customer_request" })).await.expect(200);

    let row = staff.delete(&format!("/admin/pick-lists/{list}/orders/{}", two.id)).await.expect(200);
    assert_eq!(row["state"], "cancelled", "nothing is left on it");
    let unknown = format!("/admin/pick-lists/{}/orders/{}", app.unknown(), two.id);
    assert_eq!(staff.delete(&unknown).await.problem(), (404, "pick_list_not_found"));
}

#[tokio::test]
async fn m5_8_a_cancelled_list_puts_everything_back() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = picker(&app).await;
    let sale = app.confirmed(&[("TEA", 3)]).await;
    let list = staff.post("/admin/pick-lists", json!({ "order_ids": [sale.id] })).await.expect(201).id();
    staff.post(&format!("/admin/pick-lists/{list}/pick"), json!({ "code": "TEA", "quantity": 2 })).await.expect(200);
    let row = staff.post(&format!("/admin/pick-lists/{list}/cancel"), json!({})).await.expect(200);
    assert_eq!((row["state"].as_str(), row["picked"].as_i64()), (Some("cancelled"), Some(0)));
    assert_eq!(app.counts(&sale).await, [(3, 0, 0, 0)]);
    assert_eq!(app.standing(&sale).await.2, "allocated");
    let before = app.dump().await;
    for rest in ["cancel", "finish", "pick", "unpick", "short"] {
        let body = if rest == "finish" || rest == "cancel" { json!({}) } else { json!({ "code": "TEA" }) };
        let refused = staff.post(&format!("/admin/pick-lists/{list}/{rest}"), body).await;
        assert_eq!(refused.problem(), (409, "pick_list_closed"), "{rest}");
    }
    assert_eq!(app.dump().await, before);
    let next = staff.post("/admin/pick-lists", json!({ "all_ready": true })).await.expect(201);
    assert_eq!((next["number"].as_str(), next["pieces"].as_i64()), (Some("P000002"), Some(3)));
}

#[tokio::test]
async fn m5_8_a_list_is_finished_when_nothing_is_open() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = picker(&app).await;
    let sale = app.confirmed(&[("TEA", 3)]).await;
    let list = staff.post("/admin/pick-lists", json!({ "order_ids": [sale.id] })).await.expect(201).id();
    let path = format!("/admin/pick-lists/{list}");
    staff.post(&format!("{path}/pick"), json!({ "code": "TEA" })).await.expect(200);
    let refused = staff.post(&format!("{path}/finish"), json!({})).await;
    assert_eq!((refused.problem(), refused["left"].as_i64()), ((409, "pick_list_unpicked"), Some(2)));
    let row = staff.post(&format!("{path}/finish"), json!({ "rest_is_short": true })).await.expect(200);
    assert_eq!((row["state"].as_str(), row["picked"].as_i64(), row["short"].as_i64()), (Some("finished"), Some(1), Some(2)));
    assert_eq!(app.standing(&sale).await.2, "allocated");
    let timeline = staff.get(&sale.path("/timeline")).await.expect(200);
    assert_eq!(timeline["data"][0]["data"], json!({ "pick_list": list, "number": "P000001", "picked": 1, "short": 2 }));

    // What was found is shipped; the rest comes onto the next list.
    let parcel = staff.post(&sale.path("/shipments"), json!({})).await.expect(201);
    assert_eq!(parcel["lines"][0]["quantity"], 1);
    let next = staff.post("/admin/pick-lists", json!({ "all_ready": true })).await.expect(201);
    assert_eq!(next["pieces"], 2);
    assert_eq!(staff.get(&format!("/admin/pick-lists/{}", app.unknown())).await.problem(), (404, "pick_list_not_found"));
}
