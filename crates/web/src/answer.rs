//! Answers: reads with a version, and writes that only a commit makes.

use std::marker::PhantomData;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use zg_base::{Stored, Tx};

use crate::{Problem, Result};

/// What leaves through the API.
pub trait View: Serialize {
    /// The row's version, which becomes the `ETag`.
    fn version(&self) -> Option<i64> {
        None
    }
}

impl View for () {}

/// The answer to a read.
#[derive(Debug)]
pub struct Answer<T> {
    body: T,
    version: Option<i64>,
}

impl<T: Serialize> Answer<T> {
    /// 200 with a body.
    pub fn ok(body: T) -> Self {
        Self { body, version: None }
    }

    /// With a version, as `ETag`: a reader that has it is answered 304.
    #[must_use]
    pub fn etag(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.body) {
            Ok(json) => build(StatusCode::OK, self.version.map(etag), None, Some(json.into())),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an answer could not be written as JSON");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").into_response()
            }
        }
    }
}

/// The answer to a write: only committing makes one, and it is kept under the
/// request's idempotency key in the same transaction.
#[derive(Debug)]
pub struct Committed<T> {
    answer: Stored,
    problem: Option<Problem>,
    cookies: Vec<HeaderValue>,
    body: PhantomData<fn() -> T>,
}

impl<T: View> Committed<T> {
    /// 200: done, and this is how it stands now.
    ///
    /// # Errors
    /// If the commit fails: then nothing was done.
    pub async fn ok(tx: Tx, body: T) -> Result<Self> {
        Self::commit(tx, StatusCode::OK, None, Some(&body)).await
    }

    /// 201: made, and found at `location` (below `/api/v1`).
    ///
    /// # Errors
    /// If the commit fails.
    pub async fn created(tx: Tx, body: T, location: &str) -> Result<Self> {
        Self::commit(tx, StatusCode::CREATED, Some(format!("/api/v1{location}")), Some(&body)).await
    }

    /// 202: accepted, a job does it; `location` is where it is watched.
    ///
    /// # Errors
    /// If the commit fails.
    pub async fn accepted(tx: Tx, body: T, location: &str) -> Result<Self> {
        Self::commit(tx, StatusCode::ACCEPTED, Some(format!("/api/v1{location}")), Some(&body)).await
    }

    /// 204: done, and there is nothing to say.
    ///
    /// # Errors
    /// If the commit fails.
    pub async fn no_content(tx: Tx) -> Result<Self> {
        Self::commit(tx, StatusCode::NO_CONTENT, None, None).await
    }

    /// A refusal whose effects stay: a failed sign-in's count.
    ///
    /// # Errors
    /// If the commit fails.
    pub async fn problem(tx: Tx, problem: Problem) -> Result<Self> {
        let answer = problem.stored();
        tx.store_answer(&answer).await?;
        tx.commit().await?;
        Ok(Self { answer, problem: Some(problem), cookies: Vec::new(), body: PhantomData })
    }

    /// Sets a cookie with the answer (see [`crate::session_cookie`]). A replayed answer sets none.
    #[must_use]
    pub fn cookie(mut self, cookie: HeaderValue) -> Self {
        self.cookies.push(cookie);
        self
    }

    async fn commit(tx: Tx, status: StatusCode, location: Option<String>, body: Option<&T>) -> Result<Self> {
        let etag = body.and_then(View::version).map(etag);
        let body = body.map(serde_json::to_string).transpose().map_err(zg_base::Error::from)?;
        let answer = Stored { status: status.as_u16(), etag, location, body };
        tx.store_answer(&answer).await?;
        tx.commit().await?;
        Ok(Self { answer, problem: None, cookies: Vec::new(), body: PhantomData })
    }
}

impl<T> IntoResponse for Committed<T> {
    fn into_response(self) -> Response {
        let mut response = match self.problem {
            Some(problem) => problem.into_response(),
            None => stored(self.answer),
        };
        for cookie in self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// A file that is the answer: a CSV of a report, a stored picture.
#[derive(Debug)]
pub struct Attachment {
    /// Media type.
    pub media_type: &'static str,
    /// The name it is saved under.
    pub name: String,
    /// The content.
    pub body: Body,
}

impl IntoResponse for Attachment {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        let name: String = self.name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }
}

/// The `ETag` of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// An answer given before, given again.
pub(crate) fn replay(answer: Stored) -> Response {
    let mut response = if answer.status >= 400 { refused_before(&answer) } else { stored(answer) };
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

fn refused_before(answer: &Stored) -> Response {
    let body: serde_json::Value = answer.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CONFLICT);
    // Codes are static texts; a stored one is looked up by leaking nothing: the
    // few that may be stored are named here.
    let code = match body.get("problem").and_then(serde_json::Value::as_str) {
        Some("sign_in_failed") => "sign_in_failed",
        Some("second_factor_required") => "second_factor_required",
        Some("too_many_attempts") => "too_many_attempts",
        _ => "refused_before",
    };
    Problem::new(status, code).into_response()
}

fn stored(answer: Stored) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    build(status, answer.etag, answer.location, answer.body.map(Body::from))
}

fn build(status: StatusCode, etag: Option<String>, location: Option<String>, body: Option<Body>) -> Response {
    let json = body.is_some();
    let mut response = Response::new(body.unwrap_or_default());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if json {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in [(header::ETAG, etag), (header::LOCATION, location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}
