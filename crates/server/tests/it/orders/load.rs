//! M5.1, P15 Floods of buyers.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::TestApp;
use crate::support::orders::StockNow;

/// What the carts' checkouts, all at once, were answered: how often each status and code.
async fn flood(app: &TestApp, carts: Vec<String>) -> BTreeMap<(u16, String), usize> {
    let buyers = carts.into_iter().map(|cart| {
        let shopper = app.guest();
        tokio::spawn(async move {
            let reply = shopper.post(&format!("/store/carts/{cart}/checkout"), json!({})).await;
            let (status, code) = reply.problem();
            (status, code.to_owned())
        })
    });
    let mut answers = BTreeMap::new();
    for answer in join_all(buyers).await {
        *answers.entry(answer.expect("an answer")).or_default() += 1;
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m5_1_a_thousand_buyers_of_a_hundred_pieces() {
    let app = TestApp::new().await;
    app.product("RUSH").stock(100).await;
    let mut carts = Vec::new();
    for _ in 0..1_000 {
        carts.push(app.ready_cart(&[("RUSH", 1)]).await);
    }
    let answers = flood(&app, carts).await;
    let expected = BTreeMap::from([((201, String::new()), 100), ((409, "out_of_stock".to_owned()), 900)]);
    assert_eq!(answers, expected);
    assert_eq!(app.orders_placed().await, 100);
    assert_eq!(app.stock_now("RUSH").await, StockNow { on_hand: 100, reserved: 100 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m5_1_eight_lines_in_every_order_never_lock_each_other_out() {
    let app = TestApp::new().await;
    let codes = ["A", "B", "C", "D", "E", "F", "G", "H"];
    for code in codes {
        app.product(code).stock(40).await;
    }
    let mut carts = Vec::new();
    for turn in 0..120 {
        let mut lines: Vec<(&str, i64)> = codes.iter().map(|code| (*code, 1)).collect();
        lines.rotate_left(turn % 8);
        if turn % 2 == 1 {
            lines.reverse();
        }
        carts.push(app.ready_cart(&lines).await);
    }
    let answers = flood(&app, carts).await;
    let expected = BTreeMap::from([((201, String::new()), 40), ((409, "out_of_stock".to_owned()), 80)]);
    assert_eq!(answers, expected);
    for code in codes {
        assert_eq!(app.stock_now(code).await, StockNow { on_hand: 40, reserved: 40 }, "{code}");
    }
}
