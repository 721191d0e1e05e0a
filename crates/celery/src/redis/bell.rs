//! Waiting without asking again and again.
//!
//! `BLMOVE list list RIGHT RIGHT` waits until the list has an element and moves it from its right
//! end to its right end: nothing changes, and nothing is taken that a broken connection could lose.
//! Each list needs a connection of its own for that, made when it is first waited for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{AsyncConnectionConfig, Client, cmd};
use async_trait::async_trait;
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{STEPS, list_of};
use crate::broker::Bell;

/// How long one wait lasts on the server, in seconds.
const WAIT: u32 = 20;

/// After a fault.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct RedisBell {
    client: Client,
    wakeups: watch::Receiver<u64>,
    rung: Arc<Notify>,
    /// Grows with each wait; a list rings once for each.
    waits: watch::Sender<u64>,
    lists: BTreeMap<String, DropGuard>,
}

impl RedisBell {
    pub(super) fn new(client: Client, wakeups: watch::Receiver<u64>) -> Self {
        Self { client, wakeups, rung: Arc::default(), waits: watch::Sender::new(0), lists: BTreeMap::new() }
    }

    fn listen(&mut self, queues: &[String]) {
        let lists: Vec<String> = queues.iter().flat_map(|queue| STEPS.map(|step| list_of(queue, step))).collect();
        self.lists.retain(|list, _| lists.contains(list));
        for list in lists {
            self.lists.entry(list).or_insert_with_key(|list| {
                let end = CancellationToken::new();
                let work = watch_list(self.client.clone(), list.clone(), Arc::clone(&self.rung), self.waits.subscribe());
                tokio::spawn(end.clone().run_until_cancelled_owned(work));
                end.drop_guard()
            });
        }
    }
}

#[async_trait]
impl Bell for RedisBell {
    fn hush(&mut self) {
        self.wakeups.mark_unchanged();
    }

    async fn rung(&mut self, queues: &[String]) {
        self.listen(queues);
        self.waits.send_modify(|waits| *waits = waits.wrapping_add(1));
        tokio::select! {
            () = self.rung.notified() => {}
            changed = self.wakeups.changed() => if changed.is_err() {
                self.rung.notified().await;
            }
        }
    }
}

/// Rings once for each wait during which the list has something.
async fn watch_list(client: Client, list: String, rung: Arc<Notify>, mut waits: watch::Receiver<u64>) {
    let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(Some(Duration::from_secs(5)));
    loop {
        let Ok(mut connection) = client.get_multiplexed_async_connection_with_config(&config).await else {
            pause().await;
            continue;
        };
        loop {
            let command = cmd("BLMOVE").arg(&list).arg(&list).arg("RIGHT").arg("RIGHT").arg(WAIT).to_owned();
            waits.mark_unchanged();
            match command.query_async::<Option<Vec<u8>>>(&mut connection).await {
                Ok(None) => {}
                Ok(Some(_)) => {
                    rung.notify_one();
                    if waits.changed().await.is_err() {
                        return;
                    }
                }
                Err(_) => {
                    pause().await;
                    break;
                }
            }
        }
    }
}

async fn pause() {
    #[expect(clippy::disallowed_methods, reason = "a pause before connecting again")]
    tokio::time::sleep(PAUSE).await;
}
