//! The worker as a node of remote control: it hears commands, obeys, and answers; it says that it
//! is there.
//!
//! The commands and the shapes of their answers are those of Celery's worker
//! (`celery/worker/control.py`, version 5.7). What this worker cannot do it refuses with the reason,
//! and what it does not know it answers with the error Python would raise.

mod change;
mod look;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{Shared, pause};
use crate::bus::{Command, Reply, ask};
use crate::control::patterns;
use crate::events::Eventer;

/// How long a worker that starts waits for what the others know, as Celery's do.
const MINGLE: Duration = Duration::from_secs(1);

/// How long a worker's start waits for its bus at most.
const START: Duration = Duration::from_secs(3);

/// How long a worker's end waits for each part of its bus at most.
const GOODBYE: Duration = Duration::from_secs(3);

/// What runs beside a worker that has a bus.
pub(super) struct Station {
    end: CancellationToken,
    last_events: CancellationToken,
    parts: Vec<tokio::task::JoinHandle<()>>,
}

impl Station {
    /// Listens, learns from the others what was revoked, and says that it is there.
    pub(super) async fn open<S: Clone + Send + Sync + 'static>(shared: &Arc<Shared<S>>) -> Self {
        // Made first: whoever drops the wait below ends what was started.
        let mut station = Self { end: CancellationToken::new(), last_events: CancellationToken::new(), parts: Vec::new() };
        let Some(eventer) = &shared.eventer else { return station };
        let (end, heard) = (&station.end, CancellationToken::new());
        station.parts = vec![
            tokio::spawn(Arc::clone(eventer).run(station.last_events.clone())),
            tokio::spawn(listen(Arc::clone(shared), Arc::clone(eventer), heard.clone(), end.clone())),
            tokio::spawn(beat(Arc::clone(shared), Arc::clone(eventer), end.clone())),
        ];
        let start = async {
            heard.cancelled().await;
            shared.mingle(eventer).await;
        };
        if tokio::time::timeout(START, start).await.is_err() {
            tracing::warn!("the bus is not there yet; the worker starts without having asked the others what was revoked");
        }
        station
    }

    /// Says that the worker goes, and lets go.
    pub(super) async fn close<S>(mut self, shared: &Shared<S>) {
        self.end.cancel();
        if let Some(eventer) = &shared.eventer {
            eventer.tell("worker-offline", shared.pulse());
        }
        self.last_events.cancel();
        for mut part in self.parts.drain(..) {
            match tokio::time::timeout(GOODBYE, &mut part).await {
                Ok(ended) => super::finished(ended),
                // A command that is still being carried out, or a bus that is gone.
                Err(_) => part.abort(),
            }
        }
    }
}

impl Drop for Station {
    /// Also when the worker's future is dropped.
    fn drop(&mut self) {
        self.end.cancel();
        for part in &self.parts {
            part.abort();
        }
    }
}

/// Says each 2 seconds that the worker is there.
async fn beat<S: Clone + Send + Sync + 'static>(shared: Arc<Shared<S>>, eventer: Arc<Eventer>, end: CancellationToken) {
    eventer.tell("worker-online", shared.pulse());
    let Some(seconds) = shared.parts.settings.heartbeat else { return };
    let mut ticks = tokio::time::interval(Duration::from_secs(seconds.into()));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    while let Some(_tick) = end.run_until_cancelled(ticks.tick()).await {
        eventer.tell("worker-heartbeat", shared.pulse());
    }
}

/// Hears commands; after a lost connection, anew.
async fn listen<S: Clone + Send + Sync + 'static>(
    shared: Arc<Shared<S>>,
    eventer: Arc<Eventer>,
    heard: CancellationToken,
    end: CancellationToken,
) {
    let name = &shared.parts.settings.name;
    let mut failures = 0;
    while !end.is_cancelled() {
        match end.run_until_cancelled(eventer.bus().commands(name)).await {
            None => return,
            Some(Ok(mut commands)) => {
                failures = 0;
                heard.cancel();
                while let Some(Some(command)) = end.run_until_cancelled(commands.next()).await {
                    shared.hear(&eventer, command).await;
                }
                if !end.is_cancelled() {
                    tracing::warn!(worker = name, "the connection for remote control is lost; listening anew");
                }
            }
            Some(Err(error)) => tracing::warn!(worker = name, %error, "remote control cannot be heard; trying again"),
        }
        let wait = pause(&mut failures);
        let _ = tokio::time::timeout(wait, end.cancelled()).await;
    }
}

impl<S: Clone + Send + Sync + 'static> Shared<S> {
    /// Asks the other workers what was revoked and what time they have, and tells them the same.
    async fn mingle(&self, eventer: &Eventer) {
        if !eventer.bus().mingles() {
            return;
        }
        let arguments = [
            ("from_node".to_owned(), Value::from(self.parts.settings.name.as_str())),
            ("revoked".to_owned(), self.parts.revoked.all().into()),
        ];
        let mut hello = Command::new("hello", Map::from_iter(arguments));
        hello.clock = eventer.lamport.forward();
        match ask(&**eventer.bus(), hello, MINGLE, None).await {
            Ok(replies) => {
                for reply in replies {
                    self.parts.revoked.add(ids(reply.value.get("revoked")).iter().map(String::as_str));
                    eventer.lamport.adjust(reply.value.get("clock").and_then(Value::as_u64).unwrap_or(0));
                }
            }
            Err(error) => tracing::warn!(%error, "the other workers cannot be asked what was revoked"),
        }
    }

    async fn hear(&self, eventer: &Eventer, command: Command) {
        let name = &self.parts.settings.name;
        eventer.lamport.adjust(command.clock);
        match is_for(name, &command) {
            Ok(true) => {}
            Ok(false) => return,
            Err(reason) => {
                tracing::warn!(method = command.method, reason, "a command's pattern cannot be used; it is passed over");
                return;
            }
        }
        tracing::debug!(method = command.method, "remote control");
        let answer = self.obey(eventer, &command.method, &Arguments(&command.arguments)).await;
        let value = match answer {
            Ok(Answer::Say(value)) => value,
            Ok(Answer::Nothing) => return,
            Err(reason) => {
                tracing::warn!(method = command.method, reason, "a command of remote control was refused");
                json!({"error": reason})
            }
        };
        if let Some(to) = &command.reply_to {
            let reply = Reply { node: name.clone(), value, ticket: command.ticket, clock: eventer.lamport.forward() };
            if let Err(error) = eventer.bus().answer(to, &reply).await {
                tracing::warn!(%error, method = command.method, "a command could not be answered");
            }
        }
    }

    async fn obey(&self, eventer: &Eventer, method: &str, given: &Arguments<'_>) -> Result<Answer, String> {
        let said = match method {
            "ping" => ok("pong"),
            "active" | "dump_active" => self.active_calls(given.flag("safe")),
            "reserved" | "dump_reserved" => self.reserved_calls(),
            "scheduled" | "dump_schedule" => self.scheduled_calls(),
            "revoked" | "dump_revoked" => self.parts.revoked.all().into(),
            "stats" => self.stats(eventer),
            "registered" | "dump_tasks" => self.registered(&given.list("taskinfoitems")),
            "active_queues" => self.active_queues(),
            "conf" | "dump_conf" => self.conf(eventer),
            "query_task" => self.query(&given.list("ids")),
            "report" => ok(self.report()),
            "clock" => json!({"clock": eventer.lamport.now()}),
            "hello" => self.hello(eventer, given),
            "revoke" => self.revoke(&given.list("task_id"), given.flag("terminate")).await,
            "terminate" => self.revoke(&given.list("task_id"), true).await,
            "rate_limit" => self.rate_limit(given)?,
            "time_limit" => self.time_limit(given)?,
            "pool_grow" => self.pool_grow(given)?,
            "pool_shrink" => self.pool_shrink(given)?,
            "add_consumer" => self.add_consumer(given)?,
            "cancel_consumer" => self.cancel_consumer(given)?,
            "enable_events" if eventer.tell_tasks(true) => ok("task events enabled"),
            "enable_events" => ok("task events already enabled"),
            "disable_events" if eventer.tell_tasks(false) => ok("task events disabled"),
            "disable_events" => ok("task events already disabled"),
            "heartbeat" => {
                eventer.tell("worker-heartbeat", self.pulse());
                Value::Null
            }
            "shutdown" => {
                tracing::warn!(worker = self.parts.settings.name, "shutdown by remote control");
                self.stop.cancel();
                // As Celery's worker: who is going does not answer.
                return Ok(Answer::Nothing);
            }
            // Sent among Python's workers to agree on one of them; nothing here asks for that.
            "election" => return Ok(Answer::Nothing),
            refused => return Err(change::refusal(refused)),
        };
        Ok(Answer::Say(said))
    }

    fn hello(&self, eventer: &Eventer, given: &Arguments<'_>) -> Value {
        if given.text("from_node") == Some(self.parts.settings.name.as_str()) {
            return Value::Null;
        }
        self.parts.revoked.add(given.list("revoked").iter().map(String::as_str));
        json!({"revoked": self.parts.revoked.all(), "clock": eventer.lamport.forward()})
    }
}

/// What a command is answered with.
enum Answer {
    Say(Value),
    Nothing,
}

fn ok(said: impl Into<Value>) -> Value {
    json!({"ok": said.into()})
}

/// Whether a command is for this worker.
fn is_for(name: &str, command: &Command) -> Result<bool, String> {
    match (&command.destination, &command.pattern, &command.matcher) {
        (Some(nodes), ..) if !nodes.is_empty() => Ok(nodes.iter().any(|node| node == name)),
        (_, Some(pattern), Some(matcher)) if !pattern.is_empty() => patterns::fits(name, pattern, matcher),
        _ => Ok(true),
    }
}

/// Ids in a list, or as the keys of a map, or one alone.
fn ids(given: Option<&Value>) -> Vec<String> {
    match given {
        Some(Value::String(id)) => vec![id.clone()],
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::Object(ids)) => ids.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The arguments of a command.
struct Arguments<'a>(&'a Map<String, Value>);

impl Arguments<'_> {
    /// What Python holds for true: Flower sends 1.
    fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(map)) => !map.is_empty(),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn list(&self, name: &str) -> Vec<String> {
        ids(self.0.get(name))
    }

    fn need(&self, name: &str) -> Result<&str, String> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| format!("TypeError(\"the argument '{name}' is missing\")"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_what_python_holds_for_true() {
        let flag = |value: Value| Arguments(&Map::from_iter([("it".to_owned(), value)])).flag("it");
        assert!(flag(json!(true)) && flag(json!(1)) && flag(json!("yes")));
        assert!(!flag(json!(false)) && !flag(json!(0)) && !flag(json!("")) && !flag(json!([])) && !flag(Value::Null));
    }

    #[test]
    fn a_destination_goes_before_a_pattern() {
        let all = Command::new("ping", Map::new());
        let pattern = |pattern: &str| Command { pattern: Some(pattern.to_owned()), matcher: Some("glob".to_owned()), ..all.clone() };
        let named = Command { destination: Some(vec!["a@x".to_owned()]), ..pattern("b@*") };
        assert_eq!(is_for("a@x", &all), Ok(true));
        assert_eq!((is_for("a@x", &pattern("a@*")), is_for("b@x", &pattern("a@*"))), (Ok(true), Ok(false)));
        assert_eq!((is_for("a@x", &named), is_for("b@x", &named)), (Ok(true), Ok(false)));
        assert!(is_for("a@x", &Command { matcher: Some("sql".to_owned()), ..pattern("a") }).is_err());
    }
}
