//! Somebody who calls the shop's own API, without a socket between.

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use http::{Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use zg_base::{Actor, App, session};
use zg_web::ApiConfig;

use crate::compose;

/// A guest, or a member of staff with a session.
#[derive(Clone)]
pub(super) struct Caller {
    app: App,
    router: Router,
    session: Option<String>,
}

/// An answer that is no success, with its problem.
#[derive(Debug, thiserror::Error)]
#[error("{asked}: {status} {code}: {detail}")]
pub(super) struct Refused {
    asked: String,
    status: u16,
    pub(super) code: String,
    detail: String,
}

impl Caller {
    pub(super) fn guest(app: &App) -> Self {
        let router = compose::api().router(app.clone(), &ApiConfig::default(), compose::pages());
        Self { app: app.clone(), router, session: None }
    }

    /// The same shop, with a session of a member of staff.
    pub(super) async fn staff(&self, id: i64) -> anyhow::Result<Self> {
        let tx = self.app.begin(&Actor::system("demo")).await?;
        let token = session::open(&tx, session::Owner::Staff(id), "demo").await?;
        tx.commit().await?;
        Ok(Self { session: Some(token), ..self.clone() })
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call("POST", path, Some(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call("PUT", path, Some(body)).await
    }

    /// Calls; `path` is below `/api/v1`.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let asked = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::ACCEPT_LANGUAGE, "en");
        if let Some(token) = &self.session {
            request = request
                .header(header::COOKIE, format!("{}={token}", zg_web::STAFF_COOKIE))
                .header("x-csrf-token", zg_web::csrf_of(&self.app, token));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.router.clone().oneshot(request.body(body)?).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await.context("an answer broken off")?.to_bytes();
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let detail = format!("{} {}", text("detail"), answer.get("errors").map(ToString::to_string).unwrap_or_default());
        Err(Refused { asked, status: status.as_u16(), code: text("code"), detail }.into())
    }
}

/// A whole number of an answer.
pub(super) fn number(answer: &Value, name: &str) -> anyhow::Result<i64> {
    answer.get(name).and_then(Value::as_i64).with_context(|| format!("the answer has no `{name}`"))
}

/// A text of an answer.
pub(super) fn text<'a>(answer: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    answer.get(name).and_then(Value::as_str).with_context(|| format!("the answer has no `{name}`"))
}
