//! Errors as they leave: RFC 9457 problem details with a stable code.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zg_base::Stored;
use zg_domain::Locale;

/// One field that was refused.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the request's body (RFC 6901).
    pub pointer: String,
    /// A stable code.
    pub code: String,
    /// What is wrong and what to do, in the reader's language.
    #[serde(default)]
    pub detail: String,
}

/// An error as a caller sees it. The text is found by its code when it leaves.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
    replay: Option<Box<Stored>>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident = $status:ident;)*) => {
        $($(#[$doc])* #[must_use] pub fn $name(code: &'static str) -> Self { Self::new(StatusCode::$status, code) })*
    };
}

impl Problem {
    /// A problem of any status.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, fields: Map::new(), errors: Vec::new(), headers: Vec::new(), replay: None }
    }

    constructors! {
        /// 400: the request itself is malformed.
        bad_request = BAD_REQUEST;
        /// 401: not signed in.
        unauthorized = UNAUTHORIZED;
        /// 403: signed in, but without the right.
        forbidden = FORBIDDEN;
        /// 404: there is no such thing, or it is a stranger's.
        not_found = NOT_FOUND;
        /// 409: not in its present state.
        conflict = CONFLICT;
        /// 410: it was there and is gone for good.
        gone = GONE;
        /// 412: it was changed meanwhile.
        precondition_failed = PRECONDITION_FAILED;
        /// 413: too much.
        too_large = PAYLOAD_TOO_LARGE;
        /// 415: not a type we read.
        unsupported_media = UNSUPPORTED_MEDIA_TYPE;
        /// 422: well-formed, but a value is wrong.
        unprocessable = UNPROCESSABLE_ENTITY;
        /// 423: a colleague is at it.
        locked = LOCKED;
        /// 428: say which version you saw.
        precondition_required = PRECONDITION_REQUIRED;
        /// 429: too often.
        too_many = TOO_MANY_REQUESTS;
        /// 503: not now.
        unavailable = SERVICE_UNAVAILABLE;
    }

    /// Adds a member that a program can act on.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.fields.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// Names a field that was refused, and why.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, code: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), code: code.into(), detail: String::new() });
        self
    }

    /// Names a refused field with a text of its own, for what only the parser can say.
    #[must_use]
    pub fn field_text(mut self, pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), code: code.into(), detail: detail.into() });
        self
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        self
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Were fields refused?
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The fields that were refused.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// `Err` with this problem if a field was refused.
    ///
    /// # Errors
    /// The problem itself.
    pub fn or_ok(self) -> Result<(), Self> {
        if self.has_errors() { Err(self) } else { Ok(()) }
    }

    /// The body in a language.
    pub fn body(&self, texts: &Texts, locale: Locale, request_id: &str) -> Value {
        let mut body = Map::new();
        body.insert("type".into(), Value::String(format!("urn:zhanggui:problem:{}", self.code)));
        body.insert("title".into(), Value::String(self.status.canonical_reason().unwrap_or("Error").to_owned()));
        body.insert("status".into(), Value::from(self.status.as_u16()));
        body.insert("code".into(), Value::String(self.code.to_owned()));
        body.insert("detail".into(), Value::String(texts.detail(self.code, locale, &self.fields)));
        body.insert("request_id".into(), Value::String(request_id.to_owned()));
        if !self.errors.is_empty() {
            let errors: Vec<Value> = self
                .errors
                .iter()
                .map(|error| {
                    let detail =
                        if error.detail.is_empty() { texts.detail(&error.code, locale, &self.fields) } else { error.detail.clone() };
                    serde_json::json!({ "pointer": error.pointer, "code": error.code, "detail": detail })
                })
                .collect();
            body.insert("errors".into(), Value::Array(errors));
        }
        for (key, value) in &self.fields {
            body.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Value::Object(body)
    }

    /// What the security of an idempotency key keeps of a refusal whose effects stay.
    pub(crate) fn stored(&self) -> Stored {
        let kept = serde_json::json!({ "problem": self.code, "fields": self.fields, "errors": self.errors });
        Stored { status: self.status.as_u16(), etag: None, location: None, body: Some(kept.to_string()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(stored) = self.replay {
            return crate::answer::replay(*stored);
        }
        let mut response = self.status.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<zg_base::Error> for Problem {
    fn from(error: zg_base::Error) -> Self {
        match error {
            zg_base::Error::Replay(stored) => {
                let mut problem = Self::new(StatusCode::OK, "replayed");
                problem.replay = Some(stored);
                problem
            }
            zg_base::Error::KeyReused => Self::unprocessable("idempotency_key_reused"),
            zg_base::Error::Db(error) => error.into(),
            other => internal(&other),
        }
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no database connection was free in time");
                Self::unavailable("busy").retry_after(1)
            }
            other => internal(&other),
        }
    }
}

fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "a request failed");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

/// The texts of all codes, in both languages.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    by_code: BTreeMap<String, Text>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    zh: String,
    en: String,
}

impl Texts {
    /// Reads one module's `problems.toml`. The same code in two modules, or a
    /// code without both languages, is a fault of the program.
    ///
    /// # Panics
    /// On such a fault.
    pub fn add(&mut self, toml: &str) {
        let texts: BTreeMap<String, Text> = toml::from_str(toml).expect("problems.toml holds `code = { zh = \"…\", en = \"…\" }` lines");
        for (code, text) in texts {
            let before = self.by_code.insert(code.clone(), text);
            assert!(before.is_none(), "the problem code {code} is declared twice");
        }
    }

    /// Is there a text for the code?
    pub fn knows(&self, code: &str) -> bool {
        self.by_code.contains_key(code)
    }

    /// Every code, for the documentation.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.by_code.keys().map(String::as_str)
    }

    /// The text of a code, its `{placeholders}` filled from the problem's members.
    pub fn detail(&self, code: &str, locale: Locale, fields: &Map<String, Value>) -> String {
        let Some(text) = self.by_code.get(code) else { return code.replace('_', " ") };
        let mut text = match locale {
            Locale::ZhCn => text.zh.clone(),
            Locale::En => text.en.clone(),
        };
        for (key, value) in fields {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text = text.replace(&format!("{{{key}}}"), &shown);
        }
        text
    }
}
