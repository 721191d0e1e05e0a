//! Commands that only look (`celery inspect`).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Shared;
use crate::control::rates;
use crate::events::{Eventer, machine, seconds};
use crate::registry::Entry;
use crate::worker::Held;
use crate::worker::held::Phase;

impl<S: Clone + Send + Sync + 'static> Shared<S> {
    /// What is in hand, the oldest first.
    pub(super) fn in_hand(&self) -> Vec<Arc<Held>> {
        self.hand().values().filter(|held| held.message.is_some()).map(Arc::clone).collect()
    }

    fn calls_in(&self, phase: Phase, safe: bool) -> Value {
        self.in_hand().iter().filter(|held| held.phase() == phase).map(|held| self.call(held, safe)).collect()
    }

    /// A call as `Request.info()` tells it. `safe`: the arguments as text.
    fn call(&self, held: &Held, safe: bool) -> Value {
        let Some(message) = &held.message else { return Value::Null };
        let headers = &message.headers;
        let started = held.started();
        let (args, kwargs) = if safe {
            (headers.argsrepr.as_str().into(), headers.kwargsrepr.as_str().into())
        } else {
            (Value::from(message.body.args.clone()), Value::from(message.body.kwargs.clone()))
        };
        json!({
            "id": headers.id,
            "name": headers.task,
            "args": args,
            "kwargs": kwargs,
            "type": headers.task,
            "hostname": self.parts.settings.name,
            "time_start": started.map(seconds),
            "acknowledged": held.acknowledged(),
            "delivery_info": {
                "exchange": "",
                "routing_key": message.queue,
                "priority": message.properties.priority,
                "redelivered": held.redelivered,
            },
            "worker_pid": started.map(|_| std::process::id()),
        })
    }

    pub(super) fn active_calls(&self, safe: bool) -> Value {
        self.calls_in(Phase::Active, safe)
    }

    pub(super) fn reserved_calls(&self) -> Value {
        self.calls_in(Phase::Reserved, false)
    }

    pub(super) fn scheduled_calls(&self) -> Value {
        let waiting = self.in_hand();
        let waiting = waiting.iter().filter(|held| held.phase() == Phase::Scheduled);
        waiting
            .map(|held| {
                let eta = held.message.as_ref().and_then(|message| message.headers.eta);
                // 6 is the priority that Celery's timer gives to all of them.
                json!({"eta": eta.map(|eta| eta.to_rfc3339()), "priority": 6, "request": self.call(held, false)})
            })
            .collect()
    }

    pub(super) fn query(&self, ids: &[String]) -> Value {
        let found = self.in_hand().into_iter().filter_map(|held| {
            let id = held.id().filter(|id| ids.iter().any(|wanted| wanted == id))?.to_owned();
            let phase = match held.phase() {
                Phase::Active => "active",
                Phase::Reserved => "reserved",
                Phase::Scheduled => "scheduled",
                Phase::Ready => "ready",
            };
            Some((id, json!([phase, self.call(&held, false)])))
        });
        Value::Object(found.collect())
    }

    pub(super) fn registered(&self, items: &[String]) -> Value {
        let default = ["rate_limit".to_owned()];
        let items = if items.is_empty() { &default[..] } else { items };
        let line = |entry: &Entry<S>| {
            let shown = items.iter().filter_map(|item| self.attribute(entry, item).map(|value| format!("{item}={value}")));
            let shown: Vec<String> = shown.collect();
            if shown.is_empty() { entry.name.to_owned() } else { format!("{} [{}]", entry.name, shown.join(" ")) }
        };
        self.parts.registry.entries().map(line).collect()
    }

    /// What Celery calls an attribute of a task, as Python writes it.
    fn attribute(&self, entry: &Entry<S>, name: &str) -> Option<String> {
        let policy = &entry.policy;
        let live = self.live.get(entry.name)?;
        let limits = live.limits(crate::message::TimeLimit::default());
        let flag = |flag: bool| Some(if flag { "True" } else { "False" }.to_owned());
        match name {
            "name" => Some(entry.name.to_owned()),
            "rate_limit" => live.rate().map(rates::write),
            "time_limit" => limits.hard.map(|limit| limit.as_secs_f64().to_string()),
            "soft_time_limit" => limits.soft.map(|limit| limit.as_secs_f64().to_string()),
            "max_retries" => Some(policy.max_retries.to_string()),
            "queue" => Some(policy.queue.to_owned()),
            "priority" => Some(policy.priority.to_string()),
            "serializer" => Some("json".to_owned()),
            "acks_late" => flag(self.parts.settings.acks_late.unwrap_or(policy.acks_late)),
            "ignore_result" => flag(policy.ignore_result),
            "track_started" => flag(policy.track_started),
            _ => None,
        }
    }

    pub(super) fn active_queues(&self) -> Value {
        self.queues.borrow().iter().map(|queue| queue_of(queue)).collect()
    }

    pub(super) fn stats(&self, eventer: &Eventer) -> Value {
        let total = self.parts.registry.entries().filter_map(|entry| {
            let started = self.live.get(entry.name)?.started();
            (0 < started).then(|| (entry.name.to_owned(), Value::from(started)))
        });
        let concurrency = self.pool.concurrency();
        json!({
            "total": Value::Object(total.collect()),
            "pid": std::process::id(),
            "clock": eventer.lamport.now().to_string(),
            "uptime": self.since.elapsed().as_secs(),
            "pool": {
                "implementation": "celery (Rust): tasks of Tokio",
                "max-concurrency": concurrency,
                "processes": [std::process::id()],
                "max-tasks-per-child": "N/A",
                "put-guarded-by-semaphore": true,
                "timeouts": [0, 0],
                "writes": "N/A",
            },
            "broker": self.broker(),
            "prefetch_count": self.pool.window(),
            "rusage": machine::usage(),
        })
    }

    fn broker(&self) -> Value {
        let broker = &self.parts.broker;
        let address = broker.address();
        let (scheme, rest) = address.split_once("://").unwrap_or((broker.kind(), ""));
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (user.split(':').next(), place));
        let (host, path) = place.split_once('/').unwrap_or((place, ""));
        let (host, port) = host.rsplit_once(':').map_or((host, None), |(host, port)| (host, port.parse::<u16>().ok()));
        json!({
            "transport": broker.kind(),
            "hostname": host,
            "port": port,
            "userid": user.filter(|user| !user.is_empty()),
            "virtual_host": path,
            "ssl": scheme.ends_with('s') && scheme != broker.kind(),
            "connect_timeout": 5,
            "heartbeat": null,
            "insist": false,
            "login_method": null,
            "transport_options": {},
            "uri_prefix": null,
        })
    }

    pub(super) fn conf(&self, eventer: &Eventer) -> Value {
        let settings = &self.parts.settings;
        let concurrency = self.pool.concurrency();
        let per_place = settings.prefetch.checked_div(concurrency).unwrap_or(0).saturating_add(1);
        json!({
            "broker_url": self.parts.broker.address(),
            "result_backend": if self.parts.results.is_some() { "there is one" } else { "disabled://" },
            "task_default_queue": crate::policy::DEFAULT_QUEUE,
            "task_serializer": "json",
            "result_serializer": "json",
            "accept_content": ["json"],
            "enable_utc": true,
            "timezone": "UTC",
            "task_acks_late": settings.acks_late,
            "worker_concurrency": concurrency,
            "worker_prefetch_multiplier": per_place,
            "worker_send_task_events": eventer.tells_tasks(),
            "visibility_timeout": settings.lease.as_secs_f64(),
            "worker_soft_shutdown_timeout": settings.grace.as_secs_f64(),
            "max_deliveries": settings.max_deliveries,
            "polling_interval": settings.poll.as_secs_f64(),
        })
    }

    pub(super) fn report(&self) -> String {
        let [(_, program), (_, version), (_, system)] = machine::software();
        let settings = &self.parts.settings;
        format!(
            "\nsoftware -> {program}:{version} rust\nplatform -> system:{system} arch:{}\nsettings -> transport:{} worker:{} queues:{}\n",
            std::env::consts::ARCH,
            self.parts.broker.kind(),
            settings.name,
            self.queues.borrow().join(","),
        )
    }
}

/// A queue as Celery describes one that it declared with its defaults.
fn queue_of(name: &str) -> Value {
    let mut queue = Map::from_iter([
        ("name".to_owned(), Value::from(name)),
        ("routing_key".to_owned(), Value::from(name)),
        ("durable".to_owned(), Value::from(true)),
        ("bindings".to_owned(), json!([])),
    ]);
    queue.insert(
        "exchange".to_owned(),
        json!({
            "name": name, "type": "direct", "arguments": null, "durable": true, "passive": false,
            "auto_delete": false, "delivery_mode": null, "no_declare": false,
        }),
    );
    for not in ["exclusive", "auto_delete", "no_ack"] {
        queue.insert(not.to_owned(), Value::from(false));
    }
    let nothing = [
        "queue_arguments",
        "binding_arguments",
        "consumer_arguments",
        "alias",
        "no_declare",
        "expires",
        "message_ttl",
        "max_length",
        "max_length_bytes",
        "max_priority",
    ];
    for nothing in nothing {
        queue.insert(nothing.to_owned(), Value::Null);
    }
    Value::Object(queue)
}
