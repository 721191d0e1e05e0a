//! A database for each test, copied from one that was migrated once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tempfile::TempDir;
use zg_db::{Databases, Options};

/// Where a test's data lies.
pub(crate) enum TestDatabase {
    Sqlite { file: PathBuf, _folder: TempDir },
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// An empty database in its present shape.
    pub(crate) async fn create() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the runner says which database")]
        let which = std::env::var("ZG_TEST_DATABASE").unwrap_or_default();
        match which.as_str() {
            "" | "sqlite" => sqlite().await,
            "postgres" => postgres().await,
            other => panic!("ZG_TEST_DATABASE={other}: sqlite or postgres"),
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite { file, .. } => format!("sqlite:{}", file.display()),
            Self::Postgres { server, name } => with_name(server, name),
        }
    }

    pub(crate) async fn connect(&self) -> Databases {
        let options = Options { connections: 6, patience: Duration::from_secs(60) };
        zg_db::connect(&self.url(), options).await.expect("the test's database")
    }

    /// Drops a database on a server; a file goes with its folder.
    pub(crate) fn forget(&self) {
        let Self::Postgres { server, name } = self else { return };
        let ended = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        let db = maintenance(server).await;
                        let _ = db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                        let _ = db.close().await;
                    });
                })
                .join()
        });
        drop(ended);
    }
}

/// Changes with every build of the tests, so that a template is never an old one.
fn build() -> (String, String) {
    let program = std::env::current_exe().expect("this program");
    let meta = program.metadata().expect("this program's file");
    let written = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    let place = zg_base::secrets::sha256_hex(program.display().to_string().as_bytes());
    let state = zg_base::secrets::sha256_hex(format!("{:?} {}", written, meta.len()).as_bytes());
    (place.chars().take(8).collect(), state.chars().take(10).collect())
}

async fn migrated(url: &str) {
    let databases = zg_db::connect(url, Options::default()).await.expect("the template");
    zg_migration::up(&databases.write).await.expect("the migrations");
    zhanggui::compose::first_rows(&databases).await.expect("the first rows");
    databases.close().await.expect("a clean close");
}

async fn sqlite() -> TestDatabase {
    let (place, state) = build();
    let template = std::env::temp_dir().join(format!("zg-test-{place}-{state}.db"));
    if !template.exists() {
        // Others may be at it, too: whoever is last replaces the file by an equal one.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("new.db");
        migrated(&format!("sqlite:{}", file.display())).await;
        let beside = template.with_extension(format!("{}.new", std::process::id()));
        std::fs::copy(&file, &beside).expect("a copy");
        std::fs::rename(&beside, &template).expect("a template");
        forget_old(&template, &place);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("shop.db");
    std::fs::copy(&template, &file).expect("a copy of the template");
    TestDatabase::Sqlite { file, _folder: folder }
}

fn forget_old(template: &Path, place: &str) {
    let Ok(entries) = std::env::temp_dir().read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What others are still writing ends otherwise.
        let whole = entry.path().extension().is_some_and(|kind| kind == "db");
        if name.starts_with(&format!("zg-test-{place}-")) && whole && entry.path() != template {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

async fn postgres() -> TestDatabase {
    #[expect(clippy::disallowed_methods, reason = "the runner says where the server is")]
    let server = std::env::var("ZG_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let (place, state) = build();
    let template = format!("zg_template_{place}_{state}");
    let db = maintenance(&server).await;
    if !exists(&db, &template).await {
        make_template(&server, &db, &template, &place).await;
    }
    let name = format!("zg_test_{place}_{}", hex::encode(zg_base::secrets::random::<8>()));
    db.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.expect("a copy of the template");
    let _ = db.close().await;
    TestDatabase::Postgres { server, name }
}

/// One process makes the template, others wait for it.
async fn make_template(server: &str, db: &DatabaseConnection, template: &str, place: &str) {
    db.execute_unprepared("SELECT pg_advisory_lock(7267001)").await.expect("a lock");
    if !exists(db, template).await {
        let old = format!("SELECT datname FROM pg_database WHERE datname LIKE 'zg\\_t%\\_{place}\\_%'");
        for row in db.query_all_raw(Statement::from_string(DbBackend::Postgres, old)).await.expect("old databases") {
            let name: String = row.try_get_by_index(0).expect("a name");
            let _ = db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
        let making = format!("{template}_making");
        db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await.expect("room for the template");
        db.execute_unprepared(&format!("CREATE DATABASE {making}")).await.expect("a database");
        migrated(&with_name(server, &making)).await;
        db.execute_unprepared(&format!("ALTER DATABASE {making} RENAME TO {template}")).await.expect("a template");
    }
    db.execute_unprepared("SELECT pg_advisory_unlock(7267001)").await.expect("the lock given back");
}

async fn exists(db: &DatabaseConnection, name: &str) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("the server").is_some()
}

async fn maintenance(server: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(server);
    options.max_connections(1).acquire_timeout(Duration::from_secs(60)).sqlx_logging(false);
    Database::connect(options).await.expect("PostgreSQL for the tests: set ZG_TEST_POSTGRES")
}

fn with_name(server: &str, name: &str) -> String {
    let (before, _) = server.rsplit_once('/').expect("a URL with a database's name");
    format!("{before}/{name}")
}

/// Every table.
pub(crate) async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.expect("the tables");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect()
}

/// A query that gives each row of a table as one text.
pub(crate) async fn rows_as_text(db: &DatabaseConnection, table: &str) -> String {
    if db.get_database_backend() == DbBackend::Postgres {
        return format!("SELECT row_to_json(t)::text FROM \"{table}\" t");
    }
    let columns = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, format!("SELECT name FROM pragma_table_info('{table}')")))
        .await
        .expect("the columns");
    let columns: Vec<String> = columns.iter().map(|row| row.try_get_by_index::<String>(0).expect("a name")).collect();
    let parts: Vec<String> = columns.iter().map(|name| format!("'{name}=' || quote(\"{name}\")")).collect();
    format!("SELECT {} FROM \"{table}\"", parts.join(" || ' ' || "))
}
