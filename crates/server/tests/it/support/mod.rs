//! The test application: what ships, with a clock that can be moved, mails kept
//! in memory, and proofs at the end.
//!
//! Every answer is compared with the OpenAPI document. When a [`TestApp`] is
//! dropped, all tasks that are due run, and every proof of the shop must hold.

mod catalog;
mod client;
mod contract;
pub(crate) mod customers;
mod database;
mod inventory;
pub(crate) mod orders;
pub(crate) mod past;
pub(crate) mod platform;
pub(crate) mod sale;
pub(crate) mod smtp;
pub(crate) mod system;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use celery::{DatabaseBroker, Task, Worker};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set, Statement};
use tempfile::TempDir;
use zg_base::{Actor, App, Clock, Files, Parts, Reach, Secrets, Shop, StoredEvents, mail::Mailer, session};
use zg_db::Databases;
use zg_db::entity::{event, mail, role, role_right, staff, staff_role};
use zg_web::ApiConfig;

pub(crate) use client::{Call, Client, Reply};
use database::TestDatabase;

/// A client over real sockets, of the one crypto provider there is.
pub(crate) fn http_client() -> reqwest::Client {
    http_client_builder().build().expect("a client")
}

/// The same, to be adorned.
pub(crate) fn http_client_builder() -> reqwest::ClientBuilder {
    // A second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// Shops of this process.
static APPS: AtomicU64 = AtomicU64::new(0);

type Mails = Arc<Mutex<Vec<mail::Model>>>;

/// A shop of its own.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) router: Router,
    broker: DatabaseBroker,
    database: TestDatabase,
    folder: TempDir,
    mails: Mails,
    mailer: Mailer,
    told: AtomicI64,
    names: AtomicU64,
    reach: Reach,
    failures_expected: Mutex<bool>,
}

impl TestApp {
    /// An empty shop.
    pub(crate) async fn new() -> Self {
        Self::with(ApiConfig::default()).await
    }

    /// An empty shop that asks machines like this one, too.
    pub(crate) async fn reaching_anywhere() -> Self {
        Self::made(ApiConfig::default(), Reach::Anywhere, None).await
    }

    /// An empty shop whose API is configured otherwise.
    pub(crate) async fn with(config: ApiConfig) -> Self {
        Self::made(config, Reach::default(), None).await
    }

    /// An empty shop whose mails leave by this URL.
    pub(crate) async fn mailing(url: &str) -> Self {
        Self::made(ApiConfig::default(), Reach::default(), Some(Mailer::from_url(url).expect("a mailer"))).await
    }

    async fn made(config: ApiConfig, reach: Reach, mailer: Option<Mailer>) -> Self {
        let database = TestDatabase::create().await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mails = Mails::default();
        let mailer = mailer.unwrap_or_else(|| Mailer::Capture(Arc::clone(&mails)));
        let databases = database.connect().await;
        let (app, broker) = assemble(databases, Clock::default(), &folder, mailer.clone(), reach);
        let router = zhanggui::compose::api().router(app.clone(), &config, zhanggui::compose::pages());
        let latest = hub::EventLog::latest(&StoredEvents(app.clone())).await.expect("the event log").unwrap_or_default();
        app.hub().start_after(latest);
        Self {
            app,
            router,
            broker,
            database,
            folder,
            mails,
            mailer,
            told: AtomicI64::new(latest),
            // One shop's people may be restored into another: their names differ.
            names: AtomicU64::new(APPS.fetch_add(1, Ordering::SeqCst) * 1000),
            reach,
            failures_expected: Mutex::new(false),
        }
    }

    /// Another node of the same shop: its own process in all but name.
    pub(crate) async fn second_node(&self) -> App {
        assemble(self.database.connect().await, self.app.clock().clone(), &self.folder, self.mailer.clone(), self.reach).0
    }

    /// The folder of its files, for a second process.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The URL of its database, for a second process.
    pub(crate) fn database_url(&self) -> String {
        self.database.url()
    }

    /// A signed-in member of staff with exactly these rights.
    pub(crate) async fn staff(&self, rights: &[&str]) -> Client {
        self.person(rights, false).await
    }

    /// A signed-in member of staff who may do everything.
    pub(crate) async fn owner(&self) -> Client {
        self.person(&[], true).await
    }

    async fn person(&self, rights: &[&str], everything: bool) -> Client {
        let number = self.names.fetch_add(1, Ordering::SeqCst);
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let role = role::ActiveModel {
            name: Set(format!("role {number}")),
            description: Set(String::new()),
            is_super: Set(everything),
            version: Set(1),
            ..Default::default()
        };
        let role = role.insert(tx.db()).await.expect("a role");
        for right in rights {
            let row = role_right::ActiveModel { role_id: Set(role.id), right: Set((*right).to_owned()) };
            role_right::Entity::insert(row).exec_without_returning(tx.db()).await.expect("a right");
        }
        let person = staff::ActiveModel {
            email: Set(format!("staff{number}@example.com")),
            name: Set(format!("Staff {number}")),
            password_hash: Set("nobody signs in with this".to_owned()),
            totp_enabled: Set(false),
            locale: Set("en".to_owned()),
            created_at: Set(tx.now()),
            version: Set(1),
            ..Default::default()
        };
        let person = person.insert(tx.db()).await.expect("a member of staff");
        let link = staff_role::ActiveModel { staff_id: Set(person.id), role_id: Set(role.id) };
        staff_role::Entity::insert(link).exec_without_returning(tx.db()).await.expect("a role held");
        let token = session::open(&tx, session::Owner::Staff(person.id), "test").await.expect("a session");
        tx.commit().await.expect("a commit");
        Client::signed_in(self, zg_web::STAFF_COOKIE, &token).of(person.id)
    }

    /// Somebody whom nobody knows.
    pub(crate) fn guest(&self) -> Client {
        Client::new(self)
    }

    /// The clock that everything reads.
    pub(crate) fn clock(&self) -> &Clock {
        self.app.clock()
    }

    /// Numbers events, seals the log, and runs every task that is due, and what thereby falls due.
    pub(crate) async fn run_due(&self) {
        while zg_base::relay_once(&self.app).await.expect("the relay") {}
        let may_fail = *self.failures_expected.lock().expect("not poisoned");
        run_tasks(&self.app, may_fail).await;
        while zg_base::relay_once(&self.app).await.expect("the relay") {}
    }

    /// Lets the clock's entries start what is due, then runs it.
    pub(crate) async fn beat(&self) {
        let beat = zhanggui::compose::beat(self.app.queue(), Arc::new(self.broker.clone())).expect("the schedule");
        beat.tick().await.expect("a tick");
        self.run_due().await;
    }

    /// The broker behind the queue.
    pub(crate) const fn broker(&self) -> &DatabaseBroker {
        &self.broker
    }

    /// Tasks of this test may fail.
    pub(crate) fn expect_failures(&self) {
        *self.failures_expected.lock().expect("not poisoned") = true;
    }

    /// Takes the arguments of every task of this kind that waits.
    pub(crate) async fn tasks<T: Task<App>>(&self) -> Vec<T::Args> {
        let messages = self.app.queue().take::<T, App>().await.expect("the queue");
        messages.into_iter().map(|message| T::decode(message.body.args, message.body.kwargs).expect("the task's own arguments")).collect()
    }

    /// The kinds of events since this was last asked, in order.
    pub(crate) async fn new_events(&self) -> Vec<String> {
        while zg_base::relay_once(&self.app).await.expect("the relay") {}
        let from = self.told.load(Ordering::SeqCst);
        let rows = event::Entity::find()
            .filter(event::Column::Id.gt(from))
            .order_by(event::Column::Id, Order::Asc)
            .all(self.app.read())
            .await
            .expect("events");
        if let Some(last) = rows.last() {
            self.told.store(last.id, Ordering::SeqCst);
        }
        rows.into_iter().map(|row| row.kind).collect()
    }

    /// Sends what waits and takes every mail that was sent.
    pub(crate) async fn mails(&self) -> Vec<mail::Model> {
        self.run_due().await;
        std::mem::take(&mut *self.mails.lock().expect("not poisoned"))
    }

    /// Everything that the shop holds, as text: a refusal changes nothing of it. What a
    /// refused request may leave (keys, the session's last use, counts of attempts) is left out.
    pub(crate) async fn dump(&self) -> BTreeMap<String, Vec<String>> {
        const LEFT_OUT: [&str; 6] = ["idempotency_key", "session", "sign_in_attempt", "seaql_migrations", "number_sequence", "api_key"];
        let db = self.app.read();
        let mut dump = BTreeMap::new();
        for table in database::tables(db).await {
            if LEFT_OUT.contains(&table.as_str()) || table.starts_with("search_") || table.starts_with("sqlite_") {
                continue;
            }
            let sql = database::rows_as_text(db, &table).await;
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("a table");
            let mut rows: Vec<String> = rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a row as text")).collect();
            rows.sort();
            dump.insert(table, rows);
        }
        dump
    }

    /// An id that no row has.
    #[expect(clippy::unused_self, reason = "reads well: `app.unknown()`")]
    pub(crate) fn unknown(&self) -> i64 {
        987_654_321
    }
}

fn assemble(databases: Databases, clock: Clock, folder: &TempDir, mailer: Mailer, reach: Reach) -> (App, DatabaseBroker) {
    let broker = DatabaseBroker::new(databases.write.clone()).expect("a database we know");
    let queue = celery::Client::new(Arc::new(broker.clone()), {
        let clock = clock.clone();
        celery::Clock::new(move || clock.now())
    });
    let bus = celery::DatabaseBus::new(databases.write.clone(), queue.clock().clone()).expect("a database we know");
    let queue = queue.with_bus(Arc::new(bus));
    let app = App::new(Parts {
        databases,
        shop: Shop {
            name: "掌柜 Zhanggui".to_owned(),
            time_zone: chrono_tz::Asia::Shanghai,
            base_url: "http://shop.test".to_owned(),
            mail_from: "掌柜 <shop@shop.test>".to_owned(),
        },
        clock,
        files: Files::in_folder(&folder.path().join("files")).expect("a folder"),
        secrets: Secrets::new(&[7; 32]).expect("32 bytes"),
        queue,
        hub: hub::Hub::new(hub::Config::default()),
        mailer,
        reach,
    });
    (app, broker)
}

async fn run_tasks(app: &App, may_fail: bool) {
    let registry = zhanggui::compose::registry().expect("the tasks");
    let ran = Worker::new(app.queue(), registry, app.clone()).run_until_idle().await.expect("the queue");
    if !may_fail {
        let failed: Vec<_> = ran.iter().filter(|one| !one.is_done()).collect();
        assert!(failed.is_empty(), "tasks failed: {failed:?}");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.database.forget();
            return;
        }
        let may_fail = *self.failures_expected.lock().expect("not poisoned");
        // The test's runtime is busy dropping this: the proofs have one of their own.
        let proven = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        let databases = self.database.connect().await;
                        let (app, _) = assemble(databases.clone(), self.app.clock().clone(), &self.folder, self.mailer.clone(), self.reach);
                        while zg_base::relay_once(&app).await.expect("the relay") {}
                        run_tasks(&app, may_fail).await;
                        while zg_base::relay_once(&app).await.expect("the relay") {}
                        let proofs = zhanggui::compose::prove(&app).await.expect("the proofs");
                        let _ = databases.close().await;
                        proofs
                    })
                })
                .join()
        });
        self.database.forget();
        let proofs = proven.expect("the end of a test: tasks and proofs");
        for proof in proofs {
            assert!(proof.holds(), "{}: {:#?}", proof.name, proof.faults);
        }
    }
}
