//! Uploaded and made files, stored once by the hash of their content.

use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetResult, GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt as _};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use sha2::{Digest as _, Sha256};
use zg_db::entity::file;

use crate::secrets::{sha256_hex, token};
use crate::{App, Error, Tx};

/// Who may fetch a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Anybody who knows its hash: pictures of the shop.
    Public,
    /// Only through a route that checks a right: import files, proofs.
    Private,
}

impl Visibility {
    /// The folder, and the column's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Row id.
    pub id: i64,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// Media type, found from the content by who stored it.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// The name it came with.
    pub name: String,
}

/// The object store: objects at `public|private/<sha256>`.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

impl Files {
    /// Files in a folder, which is made if absent.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// The content of a file.
    ///
    /// # Errors
    /// [`Error::Files`] if it is not there.
    pub async fn get(&self, visibility: Visibility, sha256: &str) -> Result<Bytes, Error> {
        Ok(self.store.get(&key(visibility, sha256)).await?.bytes().await?)
    }

    /// Stores bytes and says their hash. Storing the same again changes nothing.
    ///
    /// # Errors
    /// [`Error::Files`].
    pub async fn put(&self, visibility: Visibility, bytes: Bytes) -> Result<String, Error> {
        let sha256 = sha256_hex(&bytes);
        self.store.put(&key(visibility, &sha256), bytes.into()).await?;
        Ok(sha256)
    }

    /// A file to be read in parts, by blocking calls: not for an event loop.
    ///
    /// # Errors
    /// [`Error::Files`] if it is not there.
    pub async fn open(&self, visibility: Visibility, sha256: &str) -> Result<Box<dyn ReadSeek>, Error> {
        readable(self.store.get(&key(visibility, sha256)).await?).await
    }

    /// Begins a file that arrives in parts and is never whole in memory.
    ///
    /// # Errors
    /// [`Error::Files`].
    pub async fn receive(&self, visibility: Visibility) -> Result<Incoming, Error> {
        let parking = Key::from_iter([visibility.as_str(), &format!("incoming-{}", token())]);
        let upload = self.store.put_multipart(&parking).await?;
        Ok(Incoming { store: Arc::clone(&self.store), visibility, parking, upload, hash: Sha256::new(), size: 0 })
    }
}

/// What is read from any place of it.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A file on its way into the store. Dropped before its end, it was never there.
#[derive(Debug)]
pub struct Incoming {
    store: Arc<dyn ObjectStore>,
    visibility: Visibility,
    parking: Key,
    upload: Box<dyn MultipartUpload>,
    hash: Sha256,
    size: u64,
}

impl Incoming {
    /// The next bytes.
    ///
    /// # Errors
    /// [`Error::Files`].
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.hash.update(&bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(self.upload.put_part(bytes.into()).await?)
    }

    /// Bytes that came so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All of it came. It can be looked at before it is kept.
    ///
    /// # Errors
    /// [`Error::Files`].
    pub async fn arrived(mut self) -> Result<Arrived, Error> {
        self.upload.complete().await?;
        let sha256 = hex::encode(self.hash.finalize());
        Ok(Arrived { store: self.store, visibility: self.visibility, parking: self.parking, sha256 })
    }

    /// It is not wanted after all.
    pub async fn discard(mut self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!(%error, "what came of a file could not be taken away");
        }
    }
}

/// A file that came whole and is not kept yet.
#[derive(Debug)]
pub struct Arrived {
    store: Arc<dyn ObjectStore>,
    visibility: Visibility,
    parking: Key,
    sha256: String,
}

impl Arrived {
    /// Its content, to be read by blocking calls: not for an event loop.
    ///
    /// # Errors
    /// [`Error::Files`].
    pub async fn open(&self) -> Result<Box<dyn ReadSeek>, Error> {
        readable(self.store.get(&self.parking).await?).await
    }

    /// Keeps it; its hash, under which it lies from now on.
    ///
    /// # Errors
    /// [`Error::Files`].
    pub async fn keep(self) -> Result<String, Error> {
        self.store.rename(&self.parking, &key(self.visibility, &self.sha256)).await?;
        Ok(self.sha256)
    }

    /// It is not wanted after all.
    pub async fn discard(self) {
        if let Err(error) = self.store.delete(&self.parking).await {
            tracing::warn!(%error, "a file could not be taken away");
        }
    }
}

async fn readable(found: GetResult) -> Result<Box<dyn ReadSeek>, Error> {
    match found.payload {
        GetResultPayload::File(file, _) => Ok(Box::new(file)),
        GetResultPayload::Stream(_) => Ok(Box::new(Cursor::new(found.bytes().await?))),
    }
}

fn key(visibility: Visibility, sha256: &str) -> Key {
    Key::from_iter([visibility.as_str(), sha256])
}

impl App {
    /// Stores a file's bytes; to be called before the transaction that records it.
    ///
    /// # Errors
    /// As [`Files::put`].
    pub async fn put_file(&self, visibility: Visibility, bytes: Bytes) -> Result<String, Error> {
        self.files().put(visibility, bytes).await
    }
}

impl Tx {
    /// Records a file whose bytes were stored by [`App::put_file`].
    ///
    /// # Errors
    /// [`Error::Db`].
    pub async fn record_file(
        &self,
        visibility: Visibility,
        sha256: &str,
        media_type: &str,
        size: i64,
        name: &str,
    ) -> Result<StoredFile, Error> {
        let row = file::ActiveModel {
            sha256: Set(sha256.to_owned()),
            visibility: Set(visibility.as_str().to_owned()),
            media_type: Set(media_type.to_owned()),
            size: Set(size),
            name: Set(name.to_owned()),
            created_at: Set(self.now()),
            ..Default::default()
        };
        file::Entity::insert(row)
            .on_conflict(OnConflict::columns([file::Column::Sha256, file::Column::Visibility]).do_nothing().to_owned())
            .exec_without_returning(self.db())
            .await?;
        let row = file::Entity::find()
            .filter(file::Column::Sha256.eq(sha256))
            .filter(file::Column::Visibility.eq(visibility.as_str()))
            .one(self.db())
            .await?
            .ok_or(Error::Secret("a file row vanished while it was written"))?;
        Ok(StoredFile { id: row.id, sha256: row.sha256, media_type: row.media_type, size: row.size, name: row.name })
    }
}
