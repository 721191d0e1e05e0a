//! M8.3 The security log.

use serde_json::json;

use crate::support::TestApp;

/// A shop whose log has some lines, all sealed.
async fn with_lines() -> TestApp {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    for code in ["one", "two", "three"] {
        let body = json!({ "code": code, "name": format!("={code}"), "tracking_url": null, "enabled": true });
        owner.post("/admin/carriers", body).await.expect(201);
    }
    app.run_due().await;
    app
}

async fn faults(app: &TestApp) -> usize {
    zg_base::prove_audit(app.app.read()).await.unwrap().faults.len()
}

#[tokio::test]
async fn m8_3_the_chain_is_proven_and_a_changed_value_is_found() {
    let app = with_lines().await;
    let proof = zg_base::prove_audit(app.app.read()).await.unwrap();
    assert_eq!((proof.checked, proof.holds()), (3, true));
    let text = if app.database_url().starts_with("postgres") { ("after::text", "::jsonb") } else { ("after", "") };
    let set = |from: &str, to: &str| format!("UPDATE audit_entry SET after = REPLACE({}, '{from}', '{to}'){}", text.0, text.1);
    app.raw(&set("=two", "=six")).await.unwrap();
    assert_eq!(faults(&app).await, 1);
    app.raw(&set("=six", "=two")).await.unwrap();
    assert_eq!(faults(&app).await, 0);
}

#[tokio::test]
async fn m8_3_a_changed_address_breaks_the_chain_from_there_on() {
    let app = with_lines().await;
    app.raw("UPDATE audit_entry SET ip = '10.9.9.9' WHERE seq = 2").await.unwrap();
    assert_eq!(faults(&app).await, 1);
    app.raw("UPDATE audit_entry SET ip = '127.0.0.1' WHERE seq = 2").await.unwrap();
    assert_eq!(faults(&app).await, 0);
}

#[tokio::test]
async fn m8_3_the_database_itself_refuses_to_change_or_delete_a_line() {
    let app = with_lines().await;
    let before = app.dump().await;
    for sql in [
        "UPDATE audit_entry SET action = 'carrier.keep' WHERE seq = 1",
        "UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 1",
        "DELETE FROM audit_entry WHERE seq = 3",
    ] {
        let refused = app.raw(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append_only"), "{sql}: {refused}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_3_erased_values_leave_the_chain_whole() {
    let app = with_lines().await;
    app.raw("UPDATE audit_entry SET before = NULL, after = NULL WHERE seq = 2").await.unwrap();
    assert_eq!(faults(&app).await, 0);
}

#[tokio::test]
async fn m8_3_the_log_is_searched_and_one_things_history_is_read() {
    let app = with_lines().await;
    let reader = app.staff(&["audit.read"]).await;
    let all = reader.get("/admin/audit?action=carrier.").await.expect(200);
    let line = all["data"][0].clone();
    assert_eq!(all["data"].as_array().unwrap().len(), 3);
    assert_eq!((line["ip"].as_str(), line["actor_kind"].as_str(), line["seq"].as_i64()), (Some("127.0.0.1"), Some("staff"), Some(3)));
    let count = |query: String| {
        let reader = reader.clone();
        async move { reader.get(&format!("/admin/audit?{query}")).await.expect(200)["data"].as_array().unwrap().len() }
    };
    assert_eq!(count(format!("entity=carrier&entity_id={}", line["entity_id"])).await, 1);
    assert_eq!(count(format!("request_id={}", line["request_id"].as_str().unwrap())).await, 1);
    assert_eq!(count(format!("actor_kind=staff&actor_id={}", line["actor_id"])).await, 3);
    assert_eq!(count("ip=10.0.0.1".to_owned()).await, 0);
    assert_eq!(count("until=2000-01-01T00:00:00Z".to_owned()).await, 0);
    assert_eq!(count("from=2000-01-01T00:00:00Z&limit=2".to_owned()).await, 2);
    assert_eq!(reader.get("/admin/audit?entity_id=x").await.problem(), (400, "query_invalid"));
}

#[tokio::test]
async fn m8_3_the_log_is_exported_with_the_same_filters_and_holds_no_formula() {
    let app = with_lines().await;
    let reader = app.staff(&["audit.read"]).await;
    let file = reader.get("/admin/audit.csv?action=carrier.").await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"security-log.csv\"");
    let text = file.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "id,at,actor_kind,actor_id,actor,ip,request_id,action,entity,entity_id,before,after,digest");
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains("carrier.create") && lines[1].contains("three"), "{}", lines[1]);
    assert_eq!(reader.get("/admin/audit.csv?action=role.").await.expect(200).text().lines().count(), 1);
    assert_eq!(app.staff(&["stock.read"]).await.get("/admin/audit.csv").await.problem(), (403, "forbidden"));
}
