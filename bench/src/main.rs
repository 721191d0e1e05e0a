//! Load on a running shop, from a second process on the same machine, and the
//! bare database beside it.
//!
//! Every scenario is bounded in time; the target is always a loopback address.

mod client;
mod floor;
mod run;
mod scenario;
mod seed;

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Drives a shop and says how quick it is.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write past orders straight into the database, so that lists are long.
    Seed {
        /// `sqlite:PATH` or `postgres://…`, of a shop that has products.
        #[arg(long)]
        database: String,
        /// How many orders.
        #[arg(long, default_value_t = 100_000)]
        orders: u32,
    },
    /// Run scenarios against a server.
    Run {
        /// Where it listens; loopback only.
        #[arg(long, default_value = "127.0.0.1:8080")]
        address: SocketAddr,
        /// An API key with `orders.read`, for the staff's list.
        #[arg(long)]
        key: Option<String>,
        /// Users at once.
        #[arg(long, default_value_t = 8)]
        users: usize,
        /// Seconds a scenario.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Which: health, list, page, search, cart, whole, checkout, orders; all if none is named.
        scenarios: Vec<String>,
    },
    /// The statements of a checkout alone, without a server: the floor.
    Floor {
        /// `sqlite:PATH` or `postgres://…`, of a shop that has products.
        #[arg(long)]
        database: String,
        /// Users at once.
        #[arg(long, default_value_t = 8)]
        users: usize,
        /// Seconds.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Seed { database, orders } => seed::seed(&database, orders).await,
        Command::Run { address, key, users, seconds, scenarios } => {
            anyhow::ensure!(address.ip().is_loopback(), "{address} is not on this machine");
            run::all(address, key.as_deref(), users, Duration::from_secs(seconds.min(120)), &scenarios).await
        }
        Command::Floor { database, users, seconds } => floor::floor(&database, users, Duration::from_secs(seconds.min(120))).await,
    }
}

/// Prints a line of the result.
#[expect(clippy::print_stdout, reason = "the figures are the program's answer")]
fn say(line: &str) {
    println!("{line}");
}
