//! P10: HTTP used as meant, asked of the router.

use serde_json::json;

use crate::support::{Client, Reply, TestApp};

async fn problem(client: &Client, method: &str, path: &str, header: (&str, &str)) -> Reply {
    client.raw(method, path).header(header.0, header.1).send().await
}

#[tokio::test]
async fn p10_an_address_names_the_methods_it_takes() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let wrong = owner.raw("DELETE", "/api/v1/admin/events").send().await;
    assert_eq!(wrong.problem(), (405, "method_not_allowed"));
    assert_eq!(wrong.header("allow"), "GET,HEAD");
    let asked = owner.raw("OPTIONS", "/api/v1/admin/events").send().await;
    assert_eq!((asked.status(), asked.header("allow"), asked.text().as_str()), (204, "GET,HEAD", ""));
    assert_eq!(owner.raw("BREW", "/api/v1/admin/events").send().await.problem(), (501, "method_unknown"));
    assert_eq!(owner.raw("GET", "/api/v1/nothing").send().await.problem(), (404, "not_found"));
}

#[tokio::test]
async fn p10_head_says_what_get_would_without_saying_it() {
    let app = TestApp::new().await;
    let guest = app.guest();
    let (get, head) = (guest.raw("GET", "/readyz").send().await, guest.raw("HEAD", "/readyz").send().await);
    assert_eq!((get.status(), head.status()), (200, 200));
    assert_eq!(get.header("content-type"), head.header("content-type"));
    assert!(!get.bytes.is_empty() && head.bytes.is_empty());
}

#[tokio::test]
async fn p10_what_the_reader_does_not_take_is_not_sent() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let path = "/api/v1/admin/events";
    for takes in ["*/*", "application/json", "application/*;q=0.5", "text/html, */*;q=0.1", "text/csv;q=0.9,application/JSON"] {
        assert_eq!(problem(&owner, "GET", path, ("accept", takes)).await.status(), 200, "{takes}");
    }
    for refuses in ["text/csv", "image/*", "application/json;q=0"] {
        assert_eq!(problem(&owner, "GET", path, ("accept", refuses)).await.problem(), (406, "accept_unknown"), "{refuses}");
    }
}

#[tokio::test]
async fn p10_what_cannot_be_met_is_refused_before_it_is_read() {
    let app = TestApp::new().await;
    let guest = app.guest();
    assert_eq!(problem(&guest, "GET", "/healthz", ("expect", "tea")).await.problem(), (417, "expectation_unknown"));
    assert_eq!(problem(&guest, "GET", "/healthz", ("expect", "100-continue")).await.status(), 200);
    let long = format!("/healthz?q={}", "x".repeat(9000));
    assert_eq!(guest.raw("GET", &long).send().await.problem(), (414, "address_too_long"));
}

#[tokio::test]
async fn p10_a_read_that_was_seen_is_not_sent_again_and_edits_want_a_version() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let made = owner.post("/admin/roles", json!({ "name": "Packer", "rights": ["stock.read"] })).await.expect(201);
    let version = made.etag();
    let role = made.id();
    let body = json!({ "name": "Packers", "rights": [] });
    let path = format!("/admin/roles/{role}");
    assert_eq!(owner.put(&path, body.clone()).await.problem(), (428, "if_match_required"));
    assert_eq!(owner.request("PUT", &path).if_match(version + 1).body(body.clone()).send().await.problem(), (412, "changed"));
    // As a proxy that compresses, or our own compression, would name the same version.
    let changed = owner.request("PUT", &path).header("if-match", &format!("\"{version}-gzip\"")).body(body).send().await.expect(200);
    assert_eq!(changed.etag(), version + 1);
}

#[tokio::test]
async fn p10_text_travels_compressed_if_the_reader_takes_it() {
    let app = TestApp::new().await;
    let guest = app.guest();
    let plain = guest.raw("GET", "/api/v1/openapi.json").send().await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    let squeezed = problem(&guest, "GET", "/api/v1/openapi.json", ("accept-encoding", "br;q=1, gzip")).await.expect(200);
    assert_eq!(squeezed.header("content-encoding"), "gzip");
    assert!(squeezed.header("vary").contains("accept-encoding"));
    assert!(squeezed.bytes.len() * 4 < plain.bytes.len(), "{} of {}", squeezed.bytes.len(), plain.bytes.len());
    let small = problem(&guest, "GET", "/healthz", ("accept-encoding", "gzip")).await.expect(200);
    assert_eq!(small.header("content-encoding"), "");
}

#[tokio::test]
async fn p10_the_console_is_cached_by_what_is_in_it() {
    let app = TestApp::new().await;
    let guest = app.guest();
    let page = guest.raw("GET", "/admin/").send().await;
    if page.status() == 404 {
        assert!(page["detail"].as_str().unwrap().len() > 5, "it was not built, and says so");
        return;
    }
    assert_eq!(page.header("cache-control"), "no-cache");
    let tag = page.header("etag").to_owned();
    assert_eq!(problem(&guest, "GET", "/admin/", ("if-none-match", &tag)).await.status(), 304);
    let deep = guest.raw("GET", "/admin/orders/7").send().await.expect(200);
    assert_eq!(deep.header("etag"), tag, "one document for every page");
    assert_eq!(guest.raw("GET", "/admin/assets/none.js").send().await.status(), 404);
    let squeezed = problem(&guest, "GET", "/admin/", ("accept-encoding", "gzip")).await.expect(200);
    assert_eq!(squeezed.header("content-encoding"), "gzip");
    assert_ne!(squeezed.header("etag"), tag, "another representation has another tag");
    assert_eq!(problem(&guest, "GET", "/admin/", ("if-none-match", squeezed.header("etag"))).await.status(), 304);
}

#[tokio::test]
async fn p6_every_answer_forbids_what_it_does_not_need() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/api/v1/nothing", "/api/v1/admin/events"] {
        let reply = app.guest().raw("GET", path).send().await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(reply.header("x-request-id").len(), 32, "{path}");
    }
}
