//! What differs between SQLite and PostgreSQL stands in `db`; three libraries that
//! know no shop have a file or a folder each. Elsewhere there is no raw SQL and no question which
//! database it is.

use std::collections::{BTreeMap, BTreeSet};

use super::source::shipped;
use super::{File, Finding};

/// Names of the ORM through which raw SQL is sent, or a database told from the other.
const NAMES: [&str; 8] = [
    "DatabaseBackend",
    "DbBackend",
    "execute_raw",
    "execute_unprepared",
    "from_sql_and_values",
    "get_database_backend",
    "query_all_raw",
    "query_one_raw",
];

/// Beginnings of words that only one of the two databases knows.
const TEXTS: [&str; 14] = [
    "FOR UPDATE",
    "SKIP LOCKED",
    "ON CONFLICT",
    "PRAGMA ",
    "ILIKE ",
    "strftime(",
    "date_trunc(",
    "json_extract(",
    "jsonb_",
    "pg_advisory",
    "pg_notify",
    "to_tsvector",
    "sqlite_master",
    "information_schema",
];

const FREE: [&str; 2] = ["db", "migration"];
const ONE_HOME: [&str; 3] = ["celery", "hub", "search"];
/// The tool that names them.
const SELF: &str = "xtask";

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut homes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.is_crate_source()) {
        let Some(folder) = file.folder() else {
            continue;
        };
        if folder == SELF || FREE.contains(&folder) {
            continue;
        }
        for token in shipped(&file.text) {
            let name = token.word().filter(|word| NAMES.contains(word));
            let text = token.text().and_then(|text| TEXTS.into_iter().find(|part| text.contains(part)));
            let Some(what) = name.or(text) else { continue };
            if ONE_HOME.contains(&folder) {
                homes.entry(folder).or_default().insert(home(&file.path));
            } else {
                let what = format!("`{what}`: raw SQL and dialects belong in `db`");
                findings.push(Finding::at(&file.path, token.line, &what));
            }
        }
    }
    findings.extend(homes.into_iter().filter(|(_, paths)| paths.len() > 1).map(|(folder, paths)| {
        let paths: Vec<&str> = paths.into_iter().collect();
        Finding::about(format!("{folder}: SQL belongs in one file or folder, and is in {}", paths.join(", ")))
    }));
    findings
}

/// The file or folder right below a crate's `src`.
fn home(path: &str) -> &str {
    let below = path.find("/src/").map_or(0, |at| at.saturating_add("/src/".len()));
    let name = path.get(below..).unwrap_or_default();
    let length = name.find('/').unwrap_or(name.len());
    path.get(..below.saturating_add(length)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const RAW: &str = "db.execute_unprepared(\"SELECT 1\")";
    const DIALECT: &str = "let sql = \"SELECT id FROM job FOR UPDATE SKIP LOCKED\";";

    #[test]
    fn raw_sql_in_a_module_is_found() {
        let files = [file("crates/orders/src/a.rs", RAW), file("crates/base/src/b.rs", DIALECT)];
        assert_eq!(check(&files).len(), 2);
    }

    #[test]
    fn db_is_free_and_a_library_has_one_file_or_folder() {
        let one = [file("crates/db/src/a.rs", RAW), file("crates/celery/src/sql.rs", DIALECT)];
        assert!(check(&one).is_empty());
        let two = [file("crates/celery/src/a.rs", RAW), file("crates/celery/src/b.rs", DIALECT)];
        assert_eq!(check(&two).len(), 1);
        let folder = [file("crates/celery/src/database/a.rs", RAW), file("crates/celery/src/database/b.rs", DIALECT)];
        assert!(check(&folder).is_empty());
    }

    #[test]
    fn comments_and_the_builder_are_free() {
        let code = "// FOR UPDATE\nquery.lock_exclusive().on_conflict(c)";
        assert!(check(&[file("crates/orders/src/a.rs", code)]).is_empty());
    }
}
