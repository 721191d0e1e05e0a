//! Passwords: Argon2id, computed off the event loop.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::Error;

/// Hashes computed at once: each takes 19 MiB and a core.
static TURNS: Semaphore = Semaphore::const_new(2);

/// What an unknown account is compared with, so that it takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| compute("nobody has this password").unwrap_or_default());

/// Hashes a password (Argon2id, the crate's defaults, which are OWASP's first choice).
///
/// # Errors
/// [`Error::Password`].
pub async fn hash(password: String) -> Result<String, Error> {
    apart(move || compute(&password)).await?.ok_or(Error::Password)
}

/// Does the password belong to the hash? `None` is an account that does not
/// exist: it answers `false`, after the same time.
///
/// # Errors
/// [`Error::Password`] if the task was lost.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Error> {
    apart(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let Ok(parsed) = PasswordHash::new(&hash) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
    })
    .await
}

fn compute(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = TURNS.acquire().await.map_err(|_| Error::Password)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Password)
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = super::hash("密码 correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(super::verify("密码 correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!super::verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!super::verify("nobody has this password".into(), None).await.unwrap());
    }
}
