//! M5.2 Adjustments and count sheets.

use serde_json::json;

use crate::support::TestApp;

const RIGHTS: [&str; 3] = ["stock.read", "stock.write", "audit.read"];

#[tokio::test]
async fn m5_2_stock_is_raised_lowered_and_set_and_each_change_is_told() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    app.new_events().await;
    for (kind, quantity, before, after) in [("increase", 10, 0, 10), ("decrease", 3, 10, 7), ("set_to", 5, 7, 5)] {
        let reply = staff.adjust(kind, "TEA", quantity).await.expect(200);
        let line = &reply["lines"][0];
        assert_eq!(
            (line["before"].as_i64(), line["after"].as_i64(), line["variance"].as_i64()),
            (Some(before), Some(after), Some(after - before))
        );
        assert_eq!((reply["done"].as_i64(), reply["refused"].as_i64()), (Some(1), Some(0)));
    }
    assert_eq!(app.levels().await, [(tea, 5, 0, 0)]);
    assert_eq!(app.new_events().await, ["stock.adjusted"; 3]);
    assert_eq!(app.log("action=stock.adjust").await, ["stock.adjust"; 3]);
}

#[tokio::test]
async fn m5_2_below_zero_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    staff.adjust("increase", "TEA", 4).await.expect(200);
    let before = app.dump().await;
    for (kind, quantity, code) in [
        ("decrease", 5, "stock_negative"),
        ("decrease", -1, "stock_below_zero"),
        ("set_to", -1, "stock_below_zero"),
        ("increase", 1_000_000_001, "stock_below_zero"),
        ("increase", i64::MAX, "stock_below_zero"),
    ] {
        let reply = staff.adjust(kind, "TEA", quantity).await.expect(200);
        assert_eq!((reply["refused"].as_i64(), reply["lines"][0]["refused"].as_str()), (Some(1), Some(code)), "{kind} {quantity}");
        assert_eq!(reply["lines"][0]["after"], 4);
    }
    assert_eq!(app.dump().await, before);
    assert_eq!(app.levels().await, [(tea, 4, 0, 0)]);
}

#[tokio::test]
async fn m5_2_a_count_sheet_answers_with_its_variance_and_does_what_it_can() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let (tea, cup) = (app.bare_sku("TEA").await, app.bare_sku("CUP").await);
    staff.adjust("increase", "TEA", 10).await.expect(200);
    let lines = [("set_to", "TEA", 8), ("set_to", "NONE", 3), ("set_to", "CUP", 2)];

    let before = app.dump().await;
    let tried = staff.sheet(true, &lines).await.expect(200);
    assert_eq!(app.dump().await, before);
    let counted = staff.sheet(false, &lines).await.expect(200);
    assert_eq!(tried["lines"], counted["lines"]);
    assert_eq!((tried["dry_run"].as_bool(), counted["done"].as_i64(), counted["refused"].as_i64()), (Some(true), Some(2), Some(1)));
    let seen: Vec<(i64, Option<&str>)> =
        counted["lines"].as_array().unwrap().iter().map(|line| (line["variance"].as_i64().unwrap(), line["refused"].as_str())).collect();
    assert_eq!(seen, [(-2, None), (0, Some("stock_sku_unknown")), (2, None)]);
    assert_eq!(app.levels().await, [(tea, 8, 0, 0), (cup, 2, 0, 0)]);
    let entry = &staff.get("/admin/stock/entries?sku=TEA&kind=count").await.expect(200)["data"][0];
    assert_eq!((entry["reason"].as_str(), entry["note"].as_str()), (Some("count"), Some("盘点 7 · year's end")));
}

#[tokio::test]
async fn m5_2_lines_of_one_sku_follow_each_other() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    let reply = staff.sheet(false, &[("increase", "TEA", 5), ("decrease", "TEA", 7), ("decrease", "TEA", 2)]).await.expect(200);
    let after: Vec<i64> = reply["lines"].as_array().unwrap().iter().map(|line| line["after"].as_i64().unwrap()).collect();
    assert_eq!((after, reply["refused"].as_i64()), (vec![5, 5, 3], Some(1)));
    assert_eq!(app.levels().await, [(tea, 3, 0, 0)]);
}

#[tokio::test]
async fn m5_2_two_who_adjust_at_once_both_count() {
    let app = TestApp::new().await;
    let (one, two) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    let (tea, cup) = (app.bare_sku("TEA").await, app.bare_sku("CUP").await);
    staff_stock(&one).await;
    let (a, b) = tokio::join!(
        one.sheet(false, &[("decrease", "TEA", 7), ("decrease", "CUP", 7)]),
        two.sheet(false, &[("decrease", "CUP", 7), ("decrease", "TEA", 7)]),
    );
    let refused = a.expect(200)["refused"].as_i64().unwrap() + b.expect(200)["refused"].as_i64().unwrap();
    assert_eq!(refused, 2);
    assert_eq!(app.levels().await, [(tea, 3, 0, 0), (cup, 3, 0, 0)]);
}

async fn staff_stock(staff: &crate::support::Client) {
    staff.sheet(false, &[("set_to", "TEA", 10), ("set_to", "CUP", 10)]).await.expect(200);
}

#[tokio::test]
async fn m5_2_two_first_adjustments_of_a_sku_at_once_make_one_row() {
    let app = TestApp::new().await;
    let (one, two) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    let tea = app.bare_sku("TEA").await;
    let (a, b) = tokio::join!(one.adjust("increase", "TEA", 2), two.adjust("increase", "TEA", 3));
    assert_eq!((a.status(), b.status()), (200, 200));
    assert_eq!(app.levels().await, [(tea, 5, 0, 0)]);
}

#[tokio::test]
async fn m5_2_an_adjustment_says_why_and_has_from_one_to_a_thousand_lines() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    app.bare_sku("TEA").await;
    let before = app.dump().await;
    let line = json!({ "sku": "TEA", "kind": "increase", "quantity": 1 });
    for reason in ["", "  ", &"x".repeat(65)] {
        let reply = staff.post("/admin/stock/adjustments", json!({ "reason": reason, "lines": [line] })).await;
        assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![("/reason", "stock_reason_missing")]));
    }
    for lines in [vec![], vec![line.clone(); 1_001]] {
        let reply = staff.post("/admin/stock/adjustments", json!({ "reason": "count", "lines": lines })).await;
        assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![("/lines", "stock_lines")]));
    }
    let nowhere = json!({ "sku": "TEA", "kind": "increase", "quantity": 1, "warehouse_id": app.unknown() });
    let reply = staff.post("/admin/stock/adjustments", json!({ "reason": "count", "lines": [nowhere] })).await.expect(200);
    assert_eq!(reply["lines"][0]["refused"], "stock_warehouse_unknown");
    assert_eq!(app.dump().await, before);
    let whole = staff.post("/admin/stock/adjustments", json!({ "reason": "count", "lines": vec![line; 1_000] })).await.expect(200);
    assert_eq!(whole["done"], 1_000);
}

#[tokio::test]
async fn m5_2_a_repeated_adjustment_with_one_key_counts_once() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    let body = json!({ "reason": "found", "lines": [{ "sku": "TEA", "kind": "increase", "quantity": 4 }] });
    for _ in 0..2 {
        staff.request("POST", "/admin/stock/adjustments").key("scan-1").body(body.clone()).send().await.expect(200);
    }
    assert_eq!(app.levels().await, [(tea, 4, 0, 0)]);
}
