//! An order that was acknowledged is there, whatever happens to the server.

use std::sync::Arc;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::support::TestApp;
use crate::support::platform::Binary;

const CHECKOUTS: usize = 500;
const ACKNOWLEDGED: usize = 120;

/// One shopper's way to an order's token; none if the server went away.
async fn check_out(client: &Client, base: &str, sku: &str) -> Option<String> {
    async fn call(request: reqwest::RequestBuilder) -> Option<Value> {
        let reply = request.send().await.ok()?;
        let status = reply.status();
        let text = reply.text().await.ok()?;
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).ok()
    }
    let cart = call(client.post(format!("{base}/carts")).json(&json!({}))).await?;
    let path = format!("{base}/carts/{}", cart["token"].as_str()?);
    call(client.post(format!("{path}/lines")).json(&json!({ "sku": sku, "quantity": 1 }))).await?;
    call(client.put(format!("{path}/contact")).json(&json!({ "email": "li@example.com", "name": "李" }))).await?;
    let address = json!({ "name": "李", "phone": "13800138000", "country": "CN", "province": "上海市", "city": "上海市", "district": "黄浦区", "street": "南京东路1号" });
    call(client.put(format!("{path}/address")).json(&address)).await?;
    let ways = call(client.get(format!("{path}/shipping-methods"))).await?;
    call(client.put(format!("{path}/shipping-method")).json(&json!({ "code": ways[0]["code"] }))).await?;
    call(client.put(format!("{path}/payment-method")).json(&json!({ "code": "bank_transfer" }))).await?;
    let placed = call(client.post(format!("{path}/checkout")).json(&json!({}))).await?;
    placed["token"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p13_a_killed_server_keeps_every_order_it_acknowledged() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = TestApp::new().await;
    let sku = app.product("TEA").stock(10_000).await.sku;
    let binary = Binary::on(&app.database_url());
    let server = binary.serve();
    let base = server.url("/api/v1/store");
    let (client, at_once) = (Client::new(), Arc::new(Semaphore::new(12)));
    let (tell, mut told) = mpsc::channel(CHECKOUTS);
    for _ in 0..CHECKOUTS {
        let (client, base, sku, tell, at_once) = (client.clone(), base.clone(), sku.clone(), tell.clone(), Arc::clone(&at_once));
        tokio::spawn(async move {
            let _place = at_once.acquire_owned().await;
            if let Some(token) = check_out(&client, &base, &sku).await {
                let _ = tell.send(token).await;
            }
        });
    }
    drop(tell);
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ACKNOWLEDGED {
        acknowledged.push(told.recv().await.expect("checkouts go through"));
    }
    server.kill();
    // Answers that were on their way count as well.
    while let Some(token) = told.recv().await {
        acknowledged.push(token);
    }
    assert!(acknowledged.len() < CHECKOUTS, "it was killed in the middle");
    let server = binary.serve();
    for token in &acknowledged {
        let reply = client.get(server.url(&format!("/api/v1/store/orders/{token}"))).send().await.unwrap();
        assert_eq!(reply.status(), 200, "{token}");
    }
    server.terminate();
    let (status, log) = tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    assert_eq!(status, Some(0), "{log}");
    binary.run(&["verify"]).ok();
    assert!(client.post(&base).send().await.is_err());
}
