//! Commits of SQLite, brought to the disk together.
//!
//! In the mode `synchronous=FULL` SQLite synchronises its log at each commit, while it
//! holds the write lock: a disk that takes a millisecond for that lets through a thousand
//! commits a second. Here SQLite leaves it to us (`NORMAL`), and whoever needs a commit to
//! last waits for one synchronisation that began after it, shared by all who wait, while
//! others write. What was acknowledged is then as safe as with `FULL`: the log holds the
//! commit, and a checkpoint synchronises on its own (https://sqlite.org/wal.html,
//! "Performance Considerations"; https://sqlite.org/pragma.html#pragma_synchronous).

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{DbErr, RuntimeErr};

/// Who waits for the disk, and how far it has come.
#[derive(Debug)]
pub(crate) struct Settling {
    log: PathBuf,
    asked: AtomicU64,
    /// Everybody up to this number asked before a synchronisation that has ended began.
    done: tokio::sync::Mutex<u64>,
}

impl Settling {
    pub(crate) fn new(log: PathBuf) -> Self {
        Self { log, asked: AtomicU64::new(0), done: tokio::sync::Mutex::new(0) }
    }

    pub(crate) async fn settle(&self) -> Result<(), DbErr> {
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut done = self.done.lock().await;
        if *done >= mine {
            return Ok(());
        }
        let covers = self.asked.load(Ordering::SeqCst);
        let log = self.log.clone();
        let synced = tokio::task::spawn_blocking(move || match std::fs::OpenOptions::new().write(true).open(log) {
            Ok(file) => file.sync_data(),
            // Without a log all of it is in the database, which a checkpoint has synchronised.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        });
        let failed = |error: String| DbErr::Exec(RuntimeErr::Internal(format!("a commit may not outlast a power cut: {error}")));
        synced.await.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
        *done = covers;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_who_wait_share_what_began_after_they_asked() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("shop.db-wal");
        std::fs::write(&log, b"frames").unwrap();
        let settling = Settling::new(log);
        let all = (0..100).map(|_| settling.settle());
        for settled in futures_util::future::join_all(all).await {
            settled.unwrap();
        }
        assert_eq!(*settling.done.lock().await, 100);
        settling.settle().await.unwrap();
        assert_eq!(*settling.done.lock().await, 101);
    }

    #[tokio::test]
    async fn a_log_that_is_not_there_holds_nothing_to_bring() {
        let folder = tempfile::tempdir().unwrap();
        Settling::new(folder.path().join("none-wal")).settle().await.unwrap();
        // A folder in its place can't be synchronised as a file: that is told.
        assert!(Settling::new(folder.path().to_path_buf()).settle().await.is_err());
    }
}
