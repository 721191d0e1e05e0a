//! What a form sent. Its token was checked before ([`crate::shell`]).

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use zg_web::Problem;

use crate::page::Page;

/// The fields of a form.
pub(crate) struct Form<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Problem::bad_request("body_broken"))?;
        serde_urlencoded::from_bytes(&bytes).map(Self).map_err(|_| Problem::bad_request("form_broken"))
    }
}

/// What was wrong with a form, by the name of the field.
pub(crate) fn errors(page: &Page, problem: &Problem) -> BTreeMap<String, String> {
    let worded = page.word(problem);
    let Ok(list) = worded.get_attr("errors").and_then(|errors| errors.try_iter().map(Iterator::collect::<Vec<_>>)) else {
        return BTreeMap::new();
    };
    let text = |error: &minijinja::Value, name: &str| error.get_attr(name).ok().map(|value| value.to_string()).unwrap_or_default();
    list.iter()
        .map(|error| {
            let pointer = text(error, "pointer");
            (pointer.rsplit('/').next().unwrap_or_default().to_owned(), text(error, "detail"))
        })
        .collect()
}
