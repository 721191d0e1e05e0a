//! Somebody who calls the API.

use std::net::SocketAddr;
use std::ops::Index;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use zg_base::App;

use super::{TestApp, contract};

/// A caller with a session, a key, or neither.
#[derive(Clone)]
pub(crate) struct Client {
    app: App,
    router: Router,
    headers: HeaderMap,
    /// Row of `staff` or `customer`, if signed in.
    pub(crate) id: i64,
}

impl Client {
    pub(crate) fn new(app: &TestApp) -> Self {
        Self { app: app.app.clone(), router: app.router.clone(), headers: HeaderMap::new(), id: 0 }.header("accept-language", "en")
    }

    /// With a session's cookie and the token that belongs to it.
    pub(crate) fn signed_in(app: &TestApp, cookie: &str, token: &str) -> Self {
        let csrf = zg_web::csrf_of(&app.app, token);
        Self::new(app).header("cookie", &format!("{cookie}={token}")).header("x-csrf-token", &csrf)
    }

    pub(crate) fn of(mut self, id: i64) -> Self {
        self.id = id;
        self
    }

    /// With an API key.
    pub(crate) fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// With a header on every request.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// Without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// A request that can be adorned; `path` is below `/api/v1`.
    pub(crate) fn request(&self, method: &str, path: &str) -> Call<'_> {
        self.raw(method, &format!("/api/v1{path}"))
    }

    /// The same with the whole path.
    pub(crate) fn raw(&self, method: &str, path: &str) -> Call<'_> {
        let method = method.parse().expect("a method");
        Call { client: self, method, path: path.to_owned(), headers: self.headers.clone(), body: Bytes::new() }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.request("GET", path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.request("POST", path).json(&body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.request("PUT", path).json(&body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.request("PATCH", path).json(&body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.request("DELETE", path).send().await
    }

    /// Uploads one file as a form field.
    pub(crate) async fn upload(&self, path: &str, field: &str, name: &str, media_type: &str, content: &[u8]) -> Reply {
        let boundary = "zg-test-boundary-7f3a";
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        self.request("POST", path).header("content-type", &format!("multipart/form-data; boundary={boundary}")).bytes(body).send().await
    }
}

/// A request in the making.
pub(crate) struct Call<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// The version that was seen.
    pub(crate) fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    /// The idempotency key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = Bytes::from(body.to_string());
        self.header("content-type", "application/json")
    }

    /// The same as [`Self::json`], taking the value.
    pub(crate) fn body(self, body: Value) -> Self {
        self.json(&body)
    }

    /// Fields of a form, as a browser sends them.
    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        encoded.extend_pairs(fields);
        self.body = Bytes::from(encoded.finish());
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        *request.headers_mut().expect("a method and a path") = self.headers;
        let mut request = request.body(Body::from(self.body)).expect("a request");
        request.headers_mut().entry(header::HOST).or_insert(HeaderValue::from_static("shop.test"));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40000))));
        let response = self.client.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let reply = Reply { status: parts.status, headers: parts.headers, json: serde_json::from_slice(&bytes).unwrap_or_default(), bytes };
        let path = self.path.split('?').next().unwrap_or_default();
        contract::check(&self.method, path, &reply);
        reply
    }
}

impl Client {
    /// The cookie it sends, for a socket of its own.
    pub(crate) fn cookie(&self) -> &str {
        self.headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The application that is called.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
    pub(crate) bytes: Bytes,
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status(), self.json["code"].as_str().unwrap_or_default())
    }

    /// Pointer and code of each refused field.
    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        let errors = self.json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The version, from the `ETag`.
    pub(crate) fn etag(&self) -> i64 {
        self.header("etag").trim_matches('"').parse().unwrap_or_else(|_| panic!("no version in ETag: {self:?}"))
    }

    /// The row's id.
    pub(crate) fn id(&self) -> i64 {
        self.json["id"].as_i64().unwrap_or_else(|| panic!("no id: {self:?}"))
    }

    /// Fails with the whole answer unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status(), status, "{}", self.text());
        self
    }
}

impl Index<&str> for Reply {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        &self.json[key]
    }
}
