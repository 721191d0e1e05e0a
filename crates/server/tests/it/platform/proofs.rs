//! B3 Proofs on demand, as the console asks for them.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn b3_every_ledger_is_proven_on_demand() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let staff = app.staff(&["proofs.read"]).await;
    let proofs = staff.get("/admin/proofs").await.expect(200).json;
    let proofs = proofs.as_array().expect("a list");
    let names: Vec<&Value> = proofs.iter().map(|proof| &proof["name"]).collect();
    assert_eq!(names, ["stock", "orders", "payments", "shipments", "security log"]);
    assert!(proofs.iter().all(|proof| proof["holds"] == true && proof["faults"] == json!([])), "{proofs:?}");
    assert_eq!(proofs[0]["checked"], 1);
}
