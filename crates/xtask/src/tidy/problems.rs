//! Every problem that the API names is explained in both languages.
//!
//! `crates/<module>/problems.toml` has a line a code:
//! `order_state = { zh = "…", en = "…" }`. Placeholders are the same in both, a code
//! stands in one file, and a code that Rust names stands in one at all.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Kind, Token, shipped, tokens};
use super::{File, Finding};

/// Constructors of `Problem` whose first argument is a code.
const MAKERS: [&str; 14] = [
    "bad_request",
    "conflict",
    "forbidden",
    "gone",
    "internal",
    "locked",
    "not_found",
    "not_implemented",
    "payload_too_large",
    "precondition_failed",
    "too_many_requests",
    "unauthorized",
    "unavailable",
    "unprocessable",
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.ends_with("/problems.toml")) {
        for entry in entries(&file.text) {
            findings.extend(faults(&entry).map(|what| Finding::at(&file.path, entry.line, &what)));
            if let Some(other) = codes.insert(entry.code.clone(), file.path.clone()) {
                let what = format!("`{}` stands in {other} too", entry.code);
                findings.push(Finding::at(&file.path, entry.line, &what));
            }
        }
    }
    for file in files.iter().filter(|file| file.is_crate_source()) {
        for (line, code) in named(&shipped(&file.text)) {
            if !codes.contains_key(&code) {
                let what = format!("problem `{code}` stands in no problems.toml");
                findings.push(Finding::at(&file.path, line, &what));
            }
        }
    }
    findings
}

struct Entry {
    line: usize,
    code: String,
    /// By language.
    texts: BTreeMap<String, String>,
}

/// Reads `code = { zh = "…", en = "…" }`, over as many lines as it takes.
fn entries(toml: &str) -> Vec<Entry> {
    // TOML's comments begin otherwise than Rust's; its names and strings are alike.
    let bare: Vec<&str> = toml.lines().map(|line| if line.trim_start().starts_with('#') { "" } else { line }).collect();
    let tokens = tokens(&bare.join("\n"));
    let mut entries: Vec<Entry> = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let assigned = tokens.get(at + 1).is_some_and(|next| next.is('='));
        let value = tokens.get(at + 2);
        match &token.kind {
            Kind::Sign('{') => depth += 1,
            Kind::Sign('}') => depth = depth.saturating_sub(1),
            Kind::Word(code) if assigned && depth == 0 => {
                entries.push(Entry { line: token.line, code: code.clone(), texts: BTreeMap::new() });
            }
            Kind::Word(language) if assigned => {
                let text = value.and_then(Token::text).unwrap_or_default();
                if let Some(entry) = entries.last_mut() {
                    entry.texts.insert(language.clone(), text.to_owned());
                }
            }
            Kind::Word(_) | Kind::Text(_) | Kind::Sign(_) => {}
        }
    }
    entries
}

fn faults(entry: &Entry) -> impl Iterator<Item = String> {
    let code = &entry.code;
    let text = |language: &str| entry.texts.get(language).filter(|text| !text.trim().is_empty());
    let (zh, en) = (text("zh"), text("en"));
    let mut faults = Vec::new();
    if zh.is_none() {
        faults.push(format!("`{code}` has no Chinese text"));
    }
    if en.is_none() {
        faults.push(format!("`{code}` has no English text"));
    }
    if let (Some(zh), Some(en)) = (zh, en)
        && placeholders(zh) != placeholders(en)
    {
        faults.push(format!("`{code}` names other placeholders in Chinese than in English"));
    }
    faults.into_iter()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

/// `Problem::conflict("order_state")`, also as `Self::` where problems are made from errors.
fn named(tokens: &[Token]) -> Vec<(usize, String)> {
    let from = tokens.windows(2).any(|pair| {
        matches!(pair, [for_, problem]
            if for_.word() == Some("for") && problem.word() == Some("Problem"))
    });
    let codes = tokens.windows(6).filter_map(|at| match at {
        [problem, one, two, maker, open, code]
            if (problem.word() == Some("Problem") || from && problem.word() == Some("Self"))
                && one.is(':')
                && two.is(':')
                && maker.word().is_some_and(|name| MAKERS.contains(&name))
                && open.is('(') =>
        {
            Some((code.line, code.text()?.to_owned()))
        }
        _ => None,
    });
    codes.collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(toml: &str, rust: &str) -> Vec<Finding> {
        check(&[file("crates/orders/problems.toml", toml), file("crates/orders/src/error.rs", rust)])
    }

    #[test]
    fn a_whole_entry_is_fine() {
        let toml = "# texts\norder_state = { zh = \"订单已{state}\", en = \"The order is {state}.\" }\n";
        assert_eq!(found(toml, "Problem::conflict(\"order_state\")"), []);
    }

    #[test]
    fn a_language_or_a_placeholder_that_lacks_is_found() {
        assert_eq!(found("a = { zh = \"甲\" }", "").len(), 1);
        assert_eq!(found("a = { zh = \"{x}\", en = \"{y}\" }", "").len(), 1);
    }

    #[test]
    fn a_code_without_a_text_is_found() {
        assert_eq!(found("", "Problem::not_found(\"ghost\")").len(), 1);
        let from = "impl From<Error> for Problem { fn f() { Self::conflict(\"ghost\") } }";
        assert_eq!(found("", from).len(), 1);
        assert_eq!(found("", "Self::conflict(\"ghost\")").len(), 0);
    }

    #[test]
    fn a_code_in_two_files_is_found() {
        let entry = "a = { zh = \"甲\", en = \"A\" }";
        let files = [file("crates/a/problems.toml", entry), file("crates/b/problems.toml", entry)];
        assert_eq!(check(&files).len(), 1);
    }
}
