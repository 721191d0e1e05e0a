//! A sender with a fixed command line, for anybody to test against.
//!
//! ```text
//! conformance_producer --broker URL --backend URL --queue NAME [--max-priority N] COMMAND
//!     send TASK --args JSON --kwargs JSON [--countdown S] [--eta ISO] [--expires S] [--priority P] [--wait S] [--repeat N]
//!     chain JSON [--wait S]       group JSON [--wait S]       chord JSON [--wait S]
//!     beat SCHEDULE.json SECONDS
//! ```
//!
//! It prints one line of JSON: `{"id","state","result"}`, for a group with `"children"`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use celery::{
    Beat, BrokerOptions, CancellationToken, Client, Clock, Crontab, FileBeatStore, Options, ResultBackend, Schedule, Signature, State,
    open_broker, open_bus, open_results,
};
use clap::{Parser, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A sender to test against.
#[derive(Parser)]
struct Args {
    /// Where messages go
    #[arg(long)]
    broker: String,
    /// Where results come from
    #[arg(long)]
    backend: String,
    /// The queue of calls that name none
    #[arg(long)]
    queue: String,
    /// Declare RabbitMQ's queues with priorities up to this
    #[arg(long)]
    max_priority: Option<u8>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send one call
    Send(Send),
    /// Send calls one after the other, each with the result of the one before
    Chain(Calls),
    /// Send calls at once
    Group(Calls),
    /// Send calls at once, and another one with their results
    Chord(Calls),
    /// Send by a schedule
    Beat {
        /// A file in JSON
        schedule: String,
        /// For how long
        seconds: f64,
    },
}

#[derive(clap::Args)]
struct Send {
    /// The task's name
    task: String,
    /// A list in JSON
    #[arg(long, default_value = "[]")]
    args: String,
    /// An object in JSON
    #[arg(long, default_value = "{}")]
    kwargs: String,
    /// Not before so many seconds have passed
    #[arg(long)]
    countdown: Option<f64>,
    /// Not before then
    #[arg(long)]
    eta: Option<String>,
    /// Not after so many seconds
    #[arg(long)]
    expires: Option<f64>,
    /// 0 to 9
    #[arg(long)]
    priority: Option<u8>,
    /// For how many seconds to wait for the result
    #[arg(long)]
    wait: Option<f64>,
    /// How often to send it
    #[arg(long, default_value_t = 1)]
    repeat: u32,
}

#[derive(clap::Args)]
struct Calls {
    /// The calls in JSON
    calls: String,
    /// For how many seconds to wait for the result
    #[arg(long)]
    wait: Option<f64>,
}

/// A call, as the command line describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    task: String,
    #[serde(default)]
    args: Vec<Value>,
    #[serde(default)]
    kwargs: Map<String, Value>,
    queue: Option<String>,
    #[serde(default)]
    immutable: bool,
}

impl Call {
    fn signature(self, queue: &str) -> Signature {
        let signature = Signature::named(self.task).args(self.args).kwargs(self.kwargs).queue(self.queue.as_deref().unwrap_or(queue));
        if self.immutable { signature.immutable() } else { signature }
    }
}

#[derive(Deserialize)]
struct Chord {
    header: Vec<Call>,
    body: Call,
}

/// An entry of a schedule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    task: String,
    #[serde(default)]
    args: Vec<Value>,
    #[serde(default)]
    kwargs: Map<String, Value>,
    queue: Option<String>,
    schedule: When,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum When {
    Seconds(f64),
    Crontab { crontab: Fields },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default = "any")]
    minute: Value,
    #[serde(default = "any")]
    hour: Value,
    #[serde(default = "any")]
    day_of_month: Value,
    #[serde(default = "any")]
    month_of_year: Value,
    #[serde(default = "any")]
    day_of_week: Value,
}

fn any() -> Value {
    "*".into()
}

impl When {
    fn schedule(self) -> anyhow::Result<Schedule> {
        match self {
            Self::Seconds(seconds) => Ok(Schedule::Every(Duration::try_from_secs_f64(seconds)?)),
            Self::Crontab { crontab } => {
                let fields = [crontab.minute, crontab.hour, crontab.day_of_month, crontab.month_of_year, crontab.day_of_week];
                let fields = fields.map(|field| field.as_str().map_or_else(|| field.to_string(), str::to_owned));
                Ok(Schedule::Crontab(Crontab::parse(&fields.join(" "), chrono_tz::UTC)?))
            }
        }
    }
}

struct Sender {
    client: Client,
    results: Arc<dyn ResultBackend>,
    queue: String,
    wait: Option<Duration>,
}

fn span(what: &str, seconds: Option<f64>) -> anyhow::Result<Option<Duration>> {
    seconds.map(|seconds| Duration::try_from_secs_f64(seconds).with_context(|| format!("--{what} takes seconds"))).transpose()
}

impl Sender {
    async fn apply(&self, signature: Signature) -> anyhow::Result<Value> {
        let applied = self.client.apply(signature).await?;
        if !applied.group {
            return self.ended(&applied.id).await;
        }
        let end = self.wait.map(|wait| tokio::time::Instant::now() + wait);
        let (mut state, mut results) = ("SUCCESS", Vec::new());
        for id in &applied.children {
            let left = end.map(|end| end.saturating_duration_since(tokio::time::Instant::now()));
            let (child, result) = self.ended_within(id, left).await?;
            if child != "SUCCESS" && state != "FAILURE" {
                state = if child == "PENDING" { "PENDING" } else { "FAILURE" };
            }
            results.push(result);
        }
        Ok(json!({"id": applied.id, "state": state, "result": results, "children": applied.children}))
    }

    async fn ended(&self, id: &str) -> anyhow::Result<Value> {
        let (state, result) = self.ended_within(id, self.wait).await?;
        Ok(json!({"id": id, "state": state, "result": result}))
    }

    async fn ended_within(&self, id: &str, wait: Option<Duration>) -> anyhow::Result<(&'static str, Value)> {
        let found = match wait {
            Some(wait) => self.results.wait(id, wait).await?,
            None => None,
        };
        let Some(found) = found.filter(|found| found.state.is_final()) else {
            return Ok(("PENDING", Value::Null));
        };
        let result = match (&found.state, &found.failure) {
            (State::Done, _) | (_, None) => found.result.clone().unwrap_or(Value::Null),
            (_, Some(failure)) => {
                let message = if failure.message.is_empty() { json!([]) } else { json!([failure.message]) };
                json!({"exc_type": failure.kind, "exc_message": message})
            }
        };
        Ok((found.state.celery(), result))
    }

    async fn send(&self, send: Send) -> anyhow::Result<Value> {
        let args: Vec<Value> = serde_json::from_str(&send.args).context("--args takes a JSON list")?;
        let kwargs: Map<String, Value> = serde_json::from_str(&send.kwargs).context("--kwargs takes a JSON object")?;
        let mut signature = Signature::named(send.task).args(args).kwargs(kwargs).queue(self.queue.as_str());
        if let Some(span) = span("countdown", send.countdown)? {
            signature = signature.countdown(span);
        }
        if let Some(at) = send.eta {
            signature = signature.option("eta", at);
        }
        if let Some(span) = span("expires", send.expires)? {
            signature = signature.option("expires", span.as_secs_f64());
        }
        if let Some(priority) = send.priority {
            signature = signature.priority(priority);
        }
        for _ in 1..send.repeat {
            self.client.apply(signature.clone()).await?;
        }
        if send.repeat == 0 { Ok(Value::Null) } else { self.apply(signature).await }
    }

    async fn beat(&self, path: &str, seconds: f64) -> anyhow::Result<()> {
        let text = std::fs::read(path).with_context(|| format!("{path} cannot be read"))?;
        let entries: BTreeMap<String, Planned> = serde_json::from_slice(&text).with_context(|| format!("{path} is no schedule"))?;
        let store = FileBeatStore::open(format!("{path}.state"), self.client.clone())?;
        let mut beat = Beat::new(self.client.clone(), Arc::new(store));
        for (name, entry) in entries {
            let options = Options::new().queue(entry.queue.unwrap_or_else(|| self.queue.clone()));
            let schedule = entry.schedule.schedule().with_context(|| format!("{path}: entry `{name}`"))?;
            beat.add_named(&name, schedule, &entry.task, (entry.args, entry.kwargs), options)?;
        }
        let stop = CancellationToken::new();
        let _ = tokio::time::timeout(Duration::try_from_secs_f64(seconds)?, beat.run(stop)).await;
        Ok(())
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the line that is printed is what this program is for")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let Args { broker, backend, queue, max_priority, command } = Args::parse();
    let mut options = BrokerOptions::new();
    if let Some(priority) = max_priority {
        options = options.max_priority(priority);
    }
    let wait = match &command {
        Command::Send(Send { wait, .. })
        | Command::Chain(Calls { wait, .. })
        | Command::Group(Calls { wait, .. })
        | Command::Chord(Calls { wait, .. }) => *wait,
        Command::Beat { .. } => None,
    };
    let wait = span("wait", wait)?;
    let results = open_results(&backend).await?;
    let mut client = Client::new(open_broker(&broker, options).await?, Clock::system()).with_results(Arc::clone(&results));
    if let Some(bus) = open_bus(&broker).await? {
        client = client.with_bus(bus).tell_sent();
    }
    let sender = Sender { client, results, queue, wait };
    let said = match command {
        Command::Send(send) => sender.send(send).await?,
        Command::Chain(Calls { calls, .. }) => sender.apply(Signature::chain(signatures(&calls, &sender.queue)?)).await?,
        Command::Group(Calls { calls, .. }) => sender.apply(Signature::group(signatures(&calls, &sender.queue)?)).await?,
        Command::Chord(Calls { calls, .. }) => {
            let Chord { header, body } = serde_json::from_str(&calls).context("a chord is {\"header\": […], \"body\": …}")?;
            let header = header.into_iter().map(|call| call.signature(&sender.queue));
            sender.apply(Signature::chord(header, body.signature(&sender.queue))).await?
        }
        Command::Beat { schedule, seconds } => return sender.beat(&schedule, seconds).await,
    };
    println!("{said}");
    Ok(())
}

fn signatures(text: &str, queue: &str) -> anyhow::Result<Vec<Signature>> {
    let calls: Vec<Call> =
        serde_json::from_str(text).context("give a JSON list of {\"task\", \"args\"?, \"kwargs\"?, \"queue\"?, \"immutable\"?}")?;
    Ok(calls.into_iter().map(|call| call.signature(queue)).collect())
}
