//! Every operation of the API, tried by those who may not.

use http::Method;
use serde_json::json;
use zg_web::Who;

use crate::support::{Client, Reply, TestApp};

/// A path with something in place of its parameters.
fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
}

async fn call(client: &Client, method: &Method, path: &str) -> Reply {
    let call = client.raw(method.as_str(), &filled(path));
    if *method == Method::GET { call.send().await } else { call.body(json!({})).send().await }
}

#[tokio::test]
async fn m8_2_every_operation_refuses_nobody_and_whoever_lacks_its_right() {
    let app = TestApp::new().await;
    let api = zhanggui::compose::api();
    let guest = app.guest();
    for operation in api.operations() {
        let (method, path) = (&operation.method, &operation.path);
        match operation.who {
            Who::Right { name, .. } => {
                assert_eq!(call(&guest, method, path).await.status(), 401, "{method} {path} as nobody");
                let others: Vec<&str> = api.rights().into_iter().filter(|right| *right != name).collect();
                let reply = call(&app.staff(&others).await, method, path).await;
                assert_eq!(reply.problem(), (403, "forbidden"), "{method} {path} without {name}");
                assert_eq!(reply["right"], name);
            }
            Who::Staff | Who::Shopper => {
                assert_eq!(call(&guest, method, path).await.status(), 401, "{method} {path} as nobody");
            }
            Who::Public => {}
        }
    }
}

#[tokio::test]
async fn p4_every_change_by_cookie_wants_the_token_and_our_own_site() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let api = zhanggui::compose::api();
    for operation in api.operations().iter().filter(|operation| operation.method != Method::GET) {
        let (method, path) = (&operation.method, &operation.path);
        if matches!(operation.who, Who::Right { .. } | Who::Staff) {
            let reply = call(&owner.clone().without("x-csrf-token"), method, path).await;
            assert_eq!(reply.problem(), (403, "csrf"), "{method} {path} without the token");
        }
        let foreign = owner.clone().header("sec-fetch-site", "cross-site");
        assert_eq!(call(&foreign, method, path).await.problem(), (403, "csrf"), "{method} {path} from another site");
    }
}

#[tokio::test]
async fn b4_keys_never_reach_routes_about_keys_roles_and_oneself() {
    let app = TestApp::new().await;
    let api = zhanggui::compose::api();
    let tx = app.app.begin(&zg_base::Actor::system("test")).await.unwrap();
    let scopes: Vec<String> = api.rights().into_iter().map(str::to_owned).collect();
    let (_, key) = zg_base::api_key::create(&tx, "all", &scopes, None).await.unwrap();
    tx.commit().await.unwrap();
    let program = app.guest().bearer(&key);
    for operation in api.operations() {
        let (method, path) = (&operation.method, &operation.path);
        if matches!(operation.who, Who::Staff | Who::Right { keys: false, .. }) {
            assert_eq!(call(&program, method, path).await.problem(), (403, "key_not_allowed"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn p10_every_problem_has_a_text_in_both_languages() {
    let api = zhanggui::compose::api();
    let none = serde_json::Map::new();
    for code in api.texts().codes() {
        let zh = api.texts().detail(code, zg_domain::Locale::ZhCn, &none);
        let en = api.texts().detail(code, zg_domain::Locale::En, &none);
        assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{code}: {zh}");
        assert!(!en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && en.len() > 8, "{code}: {en}");
    }
}

#[tokio::test]
async fn p16_a_shop_starts_empty_and_proves_itself() {
    let app = TestApp::new().await;
    let reply = app.guest().raw("GET", "/readyz").send().await;
    assert_eq!((reply.status(), reply.text().as_str()), (200, "ready\n"));
    assert_eq!(app.dump().await, app.dump().await);
}

#[test]
fn b4_every_reference_of_the_document_leads_somewhere() {
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                found.extend(members.get("$ref").and_then(|target| target.as_str()).map(str::to_owned));
                members.values().for_each(|member| references(member, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = zhanggui::compose::api().document();
    let mut found = Vec::new();
    references(&document, &mut found);
    found.retain(|target| target.strip_prefix('#').is_none_or(|pointer| document.pointer(pointer).is_none()));
    assert_eq!(found, Vec::<String>::new());
}
