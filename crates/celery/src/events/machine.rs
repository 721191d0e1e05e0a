//! What a worker says about the machine it runs on.

use std::time::Duration;

use chrono::{DateTime, Local, Offset as _, TimeZone as _, Utc};
use serde_json::{Value, json};

/// Celery's names for the program, its version and its system.
pub(crate) fn software() -> [(&'static str, &'static str); 3] {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "Darwin",
        "windows" => "Windows",
        other => other,
    };
    [("sw_ident", "rs-celery"), ("sw_ver", env!("CARGO_PKG_VERSION")), ("sw_sys", system)]
}

/// How many hours this machine's clock on the wall is *behind* UTC, as Celery counts.
pub(crate) fn utc_offset(now: DateTime<Utc>) -> f64 {
    let seconds = Local.offset_from_utc_datetime(&now.naive_utc()).fix().utc_minus_local();
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let hundredths = (seconds % 3_600).saturating_mul(100) / 3_600;
    format!("{sign}{}.{hundredths:02}", seconds / 3_600).parse().unwrap_or(0.0)
}

/// The load over 1, 5 and 15 minutes; zeros where the system does not tell.
pub(crate) fn load() -> [f64; 3] {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap_or(0.0));
    [(); 3].map(|()| numbers.next().unwrap_or(0.0))
}

/// The machine's name.
pub(crate) fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}

/// What this process used, with the names of `getrusage`: seconds, and kilobytes for `maxrss`. Where
/// the system does not tell, the text `N/A`, as Celery says then.
pub(crate) fn usage() -> Value {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return "N/A".into() };
    // The second field is a name in brackets, which may hold anything; the third is number 0 here.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let field = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    // A tick is a hundredth of a second on every Linux.
    let time = |ticks: u64| Duration::from_millis(ticks.saturating_mul(10)).as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
    };
    json!({
        "utime": time(field(11)), "stime": time(field(12)),
        "maxrss": line("VmHWM:"), "ixrss": 0, "idrss": 0, "isrss": 0,
        "minflt": field(7), "majflt": field(9), "nswap": 0, "inblock": 0, "oublock": 0,
        "msgsnd": 0, "msgrcv": 0, "nsignals": 0,
        "nvcsw": line("voluntary_ctxt_switches:"), "nivcsw": line("nonvoluntary_ctxt_switches:"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_used_something() {
        let usage = usage();
        assert!(usage["maxrss"].as_u64().unwrap() > 0 && usage["minflt"].as_u64().unwrap() > 0, "{usage}");
        assert!(!host().is_empty());
    }
}
