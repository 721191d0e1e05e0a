//! Keys and random tokens: what seals secrets at rest and signs cookies.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};

use crate::Error;

/// The id written before each sealed value, so that keys can be changed later.
const KEY_ID: u8 = 1;

/// The shop's master key, and what is derived from it.
pub struct Secrets {
    sealing: LessSafeKey,
    signing: hmac::Key,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// From 32 bytes of key.
    ///
    /// # Errors
    /// [`Error::Secret`] if the key has another length.
    pub fn new(master: &[u8]) -> Result<Self, Error> {
        if master.len() != 32 {
            return Err(Error::Secret("the master key must hold 32 bytes"));
        }
        let root = hmac::Key::new(hmac::HMAC_SHA256, master);
        let sealing = hmac::sign(&root, b"seal");
        let signing = hmac::sign(&root, b"sign");
        Ok(Self { sealing: aead_key(sealing.as_ref())?, signing: hmac::Key::new(hmac::HMAC_SHA256, signing.as_ref()) })
    }

    /// From a file, made with fresh random bytes (readable by its owner only) if absent.
    ///
    /// # Errors
    /// If the file can be neither read nor made, or holds no 32-byte key in hex.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(Error::Io(error)),
        };
        let bytes = hex::decode(text.trim()).map_err(|_| Error::Secret("the master key file holds no hex"))?;
        Self::new(&bytes)
    }

    /// Encrypts for storage: key id, nonce, ciphertext.
    ///
    /// # Errors
    /// Only if the system has no randomness to give.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = vec![KEY_ID];
        out.extend(seal_with(&self.sealing, plain)?);
        Ok(out)
    }

    /// Decrypts what [`Self::seal`] made.
    ///
    /// # Errors
    /// If it was made with another key, or changed since.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        match sealed.split_first() {
            Some((&KEY_ID, rest)) => open_with(&self.sealing, rest),
            _ => Err(Error::Secret("sealed under an unknown key")),
        }
    }

    /// An unforgeable tag of `data` for one purpose, in URL-safe text.
    pub fn tag(&self, purpose: &str, data: &str) -> String {
        let mut context = hmac::Context::with_key(&self.signing);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(data.as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign().as_ref())
    }
}

/// 24 random bytes as 32 characters that may stand in a URL: cannot be guessed.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<24>())
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system always has randomness");
    bytes
}

/// SHA-256 in hex: how tokens and keys are stored.
pub fn sha256_hex(data: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, data))
}

/// Equal, in a time that does not depend on where they differ.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |seen, (x, y)| seen | (x ^ y)) == 0
}

/// Encrypts under a key of the caller's own (the request's idempotency key).
pub(crate) fn seal_under(key: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
    seal_with(&aead_key(digest::digest(&digest::SHA256, key.as_bytes()).as_ref())?, plain)
}

/// Decrypts what [`seal_under`] made.
pub(crate) fn open_under(key: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    open_with(&aead_key(digest::digest(&digest::SHA256, key.as_bytes()).as_ref())?, sealed)
}

fn aead_key(bytes: &[u8]) -> Result<LessSafeKey, Error> {
    let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| Error::Secret("bad key length"))?;
    Ok(LessSafeKey::new(key))
}

fn seal_with(key: &LessSafeKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = random::<NONCE_LEN>();
    let mut body = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body)
        .map_err(|_| Error::Secret("sealing failed"))?;
    Ok([nonce.as_slice(), &body].concat())
}

fn open_with(key: &LessSafeKey, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(Error::Secret("a sealed value is cut short"))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Secret("bad nonce"))?;
    let mut body = body.to_vec();
    let plain = key.open_in_place(nonce, Aad::empty(), &mut body).map_err(|_| Error::Secret("a sealed value was changed"))?;
    Ok(plain.to_vec())
}

fn create(path: &Path) -> Result<String, Error> {
    use std::io::Write as _;
    let text = hex::encode(random::<32>());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_once_unchanged_only() {
        let secrets = Secrets::new(&[7; 32]).unwrap();
        let sealed = secrets.seal("密钥".as_bytes()).unwrap();
        assert_eq!(secrets.open(&sealed).unwrap(), "密钥".as_bytes());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(secrets.open(&changed).is_err());
        assert!(Secrets::new(&[8; 32]).unwrap().open(&sealed).is_err());
        assert!(secrets.open(&[]).is_err());
    }

    #[test]
    fn tokens_differ_and_fit_in_a_url() {
        let (a, b) = (token(), token());
        assert_ne!(a, b);
        assert_eq!(a.len(), 32);
        assert!(a.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
    }
}
