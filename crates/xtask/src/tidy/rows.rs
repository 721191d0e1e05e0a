//! Which rows of the specification have a test named after them.
//!
//! In Rust a test is a function `m4_3_…`, `p16_…` or `b17_…`; in the console it is a
//! title with the row's id, `'M4.3 cancelling asks for a reason'`.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Token, tokens};
use super::{File, Finding};

/// `tests/rows.txt`: an id, then a title for the reader.
pub(super) fn parse(list: &str) -> Vec<String> {
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Rows named by tests, with one place each.
pub(super) fn tested(files: &[File]) -> BTreeSet<String> {
    named(files).into_keys().collect()
}

/// Tests named after a row that there is not.
pub(super) fn unknown(known: &[String], tested: &BTreeSet<String>) -> Vec<Finding> {
    tested
        .iter()
        .filter(|row| !known.contains(row))
        .map(|row| Finding::about(format!("a test is named after {row}, which tests/rows.txt lacks")))
        .collect()
}

fn named(files: &[File]) -> BTreeMap<String, String> {
    let mut rows = BTreeMap::new();
    for file in files {
        let found = if file.is_rust() && file.folder() != Some("xtask") {
            in_rust(&file.text)
        } else if is_console_test(&file.path) {
            in_titles(&file.text)
        } else {
            continue;
        };
        for row in found {
            rows.entry(row).or_insert_with(|| file.path.clone());
        }
    }
    rows
}

fn is_console_test(path: &str) -> bool {
    path.starts_with("console/") && [".test.ts", ".test.tsx", ".spec.ts", ".spec.tsx"].iter().any(|end| path.ends_with(end))
}

fn in_rust(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let names = tokens.windows(2).filter_map(|pair| match pair {
        [keyword, name] if keyword.word() == Some("fn") => Token::word(name),
        _ => None,
    });
    names.filter_map(row_of_name).collect()
}

/// `m4_3_cancel…` is M4.3, `p16_both…` is P16.
fn row_of_name(name: &str) -> Option<String> {
    let mut parts = name.split('_');
    let first = parts.next()?;
    let letter = first.chars().next().filter(|char| matches!(char, 'm' | 'p' | 'b'))?;
    let number: u32 = first.strip_prefix(letter)?.parse().ok()?;
    if letter != 'm' {
        parts.next()?;
        return Some(format!("{}{number}", letter.to_ascii_uppercase()));
    }
    let second: u32 = parts.next()?.parse().ok()?;
    parts.next()?;
    Some(format!("M{number}.{second}"))
}

/// Ids as whole words at the beginning of a quoted title: `'M1.2 …'`, `"P2 …"`.
fn in_titles(source: &str) -> Vec<String> {
    source
        .split(['\'', '"', '`'])
        .filter_map(|piece| {
            let (id, _) = piece.split_once([' ', ':'])?;
            is_row(id).then(|| id.to_owned())
        })
        .collect()
}

fn is_row(id: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.chars().all(|char| char.is_ascii_digit());
    if let Some(rest) = id.strip_prefix('M') {
        rest.split_once('.').is_some_and(|(module, row)| number(module) && number(row))
    } else {
        id.strip_prefix(['P', 'B']).is_some_and(number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn names_and_titles_give_rows() {
        let files = [
            file("crates/server/tests/it/a.rs", "async fn m4_3_cancel_twice() {}\nfn p16_two_databases() {}"),
            file("crates/server/tests/it/b.rs", "// fn m1_1_no\nfn helper() {} fn m5() {} fn b17x_y() {}"),
            file("console/e2e/sale.spec.ts", "test('M1.2 counts live', f); test(\"P2: resumes\", f); 'Page one'"),
            file("console/src/a.ts", "'M9.1 not a test'"),
        ];
        let rows: Vec<String> = tested(&files).into_iter().collect();
        assert_eq!(rows, ["M1.2", "M4.3", "P16", "P2"]);
    }

    #[test]
    fn a_test_of_no_row_is_found() {
        let known = parse("M4.3 Cancel\n");
        let tested = BTreeSet::from(["M4.3".to_owned(), "M4.99".to_owned()]);
        assert_eq!(unknown(&known, &tested).len(), 1);
    }
}
