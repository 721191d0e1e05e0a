//! Hand parcels over to the carrier, one or many (M5.12).

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn m5_12_many_parcels_are_handed_over_item_by_item() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = app.staff(&["shipments.write", "fulfilment.read"]).await;
    let mut parcels = Vec::new();
    let mut sales = Vec::new();
    for number in 0..4 {
        let sale = app.confirmed(&[("TEA", 1)]).await;
        let body = json!({ "tracking_number": format!("YT{number}"), "notify": false });
        parcels.push(staff.post(&sale.path("/shipments"), body).await.expect(201).id());
        sales.push(sale);
    }
    staff.post(&format!("/admin/shipments/{}/undo", parcels[2]), json!({})).await.expect(200);
    app.staff(&["orders.write"]).await.post(&sales[3].path("/lock"), json!({})).await.expect(200);
    app.mails().await;

    let body = json!({ "ids": [parcels[0], parcels[2], app.unknown()], "tracking_numbers": ["yt1", "YT3", "nobody", "YT0"] });
    let answer = staff.post("/admin/shipments/hand-over", body).await.expect(200);
    let results: Vec<(bool, Option<&str>)> =
        answer["results"].as_array().unwrap().iter().map(|row| (row["done"].as_bool().unwrap(), row["code"].as_str())).collect();
    assert_eq!(
        results,
        [
            (true, None),
            (false, Some("shipment_state")),
            (false, Some("shipment_not_found")),
            (true, None),
            (false, Some("order_locked")),
            (false, Some("shipment_not_found")),
            (false, Some("shipment_state")),
        ]
    );
    assert_eq!((answer["done"].as_i64(), answer["refused"].as_i64()), (Some(2), Some(5)));
    let over = staff.get("/admin/shipments?state=handed_over").await.expect(200);
    assert_eq!(over["data"].as_array().unwrap().len(), 2);
    assert_eq!(app.mails().await.len(), 2, "who was not told before is told now");
}

#[tokio::test]
async fn m5_12_none_and_too_many_are_refused() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipments.write"]).await;
    for body in [json!({}), json!({ "ids": (0..1_001).collect::<Vec<i64>>() })] {
        assert_eq!(staff.post("/admin/shipments/hand-over", body).await.fields(), [("/ids", "shipment_many")]);
    }
}
