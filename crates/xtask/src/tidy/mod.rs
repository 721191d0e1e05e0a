//! `cargo xtask tidy`: rules about the source that no compiler knows.
//!
//! Each check is a function from text to findings, tested on text; only this file
//! reads the disk. Rust is looked at as tokens, so that a comment or a string never
//! passes for code and a line break never hides it.

mod lengths;
mod problems;
mod rows;
mod source;
mod sql;
mod words;
mod writes;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::tools;

/// A file of the repository: path from the root, and text.
pub(crate) struct File {
    path: String,
    text: String,
}

impl File {
    /// The crate's folder, for `crates/<folder>/…`.
    fn folder(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|end| end == "rs")
    }

    /// Code that ships: `crates/<folder>/src/…`.
    fn is_crate_source(&self) -> bool {
        self.is_rust() && self.path.split('/').nth(2) == Some("src") && self.folder().is_some()
    }
}

/// Something to mend: where, and what.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding(String);

impl Finding {
    fn at(path: &str, line: usize, what: &str) -> Self {
        Self(format!("{path}:{line}: {what}"))
    }

    fn about(what: String) -> Self {
        Self(what)
    }
}

const LONG: &str = "tests/long-files.txt";
const ROWS: &str = "tests/rows.txt";
const UNTESTED: &str = "tests/rows-without-test.txt";

pub(crate) fn tidy(sh: &Shell, args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let write = tools::take_flag(&mut args, "--write");
    tools::nothing_left(&args)?;

    let files = files(sh)?;
    let mut findings = Vec::new();
    findings.extend(writes::check(&files));
    findings.extend(sql::check(&files));
    findings.extend(words::check(&files));
    findings.extend(problems::check(&files));

    let long = lengths::long(&files);
    findings.extend(shrinking(LONG, &long, write, |path| format!("{path}: over {} lines; split it", lengths::LIMIT))?);
    let known = rows::parse(&read(ROWS)?);
    let tested = rows::tested(&files);
    findings.extend(rows::unknown(&known, &tested));
    let untested = known.iter().filter(|row| !tested.contains(*row)).cloned().collect();
    findings.extend(shrinking(UNTESTED, &untested, write, |row| format!("row {row} has lost its test, or never had one"))?);

    findings.extend(ci_can_run());
    findings.sort();
    findings.dedup();
    for Finding(finding) in &findings {
        eprintln!("{finding}");
    }
    println!(
        "tidy: {} files, {} of {} rows have tests, {} files are long, {} to mend",
        files.len(),
        known.len() - untested.len(),
        known.len(),
        long.len(),
        findings.len(),
    );
    if findings.is_empty() { Ok(()) } else { bail!("{} to mend", findings.len()) }
}

/// What git keeps or would keep, as far as it is text.
fn files(sh: &Shell) -> Result<Vec<File>> {
    let names = cmd!(sh, "git ls-files --cached --others --exclude-standard").quiet().read()?;
    let mut files: Vec<File> = names
        .lines()
        .filter_map(|path| {
            let text = std::fs::read_to_string(tools::root().join(path)).ok()?;
            Some(File { path: path.to_owned(), text })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(tools::root().join(path)).with_context(|| format!("reading {path}"))
}

/// Compares what is so with a list of what may be so. An entry that is mended must
/// leave the list (`write` takes it out); nothing enters it but the first time.
fn shrinking(list: &str, found: &BTreeSet<String>, write: bool, complain: impl Fn(&str) -> String) -> Result<Vec<Finding>> {
    let path = tools::root().join(list);
    if write && !path.exists() {
        save(&path, found)?;
    }
    let listed: BTreeSet<String> = read(list)?.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if write {
        save(&path, &listed.intersection(found).cloned().collect())?;
    }
    let new = found.difference(&listed).map(|entry| Finding::about(complain(entry)));
    let mended = listed
        .difference(found)
        .filter(|_| !write)
        .map(|entry| Finding::about(format!("{list}: `{entry}` is mended: cargo xtask tidy --write")));
    Ok(new.chain(mended).collect())
}

fn save(path: &Path, entries: &BTreeSet<String>) -> Result<()> {
    let mut text = String::new();
    for entry in entries {
        text.push_str(entry);
        text.push('\n');
    }
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

fn ci_can_run() -> Option<Finding> {
    let path = tools::root().join(".ci/run");
    path.metadata().is_err().then(|| Finding::about(".ci/run is missing".to_owned()))
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}
