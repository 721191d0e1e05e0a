//! Files come before an import starts: the table, and a zip of the pictures that it names.

use std::collections::BTreeMap;
use std::path::Path;

use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{Multipart, State};
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use utoipa::ToSchema;
use zg_base::{App, Incoming, Visibility};
use zg_web::{Committed, Problem, Result, Staff, View};

use crate::pack::Pack;
use crate::start::{kinds, media_type, suggest};
use crate::{Encoding, Error, FILE_LIMIT, PACK_LIMIT, Sheet};

/// Rows shown before an import begins.
const SAMPLE: usize = 20;
/// Read of a file at a time.
const CHUNK: usize = 256 * 1024;
/// What a zip of pictures is recorded as.
pub(crate) const ZIP: &str = "application/zip";

/// An uploaded file, as an import would read it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Upload {
    /// To be given when the import starts.
    file_id: i64,
    name: String,
    encoding: Encoding,
    headings: Vec<String>,
    /// The first rows.
    sample: Vec<Vec<String>>,
    /// Column → heading, as far as the names tell, for each kind.
    suggestions: BTreeMap<String, BTreeMap<String, String>>,
}

impl View for Upload {}

/// A file to be imported.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body")]
pub(crate) struct UploadForm {
    /// CSV (UTF-8, UTF-16 or GBK) or XLSX, up to 64 MB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Uploads a file and shows how it would be read.
#[utoipa::path(post, path = "/admin/imports/files",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Upload)))]
pub(crate) async fn upload(State(app): State<App>, staff: Staff, form: Result<Multipart, MultipartRejection>) -> Result<Committed<Upload>> {
    let mut form = form.map_err(|_| Problem::unsupported_media("import_form_expected"))?;
    let broken = |error: MultipartError| {
        if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::from(Error::TooLarge)
        } else {
            Problem::bad_request("body_broken")
        }
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name: String = field.file_name().unwrap_or("import").chars().take(200).collect();
        let bytes = field.bytes().await.map_err(broken)?;
        if bytes.len() > FILE_LIMIT {
            return Err(Error::TooLarge.into());
        }
        let content = bytes.to_vec();
        let looked = tokio::task::spawn_blocking(move || look(content)).await.map_err(|_| Problem::unavailable("busy"))??;
        let sha256 = app.put_file(Visibility::Private, bytes.clone()).await?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let tx = app.begin(&staff.actor).await?;
        let stored = tx.record_file(Visibility::Private, &sha256, media_type(looked.encoding), size, &name).await?;
        tx.audit("import.upload", "file", stored.id, None, Some(json!({ "name": name, "size": size }))).await?;
        let view = Upload {
            file_id: stored.id,
            name,
            encoding: looked.encoding,
            suggestions: kinds().iter().map(|kind| (kind.name.to_owned(), suggest(kind.columns, &looked.headings))).collect(),
            headings: looked.headings,
            sample: looked.sample,
        };
        let location = format!("/admin/imports/files/{}", view.file_id);
        return Committed::created(tx, view, &location).await;
    }
    Err(Error::FileMissing.into())
}

pub(crate) struct Look {
    pub(crate) headings: Vec<String>,
    encoding: Encoding,
    sample: Vec<Vec<String>>,
}

pub(crate) fn look(bytes: Vec<u8>) -> Result<Look, Error> {
    let sheet = Sheet::open(bytes)?;
    let (headings, encoding) = (sheet.headings.clone(), sheet.encoding);
    let mut sample = Vec::new();
    for row in sheet.take(SAMPLE) {
        let (_, cells) = row?;
        sample.push(cells.into_iter().map(|cell| cell.chars().take(200).collect()).collect());
    }
    Ok(Look { headings, encoding, sample })
}

/// A zip of pictures, as it was stored.
#[derive(Debug)]
pub(crate) struct StoredPack {
    pub(crate) sha256: String,
    pub(crate) size: i64,
    pub(crate) name: String,
    /// How many pictures are in it.
    pub(crate) pictures: usize,
}

/// A zip of pictures, uploaded.
#[derive(Serialize, ToSchema)]
pub(crate) struct PicturesUpload {
    /// To be given when the import starts.
    file_id: i64,
    name: String,
    /// Bytes.
    size: i64,
    /// How many pictures are in it.
    pictures: usize,
}

impl View for PicturesUpload {}

/// A zip of pictures to be used by an import.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body")]
pub(crate) struct PicturesForm {
    /// A zip of PNG, JPEG, GIF or WebP, up to 256 MB, 20,000 files and 2 GB unpacked.
    #[schema(format = Binary, content_media_type = "application/zip")]
    file: String,
}

/// Uploads a zip of the pictures that rows of a file name.
#[utoipa::path(post, path = "/admin/imports/pictures",
    request_body(content = PicturesForm, content_type = "multipart/form-data"),
    responses((status = 201, body = PicturesUpload)))]
pub(crate) async fn pictures(
    State(app): State<App>,
    staff: Staff,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Committed<PicturesUpload>> {
    let mut form = form.map_err(|_| Problem::unsupported_media("import_form_expected"))?;
    let broken = |error: MultipartError| {
        if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::from(Error::PackTooLarge)
        } else {
            Problem::bad_request("body_broken")
        }
    };
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name: String = field.file_name().unwrap_or("pictures.zip").chars().take(200).collect();
        let mut incoming = app.files().receive(Visibility::Private).await?;
        loop {
            match field.chunk().await.map_err(broken) {
                Ok(Some(bytes)) => match take(&mut incoming, bytes).await {
                    Ok(()) => {}
                    Err(error) => {
                        incoming.discard().await;
                        return Err(error.into());
                    }
                },
                Ok(None) => break,
                Err(problem) => {
                    incoming.discard().await;
                    return Err(problem);
                }
            }
        }
        let stored = looked_through(incoming, name).await?;
        let tx = app.begin(&staff.actor).await?;
        let row = tx.record_file(Visibility::Private, &stored.sha256, ZIP, stored.size, &stored.name).await?;
        tx.audit("import.upload", "file", row.id, None, Some(json!({ "name": stored.name, "size": stored.size }))).await?;
        let view = PicturesUpload { file_id: row.id, name: stored.name, size: stored.size, pictures: stored.pictures };
        let location = format!("/admin/imports/files/{}", view.file_id);
        return Committed::created(tx, view, &location).await;
    }
    Err(Error::PackMissing.into())
}

/// Stores a zip of this machine, which is looked through first.
pub(crate) async fn store_pack(app: &App, path: &Path) -> Result<StoredPack, Error> {
    let unread = |error: std::io::Error| Error::Pack(error.to_string());
    let mut file = tokio::fs::File::open(path).await.map_err(unread)?;
    let name = path.file_name().map_or_else(|| "pictures.zip".into(), |name| name.to_string_lossy().into_owned());
    let mut incoming = app.files().receive(Visibility::Private).await?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = file.read(&mut buffer).await.map_err(unread)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        if let Err(error) = take(&mut incoming, Bytes::copy_from_slice(bytes)).await {
            incoming.discard().await;
            return Err(error);
        }
    }
    looked_through(incoming, name).await
}

async fn take(incoming: &mut Incoming, bytes: Bytes) -> Result<(), Error> {
    let most = u64::try_from(PACK_LIMIT).unwrap_or(u64::MAX);
    if incoming.size().saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)) > most {
        return Err(Error::PackTooLarge);
    }
    Ok(incoming.write(bytes).await?)
}

async fn looked_through(incoming: Incoming, name: String) -> Result<StoredPack, Error> {
    let size = i64::try_from(incoming.size()).unwrap_or(i64::MAX);
    let arrived = incoming.arrived().await?;
    let reader = arrived.open().await?;
    let opened = tokio::task::spawn_blocking(move || Pack::open(reader).map(|pack| pack.len())).await;
    match opened.map_err(|error| Error::Pack(error.to_string())).flatten() {
        Ok(pictures) => Ok(StoredPack { sha256: arrived.keep().await?, size, name, pictures }),
        Err(error) => {
            arrived.discard().await;
            Err(error)
        }
    }
}
