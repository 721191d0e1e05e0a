//! The rules of HTTP that hold for every route, shown on a few (P4, P9, P10, P12, P14).

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::json;
use zg_web::{ApiConfig, TrustedProxies};

use crate::support::TestApp;

fn carrier() -> serde_json::Value {
    json!({ "code": "deppon", "name": "德邦", "tracking_url": null, "enabled": true })
}

#[tokio::test]
async fn p14_a_problem_is_told_in_the_readers_language() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.read"]).await;
    let english = staff.get("/admin/carriers/987654321").await;
    assert_eq!(english.header("content-type"), "application/problem+json");
    assert_eq!((english["detail"].as_str(), english.header("content-language")), (Some("There is no such carrier."), "en"));
    assert_eq!(english["request_id"], english.header("x-request-id"));
    let chinese = staff.clone().header("accept-language", "zh-CN,zh;q=0.9").get("/admin/carriers/987654321").await;
    assert_eq!((chinese["detail"].as_str(), chinese.header("content-language")), (Some("没有这家物流公司。"), "zh-CN"));
    assert_eq!(chinese["code"], english["code"]);
    assert_eq!(staff.get("/admin/nothing").await.problem(), (404, "not_found"));
    assert_eq!(staff.get("/admin/carriers/x").await.problem(), (404, "not_found"));
    assert_eq!(staff.post("/admin/regions", json!({})).await.problem(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn p4_a_change_without_the_token_from_another_site_or_by_a_form_is_refused() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.write"]).await;
    let before = app.dump().await;
    let none = staff.clone().without("x-csrf-token");
    assert_eq!(none.post("/admin/carriers", carrier()).await.problem(), (403, "csrf"));
    let anothers = staff.clone().header("x-csrf-token", "0000000000000000");
    assert_eq!(anothers.post("/admin/carriers", carrier()).await.problem(), (403, "csrf"));
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example"), ("origin", "null")]
    {
        let foreign = staff.clone().header(name, value);
        assert_eq!(foreign.post("/admin/carriers", carrier()).await.problem(), (403, "csrf"), "{name}: {value}");
    }
    let form = staff.request("POST", "/admin/carriers").form(&[("code", "deppon"), ("name", "x"), ("enabled", "true")]);
    assert_eq!(form.send().await.problem(), (415, "json_expected"));
    let text = staff.request("POST", "/admin/carriers").header("content-type", "text/plain").bytes(carrier().to_string());
    assert_eq!(text.send().await.problem(), (415, "json_expected"));
    assert_eq!(app.dump().await, before);
    staff.clone().header("sec-fetch-site", "same-origin").post("/admin/carriers", carrier()).await.expect(201);
}

#[tokio::test]
async fn p14_what_is_not_json_or_not_known_is_refused_where_it_stands() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.read", "shipping.write", "audit.read"]).await;
    let broken = staff.request("POST", "/admin/carriers").header("content-type", "application/json").bytes("{\"code\": ");
    assert_eq!(broken.send().await.problem(), (400, "json_broken"));
    let mut more = carrier();
    more["colour"] = json!("red");
    assert_eq!(staff.post("/admin/carriers", more).await.problem(), (422, "invalid"));
    let mut wrong = carrier();
    wrong["enabled"] = json!("yes");
    assert_eq!(staff.post("/admin/carriers", wrong).await.fields(), [("/enabled", "invalid_value")]);
    assert_eq!(staff.get("/admin/audit?colour=red").await.problem(), (400, "query_unknown"));
    assert_eq!(staff.get("/admin/audit?limit=0").await.problem(), (400, "query_invalid"));
    assert_eq!(staff.get("/admin/audit?limit=201").await.problem(), (400, "query_invalid"));
    assert_eq!(staff.get("/admin/audit?cursor=abc").await.problem(), (400, "cursor_invalid"));
    staff.get("/admin/audit?locale=en&action=").await.expect(200);
}

#[tokio::test]
async fn p14_pages_by_cursor_are_stable_while_rows_are_added() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.write", "audit.read"]).await;
    let add = |code: String| {
        let staff = staff.clone();
        async move {
            staff.post("/admin/carriers", json!({ "code": code, "name": "x", "tracking_url": null, "enabled": true })).await.expect(201)
        }
    };
    for n in 0..5 {
        add(format!("c{n}")).await;
    }
    let first = staff.get("/admin/audit?entity=carrier&limit=2").await.expect(200);
    add("later".to_owned()).await;
    let mut seen: Vec<i64> = first["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    let mut cursor = first["meta"]["next_cursor"].clone();
    while let Some(next) = cursor.as_str() {
        let page = staff.get(&format!("/admin/audit?entity=carrier&limit=2&cursor={next}")).await.expect(200);
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        cursor = page["meta"]["next_cursor"].clone();
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
}

#[tokio::test]
async fn p14_a_version_is_an_etag_for_reading_and_for_changing() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.read", "shipping.write"]).await;
    let made = staff.post("/admin/carriers", carrier()).await.expect(201);
    let path = format!("/admin/carriers/{}", made.id());
    assert_eq!(staff.get(&path).await.expect(200).header("etag"), "\"1\"");
    for seen in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
        let reply = staff.request("GET", &path).header("if-none-match", seen).send().await.expect(304);
        assert_eq!((reply.bytes.len(), reply.header("etag")), (0, "\"1\""), "{seen}");
    }
    staff.request("GET", &path).header("if-none-match", "\"2\"").send().await.expect(200);
    assert_eq!(staff.put(&path, carrier()).await.problem(), (428, "if_match_required"));
    assert_eq!(staff.request("PUT", &path).if_match(9).body(carrier()).send().await.problem(), (412, "changed"));
    assert_eq!(staff.request("PUT", &path).header("if-match", "nonsense").body(carrier()).send().await.problem(), (412, "changed"));
    assert_eq!(staff.request("PUT", &path).if_match(1).body(carrier()).send().await.expect(200).header("etag"), "\"2\"");
}

#[tokio::test]
async fn p9_cors_is_off_unless_origins_are_named_exactly() {
    let closed = TestApp::new().await;
    let reply = closed.guest().header("origin", "https://shop.example").get("/store/countries").await.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), "");

    let config = ApiConfig { cors_origins: vec!["https://shop.example".to_owned()], ..ApiConfig::default() };
    let app = TestApp::with(config).await;
    let named = app.guest().header("origin", "https://shop.example").get("/store/countries").await.expect(200);
    assert_eq!(named.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(named.header("access-control-allow-credentials"), "");
    for origin in ["https://shop.example.evil.com", "http://shop.example", "https://SHOP.example", "null"] {
        let other = app.guest().header("origin", origin).get("/store/countries").await.expect(200);
        assert_eq!(other.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn p10_a_body_that_is_too_large_is_413() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.write"]).await;
    let before = app.dump().await;
    let mut large = carrier();
    large["name"] = json!("x".repeat(1024 * 1024));
    assert_eq!(staff.post("/admin/carriers", large.clone()).await.problem(), (413, "body_too_large"));
    large["name"] = json!("x".repeat(2 * 1024 * 1024));
    let keyed = staff.request("POST", "/admin/carriers").key("k").body(large).send().await;
    assert_eq!(keyed.problem(), (413, "body_too_large"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn p12_a_forwarded_address_is_believed_of_trusted_proxies_alone() {
    let app = TestApp::new().await;
    app.colleague("anna@example.com", &[]).await;
    let body = json!({ "email": "anna@example.com", "password": "not the password" });
    app.guest().header("x-forwarded-for", "203.0.113.9").post("/admin/session", body.clone()).await;
    let reader = app.staff(&["audit.read"]).await;
    assert_eq!(reader.get("/admin/audit?action=session.").await["data"][0]["ip"], "127.0.0.1");

    let proxy: IpAddr = "127.0.0.1".parse().unwrap();
    let app = TestApp::with(ApiConfig { proxies: TrustedProxies(Arc::from([proxy])), ..ApiConfig::default() }).await;
    app.guest().header("x-forwarded-for", "1.1.1.1, 203.0.113.9").post("/admin/session", body).await;
    let reader = app.staff(&["audit.read"]).await;
    assert_eq!(reader.get("/admin/audit?action=session.").await["data"][0]["ip"], "203.0.113.9");
}
