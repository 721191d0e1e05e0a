//! Tasks that tell what they did.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use celery::{Backoff, Context, Exception, Policy, Registry, Task, TaskError};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::lab::until;

/// What tasks did, in order.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    /// `conf.wait` takes one permit.
    pub(crate) gate: Arc<Semaphore>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { lines: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    fn add(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) async fn until(&self, lines: usize) {
        until(|| async { lines <= self.lines().len() }).await;
    }
}

macro_rules! task {
    ($type:ident, $name:literal, $args:ty => $output:ty, $policy:expr, |$ctx:ident, $given:ident| $run:expr) => {
        struct $type;
        impl Task<Log> for $type {
            const NAME: &'static str = $name;
            type Args = $args;
            type Output = $output;
            fn policy() -> Policy {
                $policy
            }
            async fn run($ctx: Context<Log>, $given: Self::Args) -> Result<Self::Output, TaskError> {
                $run
            }
        }
    };
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Two {
    x: i64,
    y: i64,
}

const SOON: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1)).without_jitter();

task!(Add, "conf.add", Two => i64, Policy::new(), |_ctx, two| Ok(two.x + two.y));
task!(Sum, "conf.tsum", (Vec<i64>,) => i64, Policy::new(), |_ctx, args| Ok(args.0.iter().sum()));
task!(Fail, "conf.fail", (String,) => (), Policy::new(), |_ctx, args| {
    Err(TaskError::fail(Exception::new("ConformanceError", args.0)))
});
task!(Note, "conf.note", (Value,) => (), Policy::new(), |ctx, args| {
    ctx.state.add(args.0.to_string());
    Ok(())
});
task!(Early, "conf.early", (Value,) => (), Policy::new().acks_early(), |ctx, args| {
    ctx.state.add(args.0.to_string());
    Ok(())
});
task!(Wait, "conf.wait", (String,) => (), Policy::new(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.0));
    ctx.state.gate.acquire().await?.forget();
    ctx.state.add(format!("{} ends", args.0));
    Ok(())
});
task!(WaitEarly, "conf.wait_early", (String,) => (), Policy::new().acks_early(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.0));
    ctx.state.gate.acquire().await?.forget();
    Ok(())
});
task!(Flaky, "conf.flaky", (u32,) => u32, Policy::new().max_retries(5).backoff(SOON), |ctx, args| {
    ctx.state.add(format!("try {}", ctx.retries));
    if ctx.retries < args.0 {
        Err(TaskError::retry(Exception::new("FlakyError", "not yet")))?;
    }
    Ok(ctx.retries)
});
task!(Length, "conf.length", (String,) => usize, Policy::new(), |_ctx, args| Ok(args.0.len()));

pub(crate) fn registry() -> Registry<Log> {
    let mut registry = Registry::new();
    registry.add::<Add>().unwrap().add::<Sum>().unwrap().add::<Fail>().unwrap().add::<Note>().unwrap().add::<Early>().unwrap();
    registry.add::<Wait>().unwrap().add::<WaitEarly>().unwrap().add::<Flaky>().unwrap().add::<Length>().unwrap();
    registry
}
