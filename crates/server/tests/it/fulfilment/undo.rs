//! Undo a parcel before it is handed over, and change its label (M5.12).

use serde_json::json;

use crate::support::sale::Sale;
use crate::support::{Client, Reply, TestApp};

async fn packed() -> (TestApp, Client, i64, Sale, Reply) {
    let app = TestApp::new().await;
    let sku_id = app.product("TEA").stock(10).await.sku_id;
    let staff = app.staff(&["shipments.write", "fulfilment.read"]).await;
    let sale = app.confirmed(&[("TEA", 2)]).await;
    let parcel = staff.post(&sale.path("/shipments"), json!({})).await.expect(201);
    app.mails().await;
    app.new_events().await;
    (app, staff, sku_id, sale, parcel)
}

#[tokio::test]
async fn m5_12_an_undone_parcel_was_never_packed() {
    let (app, staff, sku_id, sale, parcel) = packed().await;
    let path = format!("/admin/shipments/{}/undo", parcel.id());
    let undone = staff.post(&path, json!({})).await.expect(200);
    assert_eq!((undone["state"].as_str(), &undone["actions"]), (Some("undone"), &json!([])));
    assert_eq!(app.stock_of(sku_id).await, (10, 2));
    assert_eq!(app.counts(&sale).await, [(2, 0, 0, 0)]);
    assert_eq!(app.standing(&sale).await, ("confirmed".into(), "unpaid".into(), "allocated".into()));
    assert_eq!(app.new_events().await, ["order.changed", "shipment.changed"]);
    assert_eq!(app.mails().await.iter().map(|mail| mail.template.as_str()).collect::<Vec<_>>(), ["shipment_undone"]);
    let before = app.dump().await;
    assert_eq!(staff.post(&path, json!({})).await.problem(), (409, "shipment_state"));
    assert_eq!(app.dump().await, before);
    staff.post(&sale.path("/shipments"), json!({})).await.expect(201);
    assert_eq!(app.stock_of(sku_id).await, (8, 0));
}

#[tokio::test]
async fn m5_12_what_the_carrier_has_is_not_undone() {
    let (app, staff, _, _, parcel) = packed().await;
    let path = format!("/admin/shipments/{}", parcel.id());
    assert_eq!(staff.post(&format!("{path}/deliver"), json!({})).await.problem(), (409, "shipment_state"));
    staff.post(&format!("{path}/hand-over"), json!({})).await.expect(200);
    let before = app.dump().await;
    assert_eq!(staff.post(&format!("{path}/undo"), json!({})).await.problem(), (409, "shipment_state"));
    for rest in ["undo", "hand-over", "deliver"] {
        let unknown = format!("/admin/shipments/{}/{rest}", app.unknown());
        assert_eq!(staff.post(&unknown, json!({})).await.problem(), (404, "shipment_not_found"));
    }
    assert_eq!(staff.get(&format!("/admin/shipments/{}", app.unknown())).await.problem(), (404, "shipment_not_found"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_12_undone_and_handed_over_at_once_is_one_of_them() {
    let (app, staff, sku_id, _, parcel) = packed().await;
    let path = format!("/admin/shipments/{}", parcel.id());
    let (undo_path, over_path) = (format!("{path}/undo"), format!("{path}/hand-over"));
    let (undo, over) = tokio::join!(staff.post(&undo_path, json!({})), staff.post(&over_path, json!({})));
    let stock = app.stock_of(sku_id).await;
    match (undo.status(), over.status()) {
        (200, 409) => assert_eq!(stock, (10, 2)),
        (409, 200) => assert_eq!(stock, (8, 0)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn m5_12_the_label_changes_until_it_arrived() {
    let (app, staff, _, _, parcel) = packed().await;
    let path = format!("/admin/shipments/{}", parcel.id());
    let body = json!({ "tracking_number": "zt 9", "note": "第二层" });
    assert_eq!(staff.patch(&path, body.clone()).await.problem(), (428, "if_match_required"));
    let changed = staff.request("PATCH", &path).if_match(parcel.etag()).body(body.clone()).send().await.expect(200);
    assert_eq!((changed["tracking_number"].as_str(), changed["note"].as_str()), (Some("ZT9"), Some("第二层")));
    assert_eq!(changed["tracking_url"], "https://www.zto.com/express/expressCheck.html?txtBill=ZT9", "the carrier of the shipping method");
    assert_eq!(app.mails().await.len(), 1, "told of the number");
    assert_eq!(staff.request("PATCH", &path).if_match(parcel.etag()).body(body).send().await.problem(), (412, "changed"));
    let cleared = staff.request("PATCH", &path).if_match(changed.etag()).body(json!({ "note": null })).send().await.expect(200);
    assert_eq!((&cleared["note"], cleared["tracking_number"].as_str()), (&json!(null), Some("ZT9")));
    assert_eq!(app.mails().await.len(), 0);
    staff.post(&format!("{path}/undo"), json!({})).await.expect(200);
    let late = staff.request("PATCH", &path).if_match(cleared.etag() + 1).body(json!({ "note": "x" })).send().await;
    assert_eq!(late.problem(), (409, "shipment_state"));
}
