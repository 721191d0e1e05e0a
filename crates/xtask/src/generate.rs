//! `cargo xtask generate`: files that the binary knows better than a person.
//!
//! They are committed, so that a change of the API or of a right is seen in review;
//! `--check` compares and changes nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::tools;

/// A file, and the arguments with which the binary prints it.
const FILES: [(&str, &[&str]); 3] = [
    ("docs/permissions.md", &["docs", "permissions"]),
    ("docs/order-states.md", &["docs", "order-states"]),
    ("console/openapi.json", &["openapi"]),
];

/// Made from `console/openapi.json` by the console's own script.
const TYPES: &str = "console/src/api/schema.d.ts";

pub(crate) fn generate(sh: &Shell, args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let check = tools::take_flag(&mut args, "--check");
    let built = tools::take_flag(&mut args, "--built");
    tools::nothing_left(&args)?;

    if !built {
        cmd!(sh, "cargo build --package zhanggui --bin zhanggui").run()?;
    }
    let binary = tools::binary();
    let mut stale = Vec::new();
    for (file, command) in FILES {
        let made = cmd!(sh, "{binary} {command...}").quiet().read()? + "\n";
        settle(Path::new(file), &made, check, &mut stale)?;
    }
    if stale.is_empty() {
        types(sh, check, &mut stale)?;
    }
    if stale.is_empty() {
        println!("generated files: {}", if check { "as committed" } else { "written" });
        return Ok(());
    }
    let names: Vec<String> = stale.iter().map(|path| path.display().to_string()).collect();
    bail!("out of date: {}; run `cargo xtask generate` and commit", names.join(", "))
}

/// Writes the file, or notes that it differs.
fn settle(file: &Path, made: &str, check: bool, stale: &mut Vec<PathBuf>) -> Result<()> {
    let path = tools::root().join(file);
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    if there == made {
        return Ok(());
    }
    if check {
        stale.push(file.to_path_buf());
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, made).with_context(|| format!("writing {}", file.display()))
}

/// The types come from the committed document, so this runs only when that one is right.
fn types(sh: &Shell, check: bool, stale: &mut Vec<PathBuf>) -> Result<()> {
    tools::console_packages(sh)?;
    let path = tools::root().join(TYPES);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    {
        let _dir = sh.push_dir("console");
        cmd!(sh, "npm run --silent generate").ignore_stdout().run()?;
    }
    let after = std::fs::read_to_string(&path).with_context(|| format!("reading {TYPES}"))?;
    if check && before != after {
        std::fs::write(&path, before)?;
        stale.push(TYPES.into());
    }
    Ok(())
}
