//! M4.3, M5.1, B3 Whatever is done to orders in whatever order, every proof holds.

use serde_json::{Value, json};
use zg_db::entity::order;

use crate::support::TestApp;
use crate::support::orders::TestOrder;

/// Numbers that look drawn and are the same every time.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

async fn step(app: &TestApp, order: &TestOrder, row: &order::Model, drawn: &mut Drawn) -> u16 {
    let owner = app.owner().await;
    let line = order.lines[usize::try_from(drawn.below(u64::try_from(order.lines.len()).unwrap())).unwrap()];
    let pieces = i64::try_from(drawn.below(3)).unwrap() + 1;
    let lines: Value = json!([{ "line_id": line, "quantity": pieces }]);
    let reply = match drawn.below(7) {
        0 => owner.post(&order.url("confirm"), json!({})).await,
        1 => owner.post(&order.url("unconfirm"), json!({})).await,
        2 => {
            let body = json!({ "lines": lines, "reason": "customer_request" });
            owner.request("POST", &order.url("cancel-lines")).if_match(row.version).body(body).send().await
        }
        3 => owner.post(&order.url("shipments"), json!({ "lines": lines })).await,
        4 => {
            let amount = json!({ "amount": i64::try_from(drawn.below(3_000)).unwrap() + 1, "currency": "CNY" });
            owner.post(&order.url("payments"), json!({ "amount": amount, "reference": format!("r{}", drawn.0) })).await
        }
        5 => owner.post(&order.url("complete"), json!({})).await,
        _ if drawn.below(4) == 0 => owner.post(&order.url("cancel"), json!({ "reason": "customer_request" })).await,
        _ => {
            app.paid_if_due(order).await;
            owner.get(&order.path()).await
        }
    };
    reply.status()
}

impl TestApp {
    async fn paid_if_due(&self, order: &TestOrder) {
        let row = self.row_of(order).await;
        let left = row.total_minor - row.paid_minor;
        if left > 0 && row.state != "cancelled" {
            let amount = json!({ "amount": left, "currency": "CNY" });
            let body = json!({ "amount": amount, "reference": format!("rest of {} {}", order.number, row.version) });
            self.owner().await.post(&order.url("payments"), body).await.expect(201);
        }
    }
}

#[tokio::test]
async fn m4_3_any_sequence_of_commands_leaves_every_proof_true() {
    let app = TestApp::new().await;
    app.product("TEA").price(999).stock(200).await;
    app.product("CUP").price(1_337).stock(200).await;
    app.product("CARD").price(1).untracked().await;
    let mut statuses = std::collections::BTreeMap::new();
    for seed in 0..8 {
        let mut drawn = Drawn(seed);
        let order = if seed % 2 == 0 {
            app.order().line("TEA", 7).line("CUP", 3).line("CARD", 5).await
        } else {
            app.order().line("CUP", 4).line("TEA", 2).cod().await
        };
        for _ in 0..14 {
            let row = app.row_of(&order).await;
            *statuses.entry(step(&app, &order, &row, &mut drawn).await).or_insert(0) += 1;
        }
        app.prove_now().await;
    }
    // Commands were done and refused, and none failed.
    assert!(statuses.keys().all(|status| [200, 201, 409].contains(status)), "{statuses:?}");
    assert!(statuses.contains_key(&200) && statuses.contains_key(&201) && statuses.contains_key(&409), "{statuses:?}");
}
