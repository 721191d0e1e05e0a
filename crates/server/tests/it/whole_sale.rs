//! The whole line of a sale: products are imported, a shopper finds and orders, staff
//! record the payment, confirm, pick, pack and deliver; and everything that counts
//! agrees to the cent.

use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use zg_db::entity::{sku, stock_entry};
use zg_import::{Options, execute, start_from_bytes};

use crate::support::TestApp;
use crate::support::sale::{Sale, pay};

const PRODUCTS: &str = "sku,name_zh,name_en,category,price,weight_g,barcode,stock
TEA-100,龙井茶,Longjing tea,茶叶,128.00,120,6901234500017,10
CUP-1,青瓷杯,Celadon cup,茶具,45.50,300,6901234500024,4
";

/// On hand and reserved after each change of a SKU, with its kind.
async fn stock_ledger(app: &TestApp, code: &str) -> Vec<(String, i64, i64)> {
    let db = app.app.read();
    let sku = sku::Entity::find().filter(sku::Column::Code.eq(code)).one(db).await.unwrap().unwrap();
    let rows = stock_entry::Entity::find()
        .filter(stock_entry::Column::SkuId.eq(sku.id))
        .order_by(stock_entry::Column::Id, Order::Asc)
        .all(db)
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.kind, row.on_hand_after, row.reserved_after)).collect()
}

async fn queue(owner: &crate::support::Client, name: &str) -> i64 {
    let dashboard = owner.get("/admin/dashboard").await.expect(200);
    let queues = dashboard["orders"]["queues"].as_array().unwrap().clone();
    queues.iter().find(|row| row["queue"] == name).unwrap()["orders"].as_i64().unwrap()
}

#[tokio::test]
async fn m5_12_a_sale_from_the_file_to_the_door_agrees_everywhere() {
    let app = TestApp::new().await;
    let owner = app.owner().await;

    // The goods come from a file.
    let job = start_from_bytes::<zg_inventory::Products>(&app.app, "products.csv", PRODUCTS.as_bytes().to_vec(), Options::default());
    let job = job.await.expect("a job");
    execute::<zg_inventory::Products>(&app.app, job).await.expect("the import");
    assert_eq!(
        owner.get(&format!("/admin/jobs/{job}")).await.expect(200)["result"],
        json!({ "rows": 2, "created": 2, "updated": 0, "failed": 0 })
    );

    // A shopper finds them by what they are called, and by how it is spelt.
    for words in ["龙井", "longjing"] {
        let found = app.guest().get(&format!("/store/products?q={}", words.replace("龙井", "%E9%BE%99%E4%BA%95"))).await.expect(200);
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{words}");
    }
    let sale = app.sold(&[("TEA-100", 2), ("CUP-1", 1)]).await;
    assert_eq!(sale.total, 2 * 12_800 + 4_550, "over ¥99 is delivered free");
    assert_eq!((queue(&owner, "to_pay").await, queue(&owner, "to_confirm").await), (1, 0));

    // Staff record the money, confirm, pick, pack.
    pay(&owner, &sale, sale.total, "ICBC 20261125-1").await.expect(201);
    assert_eq!(queue(&owner, "to_confirm").await, 1);
    owner.post(&sale.path("/confirm"), json!({})).await.expect(200);
    assert_eq!(queue(&owner, "to_pick").await, 1);
    let list = owner.post("/admin/pick-lists", json!({ "all_ready": true })).await.expect(201).id();
    for (code, quantity) in [("6901234500017", 2), ("CUP-1", 1)] {
        owner.post(&format!("/admin/pick-lists/{list}/pick"), json!({ "code": code, "quantity": quantity })).await.expect(200);
    }
    owner.post(&format!("/admin/pick-lists/{list}/finish"), json!({})).await.expect(200);
    assert_eq!((queue(&owner, "to_pick").await, queue(&owner, "to_ship").await), (0, 1));
    let parcel = owner.post(&sale.path("/shipments"), json!({ "tracking_number": "ZT1" })).await.expect(201).id();
    for step in ["hand-over", "deliver"] {
        owner.post(&format!("/admin/shipments/{parcel}/{step}"), json!({})).await.expect(200);
    }
    assert_eq!(app.standing(&sale).await, ("completed".into(), "paid".into(), "delivered".into()));
    assert_eq!(queue(&owner, "to_ship").await, 0);

    // Stock: came, was held, left.
    let ledger = |kinds: [(&str, i64, i64); 3]| kinds.map(|(kind, on_hand, reserved)| (kind.to_owned(), on_hand, reserved)).to_vec();
    assert_eq!(stock_ledger(&app, "TEA-100").await, ledger([("import", 10, 0), ("reserve", 10, 2), ("ship", 8, 0)]));
    assert_eq!(stock_ledger(&app, "CUP-1").await, ledger([("import", 4, 0), ("reserve", 4, 1), ("ship", 3, 0)]));

    // Money: the ledger, the order, the dashboard and the report say the same.
    let money = Sale::money(sale.total);
    let payments = owner.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&payments["paid"], &payments["due"], &payments["to_refund"]), (&money, &Sale::money(0), &Sale::money(0)));
    let today = app.app.today();
    let report = owner.get(&format!("/admin/reports/orders?by=day&from={today}&to={today}")).await.expect(200);
    let totals = &report["totals"];
    assert_eq!((totals["orders"].as_i64(), totals["lines"].as_i64(), totals["pieces"].as_i64()), (Some(1), Some(2), Some(3)));
    assert_eq!((&totals["net"], &totals["total"], &totals["paid"]), (&money, &money, &money));
    assert_eq!(report["reconciled"]["agrees"], true);
    let by_category = owner.get(&format!("/admin/reports/orders?by=category&from={today}&to={today}")).await.expect(200);
    let net: i64 = by_category["rows"].as_array().unwrap().iter().map(|row| row["net"]["amount"].as_i64().unwrap()).sum();
    assert_eq!(net, sale.total);
    let dashboard = owner.get("/admin/dashboard").await.expect(200);
    let periods = dashboard["orders"]["currencies"][0]["periods"].as_array().unwrap();
    for period in periods {
        assert_eq!((period["orders"].as_i64(), &period["ordered"], &period["paid"]), (Some(1), &money, &money), "{period}");
    }

    // The shopper was told each time, and sees it.
    let told: Vec<String> = app.mails().await.into_iter().map(|mail| mail.template).collect();
    assert_eq!(told, ["order_placed", "payment_received", "shipped"]);
    let shown: Value = app.guest().get(&format!("/store/orders/{}", sale.token)).await.expect(200).json().clone();
    assert_eq!(shown["state"], "completed");

    for proof in zhanggui::compose::prove(&app.app).await.unwrap() {
        assert!(proof.holds(), "{}: {:?}", proof.name, proof.faults);
    }
}
