//! Proofs of payment (M4.12): uploaded, attached, fetched by right alone.

use serde_json::json;

use crate::support::TestApp;
use crate::support::sale::Sale;

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\nendobj\n";

#[tokio::test]
async fn m4_12_a_proof_is_attached_and_fetched_by_right() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 1)]).await;
    let staff = app.staff(&["payments.record", "payments.read"]).await;
    let proof = staff.upload("/admin/payments/proofs", "file", "回单.pdf", "text/html", PDF).await.expect(201);
    assert_eq!((proof["name"].as_str(), proof["media_type"].as_str()), (Some("回单.pdf"), Some("application/pdf")));
    let body = json!({ "amount": Sale::money(1800), "reference": "r", "proof_id": proof.id() });
    let entry = staff.post(&sale.path("/payments"), body).await.expect(201);
    assert_eq!(entry["proof"]["id"], proof["id"]);

    let path = format!("/admin/payments/{}/proof", entry.id());
    let file = staff.get(&path).await.expect(200);
    assert_eq!(&file.bytes[..], PDF);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(app.staff(&["payments.record"]).await.get(&path).await.status(), 403);
    let hash = zg_base::secrets::sha256_hex(PDF);
    assert_eq!(app.guest().raw("GET", &format!("/files/{hash}")).send().await.status(), 404, "it is private");
}

#[tokio::test]
async fn m4_12_what_is_no_proof_is_refused() {
    let app = TestApp::new().await;
    let staff = app.staff(&["payments.record", "payments.read"]).await;
    let before = app.dump().await;
    let upload = "/admin/payments/proofs";
    let html = staff.upload(upload, "file", "proof.pdf", "application/pdf", b"<html><script>alert(1)</script>").await;
    assert_eq!(html.problem(), (415, "payment_proof_type"));
    let empty = staff.upload(upload, "file", "proof.pdf", "application/pdf", b"").await;
    assert_eq!(empty.problem(), (415, "payment_proof_type"));
    let other = staff.upload(upload, "paper", "proof.pdf", "application/pdf", PDF).await;
    assert_eq!(other.fields(), [("/file", "payment_proof_missing")]);
    let mut large = PDF.to_vec();
    large.resize(zg_payments::PAPER_LIMIT + 1, b' ');
    assert_eq!(staff.upload(upload, "file", "proof.pdf", "application/pdf", &large).await.problem(), (413, "payment_proof_too_large"));
    assert_eq!(staff.get(&format!("/admin/payments/{}/proof", app.unknown())).await.problem(), (404, "payment_proof_not_found"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m4_12_a_payment_without_a_proof_has_none() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 1)]).await;
    let owner = app.owner().await;
    let entry = owner.post(&sale.path("/payments"), json!({ "amount": Sale::money(1), "reference": "r" })).await.expect(201);
    assert_eq!(entry["proof"], json!(null));
    assert_eq!(owner.get(&format!("/admin/payments/{}/proof", entry.id())).await.problem(), (404, "payment_proof_not_found"));
}
