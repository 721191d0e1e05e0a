//! Pack parcels (M5.12): whole orders, parts, several parcels.

use serde_json::json;

use crate::support::sale::{Sale, pay};
use crate::support::{Client, Reply, TestApp};

async fn packer() -> (TestApp, Client, i64) {
    let app = TestApp::new().await;
    let sku_id = app.product("TEA").stock(10).await.sku_id;
    let staff = app.staff(&["shipments.write", "fulfilment.read", "picking.write", "orders.read", "payments.record"]).await;
    (app, staff, sku_id)
}

async fn ship(staff: &Client, sale: &Sale, line: usize, quantity: i64) -> Reply {
    staff.post(&sale.path("/shipments"), json!({ "lines": [{ "line_id": sale.lines[line], "quantity": quantity }] })).await
}

#[tokio::test]
async fn m5_12_a_parcel_takes_stock_counts_pieces_and_tells_the_customer() {
    let (app, staff, sku_id) = packer().await;
    let sale = app.confirmed(&[("TEA", 2)]).await;
    assert_eq!(app.stock_of(sku_id).await, (10, 2));
    app.mails().await;
    app.new_events().await;
    let carriers = app.owner().await.get("/admin/carriers").await.expect(200);
    let sf = carriers["data"].as_array().unwrap().iter().find(|row| row["code"] == "sf").unwrap()["id"].clone();
    let body = json!({ "carrier_id": sf, "tracking_number": " sf 1234567890 ", "note": "易碎" });
    let parcel = staff.post(&sale.path("/shipments"), body).await.expect(201);
    assert_eq!((parcel["number"].as_str(), parcel["state"].as_str()), (Some("S000001"), Some("packed")));
    assert_eq!(parcel["tracking_number"], "SF1234567890");
    let link = "https://www.sf-express.com/chn/sc/waybill/waybill-detail/SF1234567890";
    assert_eq!(parcel["tracking_url"], link);
    assert_eq!(parcel["lines"][0]["quantity"], 2);
    assert_eq!(parcel["actions"], json!(["undo", "hand_over", "change"]));

    assert_eq!(app.stock_of(sku_id).await, (8, 0));
    assert_eq!(app.counts(&sale).await, [(0, 0, 2, 0)]);
    assert_eq!(app.standing(&sale).await, ("confirmed".into(), "unpaid".into(), "shipped".into()));
    assert_eq!(app.new_events().await, ["order.shipped", "shipment.changed"]);
    let mails = app.mails().await;
    assert_eq!(mails.iter().map(|mail| mail.template.as_str()).collect::<Vec<_>>(), ["shipped"]);
    assert!(mails[0].text.contains(link) && mails[0].text.contains("× 2"), "{}", mails[0].text);

    let found = staff.get("/admin/shipments?tracking=sf1234567890").await.expect(200);
    assert_eq!(found["data"][0]["id"], parcel["id"]);
    let of_order = staff.get(&sale.path("/shipments")).await.expect(200);
    assert_eq!(of_order.json()[0]["id"], parcel["id"]);
    for query in [format!("order={}", sale.number), "state=packed".into(), format!("carrier_id={sf}"), "number=S000001".into()] {
        let found = staff.get(&format!("/admin/shipments?{query}")).await.expect(200);
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{query}");
    }
    for query in ["state=delivered", "tracking=other", "order=other", "number=S9", "to=2020-01-01"] {
        assert_eq!(staff.get(&format!("/admin/shipments?{query}")).await.expect(200)["data"], json!([]), "{query}");
    }
}

#[tokio::test]
async fn m5_12_one_search_finds_a_parcel_by_any_of_its_numbers() {
    let (app, staff, _) = packer().await;
    let one = app.confirmed(&[("TEA", 2)]).await;
    let other = app.confirmed(&[("TEA", 1)]).await;
    let half = json!({ "lines": [{ "line_id": one.lines[0], "quantity": 1 }], "tracking_number": "YT70_1" });
    staff.post(&one.path("/shipments"), half).await.expect(201);
    staff.post(&one.path("/shipments"), json!({ "tracking_number": "YT7022" })).await.expect(201);
    staff.post(&other.path("/shipments"), json!({ "tracking_number": "SF9" })).await.expect(201);
    // An order's number begins with its day.
    let beginning = &one.number[..6];
    for (text, numbers) in [
        ("S000002", vec!["S000002"]),
        ("s00000", vec!["S000003", "S000002", "S000001"]),
        ("yt 70", vec!["S000002", "S000001"]),
        ("YT70_", vec!["S000001"]),
        ("SF", vec!["S000003"]),
        (one.number.as_str(), vec!["S000002", "S000001"]),
        (beginning, vec!["S000003", "S000002", "S000001"]),
        ("%25", Vec::new()),
        ("000002", Vec::new()),
        ("%20", vec!["S000003", "S000002", "S000001"]),
    ] {
        let query = text.replace(' ', "%20");
        let found = staff.get(&format!("/admin/shipments?q={query}")).await.expect(200);
        let found: Vec<&str> = found["data"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect();
        assert_eq!(found, numbers, "{text}");
    }
    let page = staff.get("/admin/shipments?q=S00000&limit=2").await.expect(200);
    let cursor = page["meta"]["next_cursor"].as_str().unwrap();
    let rest = staff.get(&format!("/admin/shipments?q=S00000&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((rest["data"][0]["number"].as_str(), rest["data"][1].is_null()), (Some("S000001"), true));
    assert_eq!(staff.get("/admin/shipments?q=S00000&state=delivered").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn m5_12_an_order_leaves_in_several_parcels() {
    let (app, staff, sku_id) = packer().await;
    app.product("CUP").await;
    let sale = app.confirmed(&[("TEA", 3), ("CUP", 1)]).await;
    ship(&staff, &sale, 0, 2).await.expect(201);
    assert_eq!(app.standing(&sale).await.2, "partial");
    let body = json!({ "lines": [
        { "line_id": sale.lines[0], "quantity": 1 }, { "line_id": sale.lines[1], "quantity": 1 }
    ] });
    staff.post(&sale.path("/shipments"), body).await.expect(201);
    assert_eq!(app.standing(&sale).await.2, "shipped");
    assert_eq!(app.counts(&sale).await, [(0, 0, 3, 0), (0, 0, 1, 0)]);
    assert_eq!(app.stock_of(sku_id).await, (7, 0));
    assert_eq!(app.parcels().await, 2);
}

#[tokio::test]
async fn m5_12_no_more_leaves_than_was_ordered() {
    let (app, staff, sku_id) = packer().await;
    let sale = app.confirmed(&[("TEA", 2)]).await;
    let before = app.dump().await;
    let refused = ship(&staff, &sale, 0, 3).await;
    assert_eq!((refused.problem(), refused["left"].as_i64()), ((409, "ship_too_many"), Some(2)));
    let twice = json!({ "lines": [
        { "line_id": sale.lines[0], "quantity": 2 }, { "line_id": sale.lines[0], "quantity": 1 }
    ] });
    assert_eq!(staff.post(&sale.path("/shipments"), twice).await.problem(), (409, "ship_too_many"));
    assert_eq!(ship(&staff, &sale, 0, 0).await.fields(), [("/lines/0/quantity", "ship_quantity")]);
    let other = json!({ "lines": [{ "line_id": app.unknown(), "quantity": 1 }] });
    assert_eq!(staff.post(&sale.path("/shipments"), other).await.fields(), [("/lines/0/line_id", "ship_line_unknown")]);
    let nobody = staff.post(&sale.path("/shipments"), json!({ "carrier_id": app.unknown() })).await;
    assert_eq!(nobody.fields(), [("/carrier_id", "carrier_unknown")]);
    let unknown = format!("/admin/orders/{}/shipments", app.unknown());
    assert_eq!(staff.post(&unknown, json!({})).await.problem(), (404, "order_not_found"));
    assert_eq!(staff.get(&unknown).await.problem(), (404, "order_not_found"));
    assert_eq!(staff.post(&sale.path("/shipments"), json!({ "lines": [] })).await.problem(), (409, "nothing_to_ship"));
    assert_eq!(app.dump().await, before);

    staff.post(&sale.path("/shipments"), json!({})).await.expect(201);
    assert_eq!(staff.post(&sale.path("/shipments"), json!({})).await.problem(), (409, "nothing_to_ship"));
    assert_eq!(app.stock_of(sku_id).await, (8, 0));
}

#[tokio::test]
async fn m5_12_ten_parcels_at_once_hold_each_piece_once() {
    let (app, staff, sku_id) = packer().await;
    let sale = app.confirmed(&[("TEA", 4)]).await;
    let replies = futures_util::future::join_all((0..10).map(|_| ship(&staff, &sale, 0, 1))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status() == 201).count(), 4);
    assert!(replies.iter().filter(|reply| reply.status() != 201).all(|reply| reply.problem() == (409, "ship_too_many")));
    assert_eq!(app.stock_of(sku_id).await, (6, 0));
    assert_eq!(app.counts(&sale).await, [(0, 0, 4, 0)]);
    assert_eq!(app.parcels().await, 4);
}

#[tokio::test]
async fn m5_12_only_a_confirmed_order_is_shipped() {
    let (app, staff, sku_id) = packer().await;
    let sale = app.sold_by("cod", &[("TEA", 1)]).await;
    let before = app.dump().await;
    let refused = ship(&staff, &sale, 0, 1).await;
    assert_eq!((refused.problem(), refused["state"].as_str()), ((409, "ship_order_state"), Some("placed")));
    assert_eq!(app.dump().await, before);
    app.confirm(&sale).await;
    app.staff(&["orders.write"]).await.post(&sale.path("/lock"), json!({})).await.expect(200);
    assert_eq!(ship(&staff, &sale, 0, 1).await.problem(), (423, "order_locked"));
    assert_eq!(app.stock_of(sku_id).await, (10, 1));
}

#[tokio::test]
async fn m5_12_while_it_is_picked_only_picked_pieces_leave() {
    let (app, staff, _) = packer().await;
    let sale = app.confirmed(&[("TEA", 3)]).await;
    let list = staff.post("/admin/pick-lists", json!({ "order_ids": [sale.id] })).await.expect(201).id();
    assert_eq!(staff.post(&sale.path("/shipments"), json!({})).await.problem(), (409, "nothing_to_ship"));
    staff.post(&format!("/admin/pick-lists/{list}/pick"), json!({ "code": "TEA", "quantity": 2 })).await.expect(200);
    let refused = ship(&staff, &sale, 0, 3).await;
    assert_eq!((refused.problem(), refused["left"].as_i64()), ((409, "ship_unpicked"), Some(2)));
    let parcel = staff.post(&sale.path("/shipments"), json!({})).await.expect(201);
    assert_eq!(parcel["lines"][0]["quantity"], 2);
    assert_eq!(app.counts(&sale).await, [(1, 2, 2, 0)]);
    // Sent again, the rest does not slip out unpicked.
    assert_eq!(staff.post(&sale.path("/shipments"), json!({})).await.problem(), (409, "nothing_to_ship"));
}

#[tokio::test]
async fn m5_12_a_sku_that_is_not_tracked_is_shipped_without_stock() {
    let (app, staff, _) = packer().await;
    app.product("GIFT").untracked().await;
    let sale = app.confirmed(&[("GIFT", 2), ("TEA", 1)]).await;
    let list = staff.post("/admin/pick-lists", json!({ "order_ids": [sale.id] })).await.expect(201);
    assert_eq!(list["pieces"], 3);
    staff.post(&format!("/admin/pick-lists/{}/finish", list.id()), json!({ "rest_is_short": true })).await.expect(200);
    ship(&staff, &sale, 0, 2).await.expect(201);
    ship(&staff, &sale, 1, 1).await.expect(201);
    assert_eq!(app.standing(&sale).await.2, "shipped");
}

#[tokio::test]
async fn m5_12_delivered_and_paid_is_complete() {
    let (app, staff, _) = packer().await;
    let sale = app.confirmed(&[("TEA", 1)]).await;
    let parcel = staff.post(&sale.path("/shipments"), json!({ "handed_over": true })).await.expect(201);
    assert_eq!(parcel["state"], "handed_over");
    let path = format!("/admin/shipments/{}/deliver", parcel.id());
    assert_eq!(staff.post(&path, json!({})).await.expect(200)["state"], "delivered");
    assert_eq!(app.standing(&sale).await, ("confirmed".into(), "unpaid".into(), "delivered".into()));
    assert_eq!(staff.post(&path, json!({})).await.problem(), (409, "shipment_state"));
    app.new_events().await;
    pay(&staff, &sale, sale.total, "cash").await.expect(201);
    assert_eq!(app.standing(&sale).await, ("completed".into(), "paid".into(), "delivered".into()));
    assert_eq!(app.new_events().await, ["order.paid", "payment.recorded", "order.completed"]);

    // The other way round: paid first.
    let sale = app.confirmed(&[("TEA", 1)]).await;
    pay(&staff, &sale, sale.total, "cash 2").await.expect(201);
    let parcel = staff.post(&sale.path("/shipments"), json!({ "handed_over": true })).await.expect(201);
    staff.post(&format!("/admin/shipments/{}/deliver", parcel.id()), json!({})).await.expect(200);
    assert_eq!(app.standing(&sale).await.0, "completed");
    assert_eq!(app.counts(&sale).await, [(0, 0, 1, 1)]);
}
