//! Every answer against the OpenAPI document.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::Reply;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| zhanggui::compose::api().document());

type Validators = HashMap<String, Option<&'static Validator>>;
static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Panics if an answer is not what the document promises. Pages are not in the document.
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let Some((template, operation)) = operation(method, path) else {
        // OPTIONS is answered for every path and described for none.
        let described = path.starts_with("/api/v1/") && *method != Method::OPTIONS && !path.ends_with("/openapi.json");
        let known = !described || reply.status() >= 400;
        assert!(known, "{method} {path} answers {} and is not in the OpenAPI document", reply.status());
        return;
    };
    let status = reply.status().to_string();
    if matches!(reply.status(), 304) {
        return;
    }
    let responses = &operation["responses"];
    let declared = if responses[&status].is_object() { status.as_str() } else { "default" };
    assert!(
        reply.status() >= 400 || declared != "default",
        "{method} {template} answers {status}, which the OpenAPI document does not name: {}",
        reply.text()
    );
    if reply.status() >= 400 {
        assert_eq!(reply.header("content-type"), "application/problem+json", "{method} {template}: {}", reply.text());
        let code = reply.json["code"].as_str().unwrap_or_default();
        let detail = reply.json["detail"].as_str().unwrap_or_default();
        if reply.status() == 428 {
            let states = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "If-Match"));
            assert!(states, "{method} {template} wants If-Match, which the document does not name");
        }
        assert!(!detail.is_empty() && detail != code.replace('_', " "), "{code} has no text in problems.toml");
    }
    let Some(content) = responses[declared]["content"].as_object() else {
        assert!(reply.bytes.is_empty(), "{method} {template} answers a body with {status}, and the document names none");
        return;
    };
    let media_type = reply.header("content-type").split(';').next().unwrap_or_default().to_owned();
    let Some(described) = content.get(&media_type) else {
        panic!("{method} {template} answers {status} as {media_type}, the document says {:?}", content.keys().collect::<Vec<_>>());
    };
    if !media_type.ends_with("json") {
        return;
    }
    let name = format!("{method} {template} {declared}");
    if let Some(validator) = validator(&name, &described["schema"]) {
        let errors: Vec<String> =
            validator.iter_errors(&reply.json).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
        assert!(errors.is_empty(), "{name} is not as the OpenAPI document says: {errors:#?}\n{}", reply.text());
    }
}

fn validator(name: &str, schema: &Value) -> Option<&'static Validator> {
    let mut known = VALIDATORS.lock().expect("not poisoned");
    *known.entry(name.to_owned()).or_insert_with(|| {
        if !schema.is_object() {
            return None;
        }
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
        let built = jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{name}: the schema itself is wrong: {error}"));
        Some(Box::leak(Box::new(built)))
    })
}

/// The operation of a path: a plain segment goes before a parameter.
fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = method.as_str().to_ascii_lowercase();
    let parts: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object()?;
    let fits = |template: &str| {
        let named: Vec<&str> = template.split('/').collect();
        named.len() == parts.len() && named.iter().zip(&parts).all(|(name, part)| name.starts_with('{') || name == part)
    };
    let plain = |template: &str| template.split('/').filter(|part| !part.starts_with('{')).count();
    let (template, item) = paths.iter().filter(|(template, _)| fits(template)).max_by_key(|(template, _)| plain(template))?;
    item.get(&method).map(|operation| (template.as_str(), operation))
}
