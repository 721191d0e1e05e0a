//! A whole program: a task, a transaction that sends it, a worker that runs it, and a beat.
//!
//! `cargo run -p celery --example first_worker`

use std::sync::Arc;
use std::time::Duration;

use celery::{Beat, CancellationToken, Client, Clock, Context, DatabaseBroker, Registry, Schedule, Task, TaskError, Worker, schema};
use sea_orm::{ConnectOptions, Database, SqliteTransactionMode, TransactionOptions, TransactionTrait as _};
use serde::{Deserialize, Serialize};

/// What tasks need of the application.
#[derive(Clone)]
struct App {
    greeting: String,
}

#[derive(Serialize, Deserialize)]
struct Guest {
    name: String,
}

struct Greet;

impl Task<App> for Greet {
    const NAME: &'static str = "party.greet";
    type Args = Guest;
    type Output = String;

    async fn run(ctx: Context<App>, guest: Guest) -> Result<String, TaskError> {
        let words = format!("{}, {}!", ctx.state.greeting, guest.name);
        tracing::info!(words);
        Ok(words)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().init();

    // SQLite has one writer, so a pool of one.
    let db = Database::connect(ConnectOptions::new("sqlite::memory:").max_connections(1).sqlx_logging(false).to_owned()).await?;
    schema::up(&db).await?;
    let broker = DatabaseBroker::new(db.clone())?;
    let client = Client::new(Arc::new(broker.clone()), Clock::system());

    // The task is there if and only if the transaction commits.
    let immediate = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let transaction = db.begin_with_options(immediate).await?;
    let message = client.message::<Greet, _>(&Guest { name: "Mei".to_owned() })?;
    client.enqueue_in(&transaction, &message).await?;
    transaction.commit().await?;
    client.wake();

    let mut beat = Beat::new(client.clone(), Arc::new(broker));
    let every_second = Schedule::Every(Duration::from_secs(1));
    beat.add::<Greet, App>("greet everybody", every_second, &Guest { name: "everybody".to_owned() })?;

    let mut registry = Registry::new();
    registry.add::<Greet>()?;
    let worker = Worker::new(&client, registry, App { greeting: "Welcome".to_owned() });

    // A real program cancels this at SIGTERM; this one stops after five seconds.
    let shutdown = CancellationToken::new();
    let end = tokio::time::timeout(Duration::from_secs(5), std::future::pending::<()>());
    tokio::join!(worker.run(shutdown.clone()), beat.run(shutdown.clone()), async {
        let _ = end.await;
        shutdown.cancel();
    });
    Ok(())
}
