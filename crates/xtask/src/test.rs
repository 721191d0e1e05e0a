//! `cargo xtask test`: everything, on both databases and in a browser.
//!
//! Parts run one after the other, the runners' own output is left as it is, and a
//! failed part does not keep the next from running. All Rust parts select from one
//! build of the whole workspace: naming packages would resolve features anew and
//! compile the world a second time.

use std::time::Instant;

use anyhow::{Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::tools;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Rust,
    Sqlite,
    Postgres,
    Console,
    Browser,
}

const PARTS: [(&str, Part); 5] =
    [("rust", Part::Rust), ("sqlite", Part::Sqlite), ("postgres", Part::Postgres), ("console", Part::Console), ("browser", Part::Browser)];

/// The tests that run on each database.
const IT: &str = "package(zhanggui) and binary(=it)";

pub(crate) fn test(sh: &Shell, args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let mut only = Vec::new();
    while let Some(name) = tools::take_value(&mut args, "--only")? {
        match PARTS.iter().find(|(known, _)| *known == name) {
            Some((_, part)) => only.push(*part),
            None => bail!("no part `{name}`; there are rust, sqlite, postgres, console, browser"),
        }
    }
    let filter = if args.is_empty() { None } else { Some(args.remove(0)) };
    tools::nothing_left(&args)?;

    let mut lines = Vec::new();
    let mut failed = false;
    for (name, part) in PARTS {
        // A filter names a Rust test unless a part is chosen.
        let wanted = match (only.is_empty(), &filter) {
            (true, None) => true,
            (true, Some(_)) => !matches!(part, Part::Console | Part::Browser),
            (false, _) => only.contains(&part),
        };
        if !wanted {
            continue;
        }
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = run(sh, part, filter.as_deref());
        let seconds = start.elapsed().as_secs();
        match outcome {
            Ok(()) => lines.push(format!("{name:<9} ok      {seconds} s")),
            Err(error) => {
                eprintln!("{name}: {error:#}");
                failed = true;
                lines.push(format!("{name:<9} FAILED  {seconds} s  {error:#}"));
            }
        }
    }
    println!("\n== summary\n{}", lines.join("\n"));
    ensure!(!failed, "some tests failed");
    Ok(())
}

fn run(sh: &Shell, part: Part, filter: Option<&str>) -> Result<()> {
    match part {
        Part::Rust => {
            tools::redis(sh)?;
            let _rabbitmq = sh.push_env("ZG_TEST_RABBITMQ", tools::rabbitmq(sh)?);
            let _python = sh.push_env("ZG_TEST_PYTHON", tools::python(sh)?);
            nextest(sh, &format!("not ({IT})"), None, filter)
        }
        Part::Sqlite => nextest(sh, IT, Some("sqlite"), filter),
        Part::Postgres => nextest(sh, IT, Some("postgres"), filter),
        Part::Console => {
            tools::console_packages(sh)?;
            let _dir = sh.push_dir("console");
            let filter = filter.map(|text| ["-t", text]).into_iter().flatten();
            Ok(cmd!(sh, "npm test -- {filter...}").run()?)
        }
        Part::Browser => browser(sh, filter),
    }
}

fn nextest(sh: &Shell, select: &str, database: Option<&str>, filter: Option<&str>) -> Result<()> {
    tools::nextest(sh)?;
    // The binary serves the console, so a bundle must be there when it is compiled.
    tools::console_bundle(sh)?;
    let postgres = tools::postgres(sh)?;
    let profile = tools::setting("CI").map(|_| ["--profile", "ci"]).into_iter().flatten();
    let none = if filter.is_some() { "pass" } else { "fail" };
    let mut command =
        cmd!(sh, "cargo nextest run --workspace {profile...} --no-tests {none} -E {select} {filter...}").env("ZG_TEST_POSTGRES", postgres);
    if let Some(database) = database {
        command = command.env("ZG_TEST_DATABASE", database);
    }
    Ok(command.run()?)
}

/// Playwright starts the binary that the Rust tests have built; it is built here if they were left out.
fn browser(sh: &Shell, filter: Option<&str>) -> Result<()> {
    let chromium = tools::chromium(sh)?;
    tools::console_bundle(sh)?;
    cmd!(sh, "cargo build --workspace --tests").run()?;
    let _dir = sh.push_dir("console");
    let filter = filter.map(|text| ["-g", text]).into_iter().flatten();
    cmd!(sh, "npm run e2e -- {filter...}")
        .env("ZHANGGUI_BIN", tools::binary())
        .env("CHROMIUM", chromium)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .run()?;
    Ok(())
}
