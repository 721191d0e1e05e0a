//! One call of a task, and what can be done with it.

use axum::extract::State;
use celery::history;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use zg_base::App;
use zg_web::{Answer, Committed, Json, Path, Result, Staff, View};

use super::calls::{CallRow, CallState};
use super::control;
use crate::Error;

/// A call of a task, with what it was given and what came of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallView {
    #[serde(flatten)]
    call: CallRow,
    /// Arguments by place.
    args: Vec<Value>,
    /// Arguments by name.
    #[schema(value_type = Object)]
    kwargs: Map<String, Value>,
    /// What it returned, if that is kept.
    result: Option<Value>,
    failure: Option<CallFailure>,
}

/// What went wrong last.
#[derive(Serialize, ToSchema)]
struct CallFailure {
    /// The kind of fault.
    kind: String,
    message: String,
    /// Where it happened, for developers.
    traceback: String,
}

impl View for CallView {}

/// How a call is withdrawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeCall {
    /// One that runs is ended as well: at its next step, whatever it has done by then.
    #[serde(default)]
    terminate: bool,
}

/// One call of a task.
#[utoipa::path(get, path = "/admin/queue/tasks/{id}", params(("id" = String, Path)), responses((status = 200, body = CallView)))]
pub(crate) async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Answer<CallView>> {
    let found = history::call(app.read(), &id).await.map_err(Error::from)?.ok_or(Error::CallNotFound)?;
    let failure = found.failure.map(|failure| CallFailure { kind: failure.kind, message: failure.message, traceback: failure.traceback });
    Ok(Answer::ok(CallView { call: found.call.into(), args: found.args, kwargs: found.kwargs, result: found.result, failure }))
}

/// Runs a call again that failed, was withdrawn or was set aside, as if it were new.
#[utoipa::path(post, path = "/admin/queue/tasks/{id}/retry", params(("id" = String, Path)), responses((status = 204)))]
pub(crate) async fn retry(State(app): State<App>, staff: Staff, Path(id): Path<String>) -> Result<Committed<()>> {
    let call = found(&app, &id).await?;
    let tx = app.begin(&staff.actor).await?;
    if !history::run_again(tx.db(), &id, tx.now()).await.map_err(Error::from)? {
        return Err(Error::CallState(call.state.as_str()).into());
    }
    tx.audit("task.retry", "task", 0, Some(told(&call)), None).await?;
    let done = Committed::no_content(tx).await;
    app.queue().wake();
    done
}

/// Withdraws a call that waits; one that runs is ended if `terminate` says so.
#[utoipa::path(post, path = "/admin/queue/tasks/{id}/revoke", params(("id" = String, Path)), request_body = RevokeCall, responses((status = 204)))]
pub(crate) async fn revoke(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(asked): Json<RevokeCall>,
) -> Result<Committed<()>> {
    let call = found(&app, &id).await?;
    let runs = call.state == CallState::Running;
    if runs && asked.terminate {
        control(&app)?.terminate([id.as_str()]).await.map_err(Error::from)?;
    }
    let tx = app.begin(&staff.actor).await?;
    let withdrawn = history::revoke(tx.db(), &id, tx.now()).await.map_err(Error::from)?;
    if !(withdrawn || runs && asked.terminate) {
        return Err(Error::CallState(call.state.as_str()).into());
    }
    tx.audit("task.revoke", "task", 0, Some(told(&call)), Some(json!({ "terminate": asked.terminate }))).await?;
    Committed::no_content(tx).await
}

async fn found(app: &App, id: &str) -> Result<CallRow, Error> {
    Ok(history::call(app.read(), id).await?.ok_or(Error::CallNotFound)?.call.into())
}

fn told(call: &CallRow) -> Value {
    json!({ "id": call.id, "task": call.task, "state": call.state, "error": call.error })
}
