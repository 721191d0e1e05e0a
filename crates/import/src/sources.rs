//! Where the pictures are taken from that rows name: a folder of this machine, a zip that
//! came with the file, or the addresses themselves.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sea_orm::EntityTrait;
use zg_base::job::RowError;
use zg_base::{App, Reach, Visibility};
use zg_db::entity::file;

use crate::Error;
use crate::fetch::{self, Fetcher, Missed};
use crate::importer::is_address;
use crate::pack::Pack;
use crate::start::Params;

/// Where pictures are taken from.
#[derive(Debug)]
pub(crate) struct Sources {
    folder: Option<PathBuf>,
    pack: Option<Arc<Mutex<Pack>>>,
    reach: Reach,
    fetcher: Option<Result<Fetcher, Missed>>,
}

impl Params {
    /// Can this be brought at all? A name without a folder or a zip is passed over.
    pub(crate) fn has_place_for(&self, source: &str) -> bool {
        is_address(source) || self.images.is_some() || self.pack.is_some()
    }
}

impl Sources {
    /// The places of a job.
    pub(crate) async fn open(app: &App, params: &Params) -> Result<Self, Error> {
        let pack = match params.pack {
            Some(file_id) => {
                let stored = file::Entity::find_by_id(file_id).one(app.read()).await?.ok_or(Error::FileMissing)?;
                let reader = app.files().open(Visibility::Private, &stored.sha256).await?;
                let opened = tokio::task::spawn_blocking(move || Pack::open(reader)).await;
                Some(Arc::new(Mutex::new(opened.map_err(|error| Error::Pack(error.to_string()))??)))
            }
            None => None,
        };
        Ok(Self { folder: params.images.clone(), pack, reach: app.reach(), fetcher: None })
    }

    /// As [`Self::open`], and ready to fetch.
    pub(crate) async fn open_to_bring(app: &App, params: &Params) -> Result<Self, Error> {
        let mut opened = Self::open(app, params).await?;
        opened.fetcher = Some(Fetcher::new(app.reach()));
        Ok(opened)
    }

    /// Faults of the pictures that are certainly not there. Addresses are not asked.
    pub(crate) async fn absent(&self, row: i64, named: &[&String]) -> Vec<RowError> {
        let mut faults = Vec::new();
        for source in named {
            let missed = if is_address(source) {
                fetch::check(source, self.reach).err()
            } else if let Some(pack) = &self.pack {
                let found = pack.lock().unwrap_or_else(PoisonError::into_inner).find(source);
                found.err().map(Missed::for_good)
            } else if let Some(folder) = &self.folder {
                let there = match below(folder, source) {
                    Some(path) => tokio::fs::try_exists(&path).await.unwrap_or_default(),
                    None => false,
                };
                (!there).then_some(Missed::for_good("image_missing"))
            } else {
                None
            };
            faults.extend(missed.map(|missed| missed.fault(row, source)));
        }
        faults
    }

    /// The bytes of a picture, up to `limit`.
    pub(crate) async fn bring(&self, source: &str, limit: usize) -> Result<Bytes, Missed> {
        const MISSING: Missed = Missed::for_good("image_missing");
        if is_address(source) {
            return match &self.fetcher {
                Some(Ok(fetcher)) => fetcher.get(source, limit).await,
                Some(Err(missed)) => Err(missed.clone()),
                None => Err(MISSING),
            };
        }
        if let Some(pack) = self.pack.clone() {
            let name = source.to_owned();
            let read = move || pack.lock().unwrap_or_else(PoisonError::into_inner).read(&name, limit);
            return tokio::task::spawn_blocking(read).await.unwrap_or(Err("image_unreadable")).map_err(Missed::for_good);
        }
        let path = self.folder.as_deref().and_then(|folder| below(folder, source)).ok_or(MISSING)?;
        let about = tokio::fs::metadata(&path).await.map_err(|_| MISSING)?;
        if u64::try_from(limit).is_ok_and(|limit| about.len() > limit) {
            return Err(Missed::for_good("image_too_large"));
        }
        tokio::fs::read(&path).await.map(Bytes::from).map_err(|_| MISSING)
    }
}

/// A file below a folder; a name that leads out of it is none.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    let inside = name.components().all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_13_a_picture_lies_in_its_folder() {
        let folder = Path::new("/pictures");
        assert_eq!(below(folder, "tea/a.png"), Some(PathBuf::from("/pictures/tea/a.png")));
        for name in ["../secret.png", "/etc/passwd", "tea/../../x"] {
            assert_eq!(below(folder, name), None);
        }
    }
}
