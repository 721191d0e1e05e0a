//! M9.10 Order summary, M9.1 date range, M9.2 states, M9.3 table.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::past::Past;

const TEA: Option<(i64, &str)> = Some((7, "Tea"));
const CUPS: Option<(i64, &str)> = Some((8, "Cups"));

async fn shop() -> TestApp {
    let app = TestApp::new().await;
    app.move_in(&[
        Past::new("A-1", "2026-01-31").line("TEA", TEA, 2, 1_000, 500).line("CUP", CUPS, 1, 3_000, 0),
        Past::new("A-2", "2026-02-01").line("TEA", TEA, 1, 1_000, 0),
        Past::new("A-3", "2026-02-28").line("MIX", None, 4, 50, 20).line("TEA", Some((7, "茶")), 1, 1_000, 1),
    ])
    .await;
    app
}

fn cny(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// Key, orders, lines, net of each row.
fn brief(report: &crate::support::Reply) -> Vec<(String, i64, i64, i64)> {
    let rows = report["rows"].as_array().expect("rows");
    let number = |value: &Value| value.as_i64().expect("a number");
    rows.iter()
        .map(|row| {
            (row["key"].as_str().expect("a key").to_owned(), number(&row["orders"]), number(&row["lines"]), number(&row["net"]["amount"]))
        })
        .collect()
}

fn row(key: &str, orders: i64, lines: i64, net: i64) -> (String, i64, i64, i64) {
    (key.to_owned(), orders, lines, net)
}

#[tokio::test]
async fn m9_10_orders_are_summed_by_day_month_and_category_and_agree_with_the_ledger() {
    let app = shop().await;
    let staff = app.staff(&["reports.read"]).await;
    let days = staff.get("/admin/reports/orders?by=day").await.expect(200);
    assert_eq!(brief(&days), [row("2026-01-31", 1, 2, 4_500), row("2026-02-01", 1, 1, 1_000), row("2026-02-28", 1, 2, 1_179)]);
    assert_eq!((&days["from"], &days["to"]), (&json!("2026-01-31"), &json!("2026-02-28")));

    let months = staff.get("/admin/reports/orders?by=month").await.expect(200);
    assert_eq!(brief(&months), [row("2026-01", 1, 2, 4_500), row("2026-02", 2, 3, 2_179)]);
    let february = &months["rows"][1];
    assert_eq!((&february["from"], &february["to"]), (&json!("2026-02-01"), &json!("2026-02-28")));
    assert_eq!((&february["gross"], &february["discount"], &february["pieces"]), (&cny(2_200), &cny(21), &json!(6)));

    // A category that was sold under two names is one; lines without one come last.
    let categories = staff.get("/admin/reports/orders?by=subcategory").await.expect(200);
    assert_eq!(brief(&categories), [row("Cups", 1, 1, 3_000), row("茶", 3, 3, 3_499), row("", 1, 1, 180)]);
    assert_eq!(categories["rows"][0]["shipping"], Value::Null);
    // What is in no tree any more stands for itself.
    let roots = staff.get("/admin/reports/orders?by=category").await.expect(200);
    assert_eq!(roots["rows"], categories["rows"]);

    for report in [&days, &months, &categories] {
        let totals = &report["totals"];
        assert_eq!((&totals["orders"], &totals["lines"], &totals["net"]), (&json!(3), &json!(5), &cny(6_679)));
        assert_eq!((&totals["total"], &totals["paid"], &totals["refunded"]), (&cny(6_679), &cny(6_679), &cny(0)));
        let reconciled = json!({
            "paid": cny(6_679), "refunded": cny(0), "ledger_paid": cny(6_679), "ledger_refunded": cny(0), "agrees": true
        });
        assert_eq!(report["reconciled"], reconciled);
    }
}

#[tokio::test]
async fn m9_10_by_category_a_line_counts_with_the_root_above_it() {
    let app = TestApp::new().await;
    let root = app.category("drinks").await;
    let (tea, cups) = (app.category_below("tea", Some(root)).await, app.category_below("cups", Some(root)).await);
    app.move_in(&[
        Past::new("A-1", "2026-01-31").line("TEA", Some((tea, "tea")), 1, 1_000, 0).line("CUP", Some((cups, "cups")), 1, 200, 0),
        Past::new("A-2", "2026-02-01").line("TEA", Some((root, "drinks")), 1, 30, 0),
    ])
    .await;
    let staff = app.staff(&["reports.read"]).await;
    let report = staff.get("/admin/reports/orders?by=category").await.expect(200);
    let figures: Vec<_> = brief(&report).into_iter().map(|(_, orders, lines, net)| (orders, lines, net)).collect();
    assert_eq!(figures, [(2, 3, 1_230)], "an order with lines of two of its categories is counted once");
    assert_eq!(report["rows"][0]["category_id"], root);
    let own = staff.get("/admin/reports/orders?by=subcategory").await.expect(200);
    let mut ids: Vec<i64> = own["rows"].as_array().expect("rows").iter().filter_map(|row| row["category_id"].as_i64()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [root, tea, cups]);
}

#[tokio::test]
async fn m9_1_a_range_includes_its_last_day_and_is_set_beside_the_days_before() {
    let app = shop().await;
    let staff = app.staff(&["reports.read"]).await;
    let report = staff.get("/admin/reports/orders?by=day&from=2026-02-01&to=2026-02-28&compare=true").await.expect(200);
    assert_eq!(brief(&report), [row("2026-02-01", 1, 1, 1_000), row("2026-02-28", 1, 2, 1_179)]);
    let before = &report["previous"];
    assert_eq!((&before["from"], &before["to"], &before["totals"]["net"]), (&json!("2026-01-04"), &json!("2026-01-31"), &cny(4_500)));
    let none = staff.get("/admin/reports/orders?from=2026-02-02&to=2026-02-27").await.expect(200);
    assert_eq!((&none["rows"], &none["totals"]["net"], &none["previous"]), (&json!([]), &cny(0), &Value::Null));
    let cut = staff.get("/admin/reports/orders?by=month&from=2026-02-02").await.expect(200);
    assert_eq!(cut["rows"][0]["from"], "2026-02-02");
    assert_eq!(staff.get("/admin/reports/orders?from=2026-02-02&to=2026-02-01").await.problem(), (400, "report_range"));
    assert_eq!(staff.get("/admin/reports/orders?from=yesterday").await.problem(), (400, "query_invalid"));
    let today = staff.get("/admin/reports/orders?preset=today").await.expect(200);
    assert_eq!((&today["from"], &today["to"]), (&json!(app.app.today()), &json!(app.app.today())));
}

#[tokio::test]
async fn m9_2_states_filter_and_what_is_not_counted_is_refused() {
    let app = shop().await;
    let staff = app.staff(&["reports.read"]).await;
    let some = staff.get("/admin/reports/orders?state=completed,confirmed&payment=paid&fulfilment=delivered").await.expect(200);
    assert_eq!(some["totals"]["orders"], 3);
    let none = staff.get("/admin/reports/orders?state=placed").await.expect(200);
    assert_eq!(none["totals"]["orders"], 0);
    for (query, parameter) in [("state=cancelled", "state"), ("state=draft", "state"), ("payment=gold", "payment")] {
        let refused = staff.get(&format!("/admin/reports/orders?{query}")).await;
        assert_eq!(refused.problem(), (400, "report_word"), "{query}");
        assert_eq!(refused["parameter"], parameter);
    }
}

#[tokio::test]
async fn m9_10_two_currencies_are_two_reports() {
    let app = shop().await;
    app.move_in(&[Past::new("U-1", "2026-02-01").currency("USD").line("TEA", TEA, 1, 99, 0)]).await;
    let staff = app.staff(&["reports.read"]).await;
    let own = staff.get("/admin/reports/orders?by=month").await.expect(200);
    assert_eq!((&own["currency"], &own["currencies"]), (&json!("CNY"), &json!(["CNY", "USD"])));
    assert_eq!(own["totals"]["net"], cny(6_679));
    let other = staff.get("/admin/reports/orders?by=month&currency=USD").await.expect(200);
    assert_eq!(brief(&other), [row("2026-02", 1, 1, 99)]);
    // Where only one currency is, it is that one.
    let only = staff.get("/admin/reports/orders?from=2026-02-01&to=2026-02-01&currency=USD").await.expect(200);
    assert_eq!(only["reconciled"]["ledger_paid"], json!({ "amount": 99, "currency": "USD" }));
}

#[tokio::test]
async fn m9_3_the_file_holds_plain_decimals() {
    let app = shop().await;
    app.move_in(&[Past::new("A-9", "2026-03-01").line("BIG", Some((9, "=Formula")), 1, 123_456_789, 0)]).await;
    let staff = app.staff(&["reports.read"]).await;
    let file = staff.get("/admin/reports/orders.csv?by=category").await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"orders-by-category-"));
    let lines: Vec<String> = file.text().trim_start_matches('\u{feff}').lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "category,orders,lines,pieces,gross,discount,refunds,net,tax,shipping,fees,total,paid,refunded,currency",
            "'=Formula,1,1,1,1234567.89,0.00,0.00,1234567.89,0.00,,,,,,CNY",
            "Cups,1,1,1,30.00,0.00,0.00,30.00,0.00,,,,,,CNY",
            "茶,3,3,4,40.00,5.01,0.00,34.99,0.00,,,,,,CNY",
            ",1,1,4,2.00,0.20,0.00,1.80,0.00,,,,,,CNY",
        ]
    );
    let empty = staff.get("/admin/reports/orders.csv?by=month&from=2020-01-01&to=2020-01-31").await.expect(200);
    assert_eq!(empty.text().lines().count(), 1);
}
