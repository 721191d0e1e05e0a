//! M5.6 The stock ledger, M5.7 reading it.

use crate::support::{Client, TestApp};

const RIGHTS: [&str; 2] = ["stock.read", "stock.write"];

/// A shop with five entries of two SKUs.
async fn with_entries() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    app.bare_sku("TEA").await;
    app.bare_sku("CUP").await;
    for (kind, sku, quantity) in
        [("increase", "TEA", 10), ("increase", "CUP", 4), ("decrease", "TEA", 3), ("set_to", "CUP", 9), ("decrease", "TEA", 1)]
    {
        staff.adjust(kind, sku, quantity).await.expect(200);
    }
    (app, staff)
}

#[tokio::test]
async fn m5_6_every_change_has_its_line_with_before_and_after_and_who() {
    let (_app, staff) = with_entries().await;
    let page = staff.get("/admin/stock/entries?sku=TEA").await.expect(200);
    let lines: Vec<(i64, i64, i64)> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (line["on_hand_before"].as_i64().unwrap(), line["on_hand_delta"].as_i64().unwrap(), line["on_hand_after"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(lines, [(7, -1, 6), (10, -3, 7), (0, 10, 10)]);
    let line = &page["data"][0];
    assert_eq!(
        (line["kind"].as_str(), line["cause"].as_str(), line["reason"].as_str()),
        (Some("adjust"), Some("adjustment"), Some("found"))
    );
    assert_eq!(
        (line["actor_kind"].as_str(), line["actor_id"].as_i64(), line["warehouse"].as_str()),
        (Some("staff"), Some(staff.id), Some("main"))
    );
}

#[tokio::test]
async fn m5_6_the_database_itself_refuses_to_change_or_delete_a_line() {
    let (app, _) = with_entries().await;
    let before = app.dump().await;
    for sql in ["UPDATE stock_entry SET on_hand_delta = 99", "UPDATE stock_entry SET note = 'x'", "DELETE FROM stock_entry"] {
        let refused = app.raw(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append_only"), "{sql}: {refused}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_6_stock_that_does_not_agree_with_its_ledger_is_found() {
    let (app, _) = with_entries().await;
    let proof = zg_inventory::prove(app.app.read()).await.unwrap();
    assert_eq!((proof.checked, proof.holds()), (2, true));
    app.raw("UPDATE stock SET on_hand = on_hand + 1 WHERE on_hand = 6").await.unwrap();
    let proof = zg_inventory::prove(app.app.read()).await.unwrap();
    assert_eq!(proof.faults.len(), 1);
    assert!(proof.faults[0].contains('6') && proof.faults[0].contains('7'), "{:?}", proof.faults);
    app.raw("UPDATE stock SET on_hand = on_hand - 1 WHERE on_hand = 7").await.unwrap();
}

#[tokio::test]
async fn m5_6_a_stock_row_cannot_be_oversold_even_past_the_application() {
    let (app, _) = with_entries().await;
    let before = app.dump().await;
    for sql in ["UPDATE stock SET reserved = on_hand + 1", "UPDATE stock SET reserved = -1", "UPDATE stock SET held = -1"] {
        let refused = app.raw(sql).await.unwrap_err();
        assert_eq!(zg_db::violated(&refused).unwrap().kind, zg_db::ViolationKind::Check, "{sql}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_7_the_ledger_is_filtered_and_paged_without_loss_while_it_grows() {
    let (app, staff) = with_entries().await;
    let count = |query: String| {
        let staff = staff.clone();
        async move { staff.get(&format!("/admin/stock/entries?{query}")).await.expect(200)["data"].as_array().unwrap().len() }
    };
    assert_eq!(count("kind=count".to_owned()).await, 1);
    assert_eq!(count("kind=adjust&sku=CUP".to_owned()).await, 1);
    assert_eq!(count(format!("actor_kind=staff&actor_id={}", staff.id)).await, 5);
    assert_eq!(count("actor_kind=system".to_owned()).await, 0);
    assert_eq!(count("sku=NONE".to_owned()).await, 0);
    assert_eq!(count("until=2000-01-01T00:00:00Z".to_owned()).await, 0);

    let mut page = staff.get("/admin/stock/entries?limit=2").await.expect(200);
    staff.adjust("increase", "TEA", 1).await.expect(200);
    let mut seen = Vec::new();
    loop {
        seen.extend(page["data"].as_array().unwrap().iter().map(|line| line["id"].as_i64().unwrap()));
        let Some(next) = page["meta"]["next_cursor"].as_str().map(str::to_owned) else { break };
        page = staff.get(&format!("/admin/stock/entries?limit=2&cursor={next}")).await.expect(200);
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
    assert_eq!(staff.get("/admin/stock/entries?colour=red").await.problem(), (400, "query_unknown"));
    assert_eq!(app.staff(&["orders.read"]).await.get("/admin/stock/entries").await.problem(), (403, "forbidden"));
}

#[tokio::test]
async fn m5_7_the_ledger_is_exported_as_it_is_filtered() {
    let (_app, staff) = with_entries().await;
    let file = staff.get("/admin/stock/entries.csv?sku=TEA").await.expect(200);
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"stock-entries.csv\"");
    let text = file.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("id,at,sku,warehouse,kind,on_hand_before,on_hand_delta,on_hand_after"), "{}", lines[0]);
    assert!(lines[1].contains(",TEA,main,adjust,7,-1,6,"), "{}", lines[1]);
}
