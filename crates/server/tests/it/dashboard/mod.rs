//! The start of a day (M1).

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::past::Past;

fn cny(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// A day so many days ago.
fn ago(app: &TestApp, days: i64) -> String {
    (app.app.today() - chrono::Duration::days(days)).to_string()
}

#[tokio::test]
async fn m1_2_ordered_paid_and_refunded_stand_apart_for_each_period_and_currency() {
    let app = TestApp::new().await;
    let order = |number: &str, days: i64, amount: i64| Past::new(number, &ago(&app, days)).line("TEA", None, 1, amount, 0);
    app.move_in(&[
        order("A-1", 0, 1_000),
        order("A-2", 1, 200),
        order("A-3", 6, 30),
        order("A-4", 7, 4),
        order("A-5", 59, 5_000),
        order("A-6", 60, 60_000),
        order("A-7", 0, 777).currency("USD"),
    ])
    .await;
    let staff = app.staff(&["orders.read"]).await;
    let reply = staff.get("/admin/dashboard").await.expect(200);
    let currencies = reply["orders"]["currencies"].as_array().expect("currencies");
    let codes: Vec<&str> = currencies.iter().map(|row| row["currency"].as_str().expect("a code")).collect();
    assert_eq!(codes, ["CNY", "USD"], "the shop's own first, and never added up");
    let periods = currencies[0]["periods"].as_array().expect("periods");
    let figures = |at: usize| (periods[at]["orders"].clone(), periods[at]["ordered"].clone(), periods[at]["ordered_before"].clone());
    assert_eq!(figures(0), (json!(1), cny(1_000), cny(200)));
    assert_eq!(figures(1), (json!(3), cny(1_230), cny(4)));
    assert_eq!(figures(2), (json!(4), cny(1_234), cny(5_000)));
    for period in periods {
        assert_eq!((&period["paid"], &period["paid_before"]), (&period["ordered"], &period["ordered_before"]));
        assert_eq!(period["refunded"], cny(0));
    }
    let days = currencies[0]["days"].as_array().expect("days");
    assert_eq!(days.len(), 30);
    assert_eq!((&days[29]["day"], &days[29]["ordered"]), (&json!(ago(&app, 0)), &cny(1_000)));
    assert_eq!(currencies[1]["periods"][0]["ordered"], json!({ "amount": 777, "currency": "USD" }));
    // What was moved in waits for nobody.
    let queues = reply["orders"]["queues"].as_array().expect("queues");
    assert!(queues.iter().all(|queue| queue["orders"] == 0), "{queues:?}");
    let names: Vec<&str> = queues.iter().map(|queue| queue["queue"].as_str().expect("a name")).collect();
    assert_eq!(names, ["to_confirm", "to_pay", "to_pick", "to_ship", "to_refund", "overdue"]);
}

#[tokio::test]
async fn m1_1_new_and_active_customers_are_told_apart() {
    let app = TestApp::new().await;
    let old = app.customer(json!({ "name": "Old" })).await["id"].as_i64().expect("an id");
    app.clock().advance(chrono::Duration::days(10));
    let new = app.customer(json!({ "name": "New" })).await["id"].as_i64().expect("an id");
    let order = |number: &str, days: i64, who: i64| Past::new(number, &ago(&app, days)).of(who).line("TEA", None, 1, 100, 0);
    app.move_in(&[order("A-1", 0, old), order("A-2", 0, old), order("A-3", 8, new)]).await;
    let staff = app.staff(&["customers.read"]).await;
    let customers = staff.get("/admin/dashboard").await.expect(200)["customers"].clone();
    assert_eq!(customers["total"], 2);
    let figures = |at: usize| {
        let period = &customers["periods"][at];
        ["new", "new_before", "active", "active_before"].map(|name| period[name].as_i64().expect("a number"))
    };
    assert_eq!(figures(0), [1, 0, 1, 0]);
    assert_eq!(figures(1), [1, 1, 1, 1]);
    assert_eq!(figures(2), [2, 0, 2, 0]);
    // The drill-down is the list with the same days.
    let week = &customers["periods"][1];
    let list = format!("/admin/customers?from={}&to={}", week["from"].as_str().expect("a day"), week["to"].as_str().expect("a day"));
    assert_eq!(staff.get(&list).await.expect(200)["meta"]["total"], 1);
}

#[tokio::test]
async fn m1_3_best_sellers_are_those_of_thirty_days_by_pieces() {
    let app = TestApp::new().await;
    app.move_in(&[
        Past::new("A-1", &ago(&app, 1)).line("TEA", None, 3, 100, 50).line("CUP", None, 1, 900, 0),
        Past::new("A-2", &ago(&app, 2)).line("TEA", None, 2, 100, 0),
        Past::new("A-3", &ago(&app, 40)).line("OLD", None, 90, 1, 0),
    ])
    .await;
    let staff = app.staff(&["catalog.read"]).await;
    let best = staff.get("/admin/dashboard").await.expect(200)["products"]["best_sellers"].clone();
    let rows: Vec<Value> = best.as_array().expect("rows").iter().map(|row| json!([row["sku"], row["pieces"], row["amount"]])).collect();
    assert_eq!(rows, [json!(["TEA", 5, cny(450)]), json!(["CUP", 1, cny(900)])]);
}

#[tokio::test]
async fn m1_3_best_sellers_are_named_in_the_readers_language() {
    let app = TestApp::new().await;
    app.product("TEA").named("龙井", "Longjing").await;
    app.sold(&[("TEA", 2)]).await;
    app.move_in(&[Past::new("A-1", &ago(&app, 1)).line("GONE", None, 1, 100, 0)]).await;
    app.mails().await;
    let staff = app.staff(&["catalog.read"]).await;
    for (language, names) in [("en", ["Longjing", "The GONE"]), ("zh-CN", ["龙井", "The GONE"])] {
        let seen = staff.request("GET", "/admin/dashboard").header("accept-language", language).send().await.expect(200);
        let best = seen["products"]["best_sellers"].as_array().expect("rows").clone();
        assert_eq!(best.iter().map(|row| row["name"].as_str().expect("a name")).collect::<Vec<_>>(), names, "{language}");
    }
}

#[tokio::test]
async fn m8_2_everybody_sees_the_parts_their_rights_reach() {
    let app = TestApp::new().await;
    app.customer(json!({ "name": "Wanda", "phone": "13912345678" })).await;
    app.move_in(&[Past::new("SO-1001", &ago(&app, 0)).line("TEA", None, 1, 100, 0)]).await;
    for (rights, seen) in [
        (vec![], vec![]),
        (vec!["orders.read"], vec!["orders"]),
        (vec!["customers.read", "stock.read"], vec!["stock", "customers"]),
        (vec!["catalog.read"], vec!["products"]),
    ] {
        let staff = app.staff(&rights).await;
        let reply = staff.get("/admin/dashboard").await.expect(200);
        let parts: Vec<&str> = ["orders", "products", "stock", "customers"].into_iter().filter(|part| !reply[*part].is_null()).collect();
        assert_eq!(parts, seen);
        let kinds = |reply: &crate::support::Reply| -> Vec<String> {
            reply["data"].as_array().expect("hits").iter().map(|hit| hit["kind"].as_str().expect("a kind").to_owned()).collect()
        };
        let found = staff.get("/admin/search?q=wanda").await.expect(200);
        assert_eq!(kinds(&found).contains(&"customer".to_owned()), rights.contains(&"customers.read"));
        let found = staff.get("/admin/search?q=so-10").await.expect(200);
        assert_eq!(kinds(&found) == ["order"], rights.contains(&"orders.read"));
    }
    assert_eq!(app.guest().get("/admin/dashboard").await.problem(), (401, "sign_in_required"));
}

#[tokio::test]
async fn b7_the_palette_finds_by_what_people_remember() {
    let app = TestApp::new().await;
    let li = app.customer(json!({ "code": "C9", "name": "李浩然", "phone": "19900001003", "email": "li@example.com" })).await;
    app.move_in(&[Past::new("SO-2026-0042", &ago(&app, 0)).line("TEA", None, 2, 450, 0)]).await;
    let staff = app.owner().await;
    for typed in ["浩然", "lihaoran", "LHR", "li@exam", "199%200000%201003"] {
        let found = staff.get(&format!("/admin/search?q={typed}")).await.expect(200);
        let hit = json!([{ "kind": "customer", "id": li["id"], "title": "李浩然", "subtitle": "19900001003" }]);
        assert_eq!(found["data"], hit, "{typed}");
    }
    for typed in ["so-2026", "0042"] {
        let found = staff.get(&format!("/admin/search?q={typed}")).await.expect(200);
        assert_eq!(found["data"][0]["title"], "SO-2026-0042", "{typed}");
        assert_eq!(found["data"][0]["subtitle"], "Wanda · 9.00 CNY");
    }
    for typed in ["", "%25", "_"] {
        assert_eq!(staff.get(&format!("/admin/search?q={typed}")).await.expect(200)["data"], json!([]), "{typed}");
    }
}

#[tokio::test]
async fn m1_4_badges_are_nothing_without_rights() {
    let app = TestApp::new().await;
    let none = json!({ "orders_to_confirm": 0, "orders_to_pick": 0, "orders_to_ship": 0, "low_stock": 0 });
    assert_eq!(app.staff(&[]).await.get("/admin/dashboard/badges").await.expect(200).json, none);
    assert_eq!(app.owner().await.get("/admin/dashboard/badges").await.expect(200).json, none);
}
