//! All rows of all tables as JSON that is the same from either database, and back:
//! what a backup is made of.
//!
//! A row is an object of its columns: booleans as such, instants as RFC 3339, bytes
//! as `\x` and hex, stored JSON as itself. What the search index holds is left out:
//! it is made anew.

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement};
use serde_json::{Map, Value};

/// A row.
pub type Row = Map<String, Value>;

/// A table and its columns, in order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: Kind,
    null: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Bool,
    Instant,
    Json,
    Bytes,
}

#[derive(FromQueryResult)]
struct Described {
    table_name: String,
    column_name: String,
    kind: String,
    nullable: bool,
}

/// Every table that holds what a shop is, in order of their names.
///
/// # Errors
/// If the database fails.
pub async fn tables(db: &impl ConnectionTrait) -> Result<Vec<Table>, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text AS kind, is_nullable = 'YES' AS nullable
             FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name, column_name"
        }
        _ => {
            "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind, c.\"notnull\" = 0 AND c.pk = 0 AS nullable
             FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE 'search\\_%' ESCAPE '\\'
             ORDER BY m.name, c.name"
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in Described::find_by_statement(Statement::from_string(backend, sql)).all(db).await? {
        // What is derived is made anew: the search index, and the count by which memories are dropped.
        if ["seaql_migrations", "shop_version"].contains(&row.table_name.as_str()) || row.table_name.starts_with("search_") {
            continue;
        }
        let column = Column { kind: kind(&row), name: row.column_name, null: row.nullable };
        match tables.last_mut().filter(|table| table.name == row.table_name) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name: row.table_name, columns: vec![column] }),
        }
    }
    // Each database sorts names by its own rules.
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tables)
}

fn kind(row: &Described) -> Kind {
    let declared = row.kind.to_ascii_lowercase();
    // The queue's instants are declared as what SQLite stores them as.
    let queued = row.table_name.starts_with("celery_") && (row.column_name.ends_with("_at") || row.column_name.ends_with("_until"));
    if declared.starts_with("bool") {
        Kind::Bool
    } else if declared.starts_with("timestamp") || queued {
        Kind::Instant
    } else if declared.starts_with("json") {
        Kind::Json
    } else if declared.starts_with("blob") || declared == "bytea" {
        Kind::Bytes
    } else {
        Kind::Plain
    }
}

/// The rows of a table, as they come.
///
/// # Errors
/// If the database fails.
pub async fn rows<'a>(
    tx: &'a DatabaseTransaction,
    table: &'a Table,
) -> Result<impl Stream<Item = Result<Row, DbErr>> + Send + use<'a>, DbErr> {
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => format!("SELECT row_to_json(t)::text FROM \"{}\" t ORDER BY 1", table.name),
        _ => {
            let columns: Vec<String> = table.columns.iter().map(written).collect();
            format!("SELECT json_array({}) FROM \"{}\" ORDER BY rowid", columns.join(", "), table.name)
        }
    };
    // PostgreSQL would sort the texts; where there is an id, rows stand in its order.
    let sql = match backend {
        DbBackend::Postgres if table.columns.iter().any(|column| column.name == "id") => sql.replace("ORDER BY 1", "ORDER BY t.id"),
        DbBackend::Postgres => sql.replace(" ORDER BY 1", ""),
        _ if table.columns.iter().any(|column| column.name == "id") => sql.replace("ORDER BY rowid", "ORDER BY id"),
        _ => sql.replace(" ORDER BY rowid", ""),
    };
    let stream = sea_orm::StreamTrait::stream_raw(tx, Statement::from_string(backend, sql)).await?;
    Ok(stream.map(move |row| {
        let text: String = row?.try_get_by_index(0)?;
        let value: Value = serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))?;
        let mut row = match value {
            Value::Object(row) => row,
            Value::Array(cells) => table.columns.iter().map(|column| column.name.clone()).zip(cells).collect(),
            _ => return Err(DbErr::Json(format!("a row of {} is no object", table.name))),
        };
        for column in table.columns.iter().filter(|column| column.kind == Kind::Instant) {
            alike(&mut row, &column.name);
        }
        Ok(row)
    }))
}

/// A column of SQLite as JSON.
fn written(column: &Column) -> String {
    let name = format!("\"{}\"", column.name);
    match column.kind {
        Kind::Plain | Kind::Instant => name,
        Kind::Bool => format!("json(CASE WHEN {name} IS NULL THEN 'null' WHEN {name} THEN 'true' ELSE 'false' END)"),
        Kind::Json => format!("json({name})"),
        Kind::Bytes => format!("CASE WHEN {name} IS NULL THEN NULL ELSE '\\x' || lower(hex({name})) END"),
    }
}

/// One way to write an instant: as the SQLite driver does, so that texts compare as instants do.
fn alike(row: &mut Row, column: &str) {
    let Some(Value::String(text)) = row.get_mut(column) else { return };
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        *text = at.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::AutoSi, false);
    }
}

/// Makes a database ready to take rows in any order, and takes away those that every
/// new shop begins with. Keys are looked at again by [`finish`], or when the
/// transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn begin(tx: &DatabaseTransaction, tables: &[Table]) -> Result<(), DbErr> {
    match tx.get_database_backend() {
        DbBackend::Postgres => each_key(tx, "DEFERRABLE INITIALLY DEFERRED").await?,
        _ => {
            tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
        }
    }
    for table in tables {
        tx.execute_unprepared(&format!("DELETE FROM \"{}\"", table.name)).await?;
    }
    Ok(())
}

/// Puts rows into a table.
///
/// # Errors
/// If the database fails or refuses a row.
pub async fn insert(tx: &DatabaseTransaction, table: &Table, rows: Vec<Row>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let backend = tx.get_database_backend();
    let names: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let names = names.join(", ");
    let sql = match backend {
        DbBackend::Postgres => format!(
            "INSERT INTO \"{0}\" ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM json_populate_recordset(NULL::\"{0}\", $1::json)",
            table.name
        ),
        _ => {
            let values: Vec<String> = table.columns.iter().map(read).collect();
            format!("INSERT INTO \"{}\" ({names}) SELECT {} FROM json_each($1)", table.name, values.join(", "))
        }
    };
    let rows = Value::Array(rows.into_iter().map(Value::Object).collect()).to_string();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, [rows.into()])).await?;
    Ok(())
}

/// A column of SQLite out of JSON.
fn read(column: &Column) -> String {
    let path = format!("'$.\"{}\"'", column.name);
    match column.kind {
        Kind::Plain | Kind::Bool | Kind::Instant => format!("json_extract(value, {path})"),
        Kind::Json if column.null => format!("NULLIF(value -> {path}, 'null')"),
        Kind::Json => format!("value -> {path}"),
        Kind::Bytes => format!("unhex(substr(json_extract(value, {path}), 3))"),
    }
}

/// Looks at every key, and sets what counts ids behind the last of them.
///
/// # Errors
/// If the database fails, or rows name others that are not there.
pub async fn finish(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    if backend != DbBackend::Postgres {
        let torn = tx.query_one_raw(Statement::from_string(backend, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")).await?;
        return match torn {
            Some(row) => Err(DbErr::Custom(format!("rows of {} name rows that are not there", row.try_get_by_index::<String>(0)?))),
            None => Ok(()),
        };
    }
    tx.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE").await?;
    each_key(tx, "NOT DEFERRABLE").await?;
    let counted = "SELECT format('SELECT setval(%L, COALESCE((SELECT MAX(%I) FROM %I), 0) + 1, false)',
            pg_get_serial_sequence(quote_ident(table_name), column_name), column_name, table_name) AS sql
        FROM information_schema.columns WHERE table_schema = current_schema()
        AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL";
    for row in tx.query_all_raw(Statement::from_string(backend, counted)).await? {
        tx.execute_unprepared(&row.try_get_by_index::<String>(0)?).await?;
    }
    Ok(())
}

async fn each_key(tx: &DatabaseTransaction, how: &str) -> Result<(), DbErr> {
    let keys = "SELECT format('ALTER TABLE %s ALTER CONSTRAINT %I', conrelid::regclass, conname)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1";
    for row in tx.query_all_raw(Statement::from_string(DbBackend::Postgres, keys)).await? {
        tx.execute_unprepared(&format!("{} {how}", row.try_get_by_index::<String>(0)?)).await?;
    }
    Ok(())
}

/// Has a table any row?
///
/// # Errors
/// If the database fails.
pub async fn holds_rows(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), format!("SELECT 1 FROM \"{table}\" LIMIT 1"));
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// All rows of a table at once: for small ones, and for tests.
///
/// # Errors
/// If the database fails.
pub async fn all(tx: &DatabaseTransaction, table: &Table) -> Result<Vec<Row>, DbErr> {
    rows(tx, table).await?.try_collect().await
}
