//! Anyone may read a table; only the module that owns it writes it.
//!
//! Owners are the folders of `crates/db/src/entity/`. A write is a writing method of
//! `<table>::Entity`, or any use of `<table>::ActiveModel`. Entities keep their module
//! in the code that uses them, for otherwise this check could not see whose they are.

use std::collections::BTreeMap;

use super::source::{Token, shipped};
use super::{File, Finding};

const METHODS: [&str; 9] =
    ["insert", "insert_many", "update", "update_many", "delete", "delete_many", "delete_by_id", "truncate_table", "delete_by_key"];

/// They carry whole tables from one place to another.
const EXEMPT: [&str; 4] = ["crates/db/", "crates/migration/", "crates/server/src/backup", "crates/server/src/restore"];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let owners = owners(files);
    files
        .iter()
        .filter(|file| file.is_crate_source())
        .filter(|file| !EXEMPT.iter().any(|prefix| file.path.starts_with(prefix)))
        .flat_map(|file| foreign_writes(file, &owners))
        .collect()
}

/// Which module owns which table: `entity/<owner>/<table>.rs`.
fn owners(files: &[File]) -> BTreeMap<String, String> {
    files
        .iter()
        .filter_map(|file| {
            let rest = file.path.strip_prefix("crates/db/src/entity/")?;
            let (owner, table) = rest.strip_suffix(".rs")?.split_once('/')?;
            (table != "mod").then(|| (table.to_owned(), owner.to_owned()))
        })
        .collect()
}

fn foreign_writes(file: &File, owners: &BTreeMap<String, String>) -> Vec<Finding> {
    let here = file.folder().unwrap_or_default();
    let tokens = shipped(&file.text);
    let mut findings = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(table) = token.word() else { continue };
        let Some(owner) = owners.get(table) else {
            continue;
        };
        if owner == here {
            continue;
        }
        let Some(item) = after_path(&tokens, at) else {
            continue;
        };
        let kind = tokens.get(item).and_then(Token::word);
        let follows = after_path(&tokens, item).and_then(|at| tokens.get(at)?.word());
        let renamed = tokens.get(item + 1).and_then(Token::word) == Some("as");
        let what = match (kind, follows) {
            (Some("Entity"), Some(method)) if METHODS.contains(&method) => {
                format!("writes `{table}` ({method}), which only `{owner}` may: call into it")
            }
            (Some("ActiveModel"), _) => {
                format!("makes a `{table}::ActiveModel`, and only `{owner}` writes that table")
            }
            (Some("Entity"), _) if renamed => {
                format!("`{table}::Entity` is renamed: entities keep their module")
            }
            _ => continue,
        };
        findings.push(Finding::at(&file.path, token.line, &what));
    }
    findings
}

/// Where the path goes on behind `at`: two colons, then something.
fn after_path(tokens: &[Token], at: usize) -> Option<usize> {
    let colons = tokens.get(at + 1)?.is(':') && tokens.get(at + 2)?.is(':');
    colons.then_some(at + 3)
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(path: &str, code: &str) -> usize {
        let files = [
            file("crates/db/src/entity/inventory/stock.rs", ""),
            file("crates/db/src/entity/inventory/mod.rs", ""),
            file("crates/db/src/entity/orders/order.rs", ""),
            file(path, code),
        ];
        check(&files).len()
    }

    #[test]
    fn a_foreign_write_is_found_over_line_breaks() {
        let code = "fn f() { stock::Entity\n    ::update_many().exec(db) }";
        assert_eq!(found("crates/orders/src/place.rs", code), 1);
        assert_eq!(found("crates/inventory/src/reserve.rs", code), 0);
        assert_eq!(found("crates/server/src/restore.rs", code), 0);
    }

    #[test]
    fn an_active_model_of_another_module_is_found() {
        let code = "let row = entity::stock::ActiveModel { ..Default::default() };";
        assert_eq!(found("crates/orders/src/place.rs", code), 1);
    }

    #[test]
    fn reading_is_free() {
        let code = "stock::Entity::find().filter(stock::COLUMN.sku_id.eq(1)).all(db)";
        assert_eq!(found("crates/orders/src/place.rs", code), 0);
    }

    #[test]
    fn hiding_behind_another_name_is_found() {
        assert_eq!(found("crates/orders/src/place.rs", "use zg_db::entity::stock::Entity as S;"), 1);
    }

    #[test]
    fn comments_and_tests_are_free() {
        let code = "// stock::Entity::insert\n#[cfg(test)] mod tests { stock::Entity::insert(a) }";
        assert_eq!(found("crates/orders/src/place.rs", code), 0);
    }
}
