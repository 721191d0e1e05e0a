//! What follows from a task's end: links, the rest of a chain, a chord's body.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Shared;
use crate::broker::Outcome;
use crate::canvas::{Call, Signature};
use crate::error::Error;
use crate::message::Message;
use crate::results::{Chord, ChordPart, Failure, ResultBackend, State, TaskResult};
use crate::run::Ended;

/// What is to be kept and sent because a task ended.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// Its own result.
    pub(super) result: Option<TaskResult>,
    /// Results of calls that now never run.
    pub(super) others: Vec<TaskResult>,
    pub(super) messages: Vec<Message>,
    /// A chord to be forgotten once the messages are sent.
    pub(super) chord: Option<(String, String)>,
}

impl<S> Shared<S> {
    pub(super) async fn following(&self, ended: &Ended, now: DateTime<Utc>) -> Result<Following, Error> {
        let mut following = Following { result: ended.result(now), ..Following::default() };
        let Some(message) = &ended.message else { return Ok(following) };
        match &ended.outcome {
            Outcome::Done(value) => {
                let value = value.as_ref().unwrap_or(&Value::Null);
                self.after_success(message, value, &mut following).await?;
            }
            Outcome::Failed(failure) => self.after_failure(message, failure, State::Failed, &mut following, now).await?,
            Outcome::Revoked(reason) => {
                let failure = Failure::new("TaskRevokedError", reason.as_str());
                self.after_failure(message, &failure, State::Revoked, &mut following, now).await?;
            }
            Outcome::Poison(reason) => {
                let failure = Failure::new("Reject", reason.as_str());
                self.after_failure(message, &failure, State::Failed, &mut following, now).await?;
            }
            Outcome::Retry { .. } | Outcome::Release(_) => {}
        }
        if let Some(result) = &mut following.result {
            result.children = following.messages.iter().map(|message| message.headers.id.clone()).collect();
        }
        Ok(following)
    }

    async fn after_success(&self, message: &Message, value: &Value, following: &mut Following) -> Result<(), Error> {
        let embed = &message.body.embed;
        for link in embed.callbacks.iter().flatten() {
            self.send_on(message, link, Some(value), Vec::new(), following).await?;
        }
        if let Some((next, rest)) = embed.chain.as_deref().and_then(<[Value]>::split_last) {
            self.send_on(message, next, Some(value), rest.to_vec(), following).await?;
        }
        self.end_part(message, Ok(value), following).await
    }

    async fn after_failure(
        &self,
        message: &Message,
        failure: &Failure,
        state: State,
        following: &mut Following,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let embed = &message.body.embed;
        let id = Value::from(message.headers.id.as_str());
        for link in embed.errbacks.iter().flatten() {
            self.send_on(message, link, Some(&id), Vec::new(), following).await?;
        }
        // What would have come after it fails with it, so that nobody waits for that in vain.
        for step in embed.chain.iter().flatten() {
            if let Some(id) = step.pointer("/options/task_id").and_then(Value::as_str) {
                following.others.push(TaskResult { failure: Some(failure.clone()), finished_at: Some(now), ..TaskResult::new(id, state) });
            }
            let option = |name: &str| step.get("options").and_then(|options| options.get(name));
            if let (Some(chord), Some(group)) = (option("chord"), option("group_id").and_then(Value::as_str)) {
                let index = option("group_index").and_then(Value::as_u64);
                let id = option("task_id").and_then(Value::as_str).unwrap_or_default();
                self.tell(message, chord, &ChordPart { group, id, index, ended: Err(failure) }, following).await?;
            }
        }
        self.end_part(message, Err(failure), following).await
    }

    async fn end_part(&self, message: &Message, ended: Result<&Value, &Failure>, following: &mut Following) -> Result<(), Error> {
        let (Some(chord), Some(group)) = (&message.body.embed.chord, &message.headers.group) else { return Ok(()) };
        let part = ChordPart { group, id: &message.headers.id, index: message.headers.group_index, ended };
        self.tell(message, chord, &part, following).await
    }

    /// Tells a chord that one of its parts has ended; sends the body if it was the last.
    async fn tell(&self, message: &Message, chord: &Value, part: &ChordPart<'_>, following: &mut Following) -> Result<(), Error> {
        let Some(backend) = &self.parts.results else {
            tracing::error!(id = message.headers.id, "a chord's part ended here, but this worker has no result backend");
            return Ok(());
        };
        match ResultBackend::end_part(&**backend, part).await? {
            Chord::Waiting => {}
            Chord::Ready { results, token } => {
                following.chord = Some((part.group.to_owned(), token));
                self.send_on(message, chord, Some(&Value::from(results)), Vec::new(), following).await?;
            }
            Chord::Failed { id, failure, token } => {
                following.chord = Some((part.group.to_owned(), token));
                let body = chord.pointer("/options/task_id").and_then(Value::as_str);
                let failure = Failure::new("ChordError", format!("Dependency {id} raised {}", failure.repr()));
                if let Some(body) = body {
                    following.others.push(TaskResult {
                        failure: Some(failure),
                        finished_at: Some(self.parts.clock.now()),
                        ..TaskResult::new(body, State::Failed)
                    });
                }
                let errbacks = chord.pointer("/options/link_error").cloned();
                let errbacks = errbacks.map(|links| if links.is_array() { links } else { Value::from(vec![links]) });
                for link in errbacks.as_ref().and_then(Value::as_array).into_iter().flatten() {
                    let id = body.map(Value::from);
                    self.send_on(message, link, id.as_ref(), Vec::new(), following).await?;
                }
            }
        }
        Ok(())
    }

    async fn send_on(
        &self,
        message: &Message,
        signature: &Value,
        result: Option<&Value>,
        chain: Vec<Value>,
        following: &mut Following,
    ) -> Result<(), Error> {
        let headers = &message.headers;
        let call = Call {
            result,
            parent: Some(&headers.id),
            root: headers.root_id.as_deref().or(Some(&headers.id)),
            chain,
            ..Call::new(self.parts.clock.now(), self.parts.client.origin(), self.parts.client.routes())
        };
        match Signature::read(signature).and_then(|signature| call.plan(signature)) {
            Ok(plan) => {
                self.parts.client.begin_chords(&plan).await?;
                following.messages.extend(plan.messages);
            }
            // The task itself has ended; a follower that nobody can read must not undo that.
            Err(error) => tracing::error!(id = headers.id, %error, "what follows a task cannot be sent"),
        }
        Ok(())
    }
}
