//! A sender with a fixed command line, for anybody to test against.
//!
//! ```text
//! conformance_producer --broker URL --backend URL --queue NAME COMMAND
//!     send TASK --args JSON --kwargs JSON [--countdown S] [--eta ISO] [--expires S] [--priority P] [--wait S] [--repeat N]
//!     chain JSON [--wait S]       group JSON [--wait S]       chord JSON [--wait S]
//!     beat SCHEDULE.json SECONDS
//! ```
//!
//! It prints one line of JSON: `{"id","state","result"}`, for a group with `"children"`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use celery::{
    Beat, CancellationToken, Client, Clock, Crontab, FileBeatStore, Options, RedisBroker, RedisBus, RedisResults, ResultBackend, Schedule,
    Signature, State,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

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
    results: RedisResults,
    queue: String,
    wait: Option<Duration>,
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

    async fn send(&self, args: &mut Args) -> anyhow::Result<Value> {
        let task = args.next("the task's name")?;
        let read = |text: Option<String>, empty: &str| serde_json::from_str::<Value>(text.as_deref().unwrap_or(empty));
        let call_args = read(args.value("args")?, "[]").context("--args takes a JSON list")?;
        let call_kwargs = read(args.value("kwargs")?, "{}").context("--kwargs takes a JSON object")?;
        let (Value::Array(call_args), Value::Object(call_kwargs)) = (call_args, call_kwargs) else {
            bail!("--args takes a list, --kwargs an object")
        };
        let mut signature = Signature::named(task).args(call_args).kwargs(call_kwargs).queue(self.queue.as_str());
        if let Some(span) = args.seconds("countdown")? {
            signature = signature.countdown(span);
        }
        if let Some(at) = args.value("eta")? {
            signature = signature.option("eta", at);
        }
        if let Some(span) = args.seconds("expires")? {
            signature = signature.option("expires", span.as_secs_f64());
        }
        if let Some(priority) = args.value("priority")? {
            signature = signature.priority(priority.parse().context("--priority takes 0 to 9")?);
        }
        let times: u32 = args.value("repeat")?.map_or(Ok(1), |text| text.parse().context("--repeat takes a number"))?;
        std::mem::take(args).end()?;
        let mut last = Value::Null;
        for _ in 1..times {
            self.client.apply(signature.clone()).await?;
        }
        if 0 < times {
            last = self.apply(signature).await?;
        }
        Ok(last)
    }

    async fn beat(&self, args: &mut Args) -> anyhow::Result<()> {
        let path = args.next("the schedule's file")?;
        let seconds: f64 = args.next("how many seconds")?.parse().context("the seconds are no number")?;
        std::mem::take(args).end()?;
        let text = std::fs::read(&path).with_context(|| format!("{path} cannot be read"))?;
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
    let mut args = Args(std::env::args().skip(1).collect());
    let (broker, backend, queue) = (args.need("broker")?, args.need("backend")?, args.need("queue")?);
    let wait = args.seconds("wait")?;
    let results = RedisResults::new(&backend)?;
    let client = Client::new(Arc::new(RedisBroker::new(&broker)?), Clock::system()).with_results(Arc::new(results.clone()));
    let client = client.with_bus(Arc::new(RedisBus::new(&broker)?)).tell_sent();
    let sender = Sender { client, results, queue, wait };
    let command = args.next("a command: send, chain, group, chord or beat")?;
    let said = match command.as_str() {
        "send" => sender.send(&mut args).await?,
        "beat" => return sender.beat(&mut args).await,
        "chain" | "group" | "chord" => {
            let text = args.next("the calls as JSON")?;
            args.end()?;
            sender.apply(combined(&command, &text, &sender.queue)?).await?
        }
        other => bail!("`{other}` is none of send, chain, group, chord, beat"),
    };
    println!("{said}");
    Ok(())
}

fn combined(command: &str, text: &str, queue: &str) -> anyhow::Result<Signature> {
    if command == "chord" {
        let Chord { header, body } = serde_json::from_str(text).context("a chord is {\"header\": […], \"body\": …}")?;
        return Ok(Signature::chord(header.into_iter().map(|call| call.signature(queue)), body.signature(queue)));
    }
    let calls: Vec<Call> =
        serde_json::from_str(text).context("give a JSON list of {\"task\", \"args\"?, \"kwargs\"?, \"queue\"?, \"immutable\"?}")?;
    let calls = calls.into_iter().map(|call| call.signature(queue));
    Ok(if command == "chain" { Signature::chain(calls) } else { Signature::group(calls) })
}

/// `--name value`, and words by their order.
#[derive(Default)]
struct Args(Vec<String>);

impl Args {
    fn value(&mut self, name: &str) -> anyhow::Result<Option<String>> {
        let Some(at) = self.0.iter().position(|arg| arg.strip_prefix("--") == Some(name)) else { return Ok(None) };
        self.0.remove(at);
        if self.0.len() <= at {
            bail!("--{name} needs a value");
        }
        Ok(Some(self.0.remove(at)))
    }

    fn need(&mut self, name: &str) -> anyhow::Result<String> {
        self.value(name)?.with_context(|| format!("--{name} is needed"))
    }

    fn seconds(&mut self, name: &str) -> anyhow::Result<Option<Duration>> {
        let read = |text: String| anyhow::Ok(Duration::try_from_secs_f64(text.parse()?)?);
        self.value(name)?.map(|text| read(text).with_context(|| format!("--{name} takes seconds"))).transpose()
    }

    fn next(&mut self, what: &str) -> anyhow::Result<String> {
        if self.0.is_empty() {
            bail!("give {what}");
        }
        Ok(self.0.remove(0))
    }

    fn end(self) -> anyhow::Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(other) => bail!("`{other}` is not known here"),
        }
    }
}
