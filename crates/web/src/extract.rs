//! Parsing at the edge: a handler gets values, or the caller gets a problem.

use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::Problem;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json"));
        if !json {
            return Err(Problem::unsupported_media("json_expected"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|refused| {
            if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large("body_too_large")
            } else {
                Problem::bad_request("body_broken")
            }
        })?;
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let pointer = pointer(error.path());
            let inner = error.into_inner();
            if inner.is_data() {
                Problem::unprocessable("invalid").field_text(pointer, "invalid_value", inner.to_string())
            } else {
                Problem::bad_request("json_broken").with("at", format!("{}:{}", inner.line(), inner.column()))
            }
        })?;
        deserializer.end().map_err(|_| Problem::bad_request("json_broken").with("at", "end"))?;
        Ok(Self(value))
    }
}

/// A JSON body that may be left out: `Option<Json<T>>`.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await.map_err(|refused| {
            if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large("body_too_large")
            } else {
                Problem::bad_request("body_broken")
            }
        })?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let whole = Request::from_parts(parts, axum::body::Body::from(bytes));
        <Self as FromRequest<S>>::from_request(whole, state).await.map(Some)
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// The query, of which every parameter must be known.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // `locale` belongs to every route; empty parameters are as good as absent.
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
            .map_err(|_| Problem::bad_request("query_invalid").with("parameter", "?"))?;
        let pairs: Vec<(String, String)> = pairs.into_iter().filter(|(key, value)| key != "locale" && !value.is_empty()).collect();
        let text = serde_urlencoded::to_string(&pairs).map_err(|_| Problem::bad_request("query_invalid").with("parameter", "?"))?;
        let mut unknown = None;
        let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
        let mut track = |path: serde_ignored::Path<'_>| unknown = Some(path.to_string());
        let value: T = serde_path_to_error::deserialize(serde_ignored::Deserializer::new(deserializer, &mut track)).map_err(|error| {
            let parameter = error.path().to_string();
            Problem::bad_request("query_invalid").with("parameter", parameter).with("reason", error.into_inner().to_string())
        })?;
        match unknown {
            Some(parameter) => Err(Problem::bad_request("query_unknown").with("parameter", parameter)),
            None => Ok(Self(value)),
        }
    }
}

/// The parts of the path. One that does not parse names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found("not_found")),
        }
    }
}

/// The version the caller saw, from `If-Match`. Missing is 428.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
            .description(Some("The version that was seen: its `ETag`."));
        vec![header.build()]
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Problem::precondition_required("if_match_required"));
        };
        let version = value.to_str().ok().and_then(|text| crate::compress::opaque(text).parse().ok());
        version.map(Self).ok_or_else(|| Problem::precondition_failed("changed"))
    }
}
