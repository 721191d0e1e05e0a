//! Users that repeat a scenario for a time, and what it took.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::say;
use crate::scenario::{SCENARIOS, Scenario, World};

/// Runs each scenario in turn and prints a row.
pub(crate) async fn all(address: SocketAddr, key: Option<&str>, users: usize, time: Duration, names: &[String]) -> anyhow::Result<()> {
    let world = World::look(address).await?;
    say(&format!("{:<10} {:>10} {:>9} {:>9} {:>9} {:>8}", "scenario", "per second", "p50 ms", "p99 ms", "max ms", "errors"));
    for name in SCENARIOS {
        if !names.is_empty() && !names.iter().any(|asked| asked == name) {
            continue;
        }
        if *name == "orders" && key.is_none() {
            say("orders     left out: it wants --key");
            continue;
        }
        let mut scenarios = Vec::new();
        for user in 0..users {
            let client = Client::connect(address, if *name == "orders" { key } else { None }).await?;
            let scenario = Scenario::new(name, client, world.clone(), user);
            scenarios.push(tokio::spawn(prepared(scenario)));
        }
        // All are ready before the first begins.
        let mut ready = Vec::new();
        for scenario in scenarios {
            ready.push(scenario.await??);
        }
        let began = Instant::now();
        let tasks: Vec<_> = ready.into_iter().map(|scenario| tokio::spawn(repeat(scenario, time))).collect();
        let mut took = Vec::new();
        let mut errors: Vec<String> = Vec::new();
        for task in tasks {
            let (mut times, mut failed) = task.await?;
            took.append(&mut times);
            errors.append(&mut failed);
        }
        say(&row(name, &mut took, errors.len(), began.elapsed()));
        if let Some(first) = errors.first() {
            say(&format!("           first error: {first}"));
        }
    }
    Ok(())
}

async fn prepared(mut scenario: Scenario) -> anyhow::Result<Scenario> {
    scenario.prepare().await?;
    Ok(scenario)
}

async fn repeat(mut scenario: Scenario, time: Duration) -> (Vec<Duration>, Vec<String>) {
    let mut took = Vec::new();
    let mut errors = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end && errors.len() < 1000 && !scenario.used_up() {
        let began = Instant::now();
        match scenario.step().await {
            Ok(()) => took.push(began.elapsed()),
            Err(error) => errors.push(format!("{error:#}")),
        }
    }
    (took, errors)
}

/// A line of the table.
pub(crate) fn row(name: &str, took: &mut [Duration], errors: usize, time: Duration) -> String {
    took.sort_unstable();
    let rate = u64::try_from(took.len()).unwrap_or(u64::MAX).saturating_mul(1000) / u64::try_from(time.as_millis()).unwrap_or(1).max(1);
    let at = |percent: usize| {
        let index = took.len().saturating_mul(percent) / 100;
        took.get(index.min(took.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    let millis = |span: Duration| format!("{}.{:02}", span.as_millis(), span.subsec_micros() % 1000 / 10);
    format!("{name:<10} {rate:>10} {:>9} {:>9} {:>9} {errors:>8}", millis(at(50)), millis(at(99)), millis(at(100)))
}
