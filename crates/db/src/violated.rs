//! Which constraint a statement violated, by name, on both databases.

use sea_orm::sqlx::postgres::PgDatabaseError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::unique::UNIQUE;

/// What kind of rule was violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    /// A UNIQUE constraint or a primary key.
    Unique,
    /// A CHECK constraint.
    Check,
    /// A foreign key.
    ForeignKey,
    /// Another transaction came first (40001, 40P01): try again.
    Serialization,
}

/// A rule of the database that a statement violated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its kind.
    pub kind: ViolationKind,
    /// Its name. Empty for a foreign key on SQLite, which does not say.
    pub constraint: String,
}

/// The rule that was violated, if that is what the error is about.
pub fn violated(error: &DbErr) -> Option<Violation> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let sqlx::Error::Database(error) = &**error else { return None };
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(error) => postgres(error),
        None => sqlite(error.code().as_deref().unwrap_or_default(), error.message()),
    }
}

fn postgres(error: &PgDatabaseError) -> Option<Violation> {
    // https://www.postgresql.org/docs/15/errcodes-appendix.html
    let kind = match error.code() {
        "23505" => ViolationKind::Unique,
        "23514" => ViolationKind::Check,
        "23503" => ViolationKind::ForeignKey,
        "40001" | "40P01" => ViolationKind::Serialization,
        _ => return None,
    };
    Some(Violation { kind, constraint: error.constraint().unwrap_or_default().to_owned() })
}

fn sqlite(code: &str, message: &str) -> Option<Violation> {
    // Extended result codes, https://www.sqlite.org/rescode.html
    let detail = message.rsplit(": ").next().unwrap_or_default();
    match code {
        "2067" | "1555" => Some(Violation { kind: ViolationKind::Unique, constraint: unique(detail) }),
        "275" => Some(Violation { kind: ViolationKind::Check, constraint: detail.to_owned() }),
        "787" => Some(Violation { kind: ViolationKind::ForeignKey, constraint: String::new() }),
        _ => None,
    }
}

/// `staff.email` → `staff_email_key`.
fn unique(detail: &str) -> String {
    let columns: Vec<(&str, &str)> = detail.split(", ").filter_map(|column| column.split_once('.')).collect();
    let known = UNIQUE
        .iter()
        .find(|(table, names, _)| names.len() == columns.len() && columns.iter().all(|(on, column)| on == table && names.contains(column)));
    known.map_or_else(|| detail.to_owned(), |(_, _, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_columns_become_the_constraints_name() {
        let found = sqlite("2067", "UNIQUE constraint failed: stock.sku_id, stock.warehouse_id").unwrap();
        assert_eq!(found.constraint, "stock_sku_warehouse_key");
        assert_eq!(sqlite("275", "CHECK constraint failed: stock_free_check").unwrap().constraint, "stock_free_check");
        assert_eq!(sqlite("1", "no such table"), None);
    }
}
