//! Pictures (M2.8): told by their first bytes, stored once by their hash, with
//! smaller copies made beside the event loop.

use axum::extract::{Multipart, State};
use bytes::Bytes;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, Set};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use zg_base::{App, Tx, Visibility};
use zg_db::entity::{media, media_size, media_source, product, sku};
use zg_picture::Made;
use zg_web::{Committed, Json, Path, Problem, Result, Staff, View};

use crate::product::{Picture, pictures};
use crate::{Error, index};

/// Largest picture, in bytes.
pub const MEDIA_LIMIT: usize = 12 * 1024 * 1024;

impl View for Picture {}

/// A picture to be uploaded.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body")]
pub(crate) struct MediaForm {
    /// PNG, JPEG, GIF or WebP, up to 12 MB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Adds a picture to a product, last in order.
#[utoipa::path(post, path = "/admin/products/{id}/media", params(("id" = i64, Path)),
    request_body(content = MediaForm, content_type = "multipart/form-data"), responses((status = 201, body = Picture)))]
pub(crate) async fn upload(State(app): State<App>, staff: Staff, Path(id): Path<i64>, mut form: Multipart) -> Result<Committed<Picture>> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::from(Error::MediaTooLarge)
        } else {
            Problem::bad_request("body_broken")
        }
    };
    product::Entity::find_by_id(id).filter(product::Column::DeletedAt.is_null()).one(app.read()).await?.ok_or(Error::ProductNotFound)?;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name: String = field.file_name().unwrap_or("picture").chars().take(200).collect();
        let bytes = field.bytes().await.map_err(broken)?;
        let stored = Stored::of(&app, make(bytes).await?, name).await?;
        let tx = app.begin(&staff.actor).await?;
        let row = stored.record(&tx, id, None).await?;
        index::put(&tx, &[id]).await?;
        tx.audit("product.add_picture", "product", id, None, Some(serde_json::json!({ "media": row.id }))).await?;
        let view = pictures(tx.db(), std::slice::from_ref(&row)).await?.remove(&row.id).ok_or(Error::MediaNotFound)?;
        let location = format!("/admin/products/{id}/media/{}", row.id);
        return Committed::created(tx, view, &location).await;
    }
    Err(Error::MediaMissing.into())
}

/// Decodes a picture and makes its copies, beside the event loop.
pub(crate) async fn make(bytes: Bytes) -> Result<Made, Error> {
    if bytes.len() > MEDIA_LIMIT {
        return Err(Error::MediaTooLarge);
    }
    let made = tokio::task::spawn_blocking(move || zg_picture::make(bytes)).await;
    made.map_err(|_| Error::MediaType)?.map_err(|zg_picture::NotAPicture| Error::MediaType)
}

/// A picture whose bytes lie in the file store.
pub(crate) struct Stored {
    made: Made,
    name: String,
    original: String,
    copies: Vec<String>,
}

impl Stored {
    /// Stores the bytes: before the transaction that records them.
    pub(crate) async fn of(app: &App, made: Made, name: String) -> Result<Self, Error> {
        let original = app.put_file(Visibility::Public, made.original.clone()).await?;
        let mut copies = Vec::new();
        for (_, _, bytes) in &made.copies {
            copies.push(app.put_file(Visibility::Public, bytes.clone()).await?);
        }
        Ok(Self { made, name, original, copies })
    }

    /// Records the picture, last of its product, as one SKU's if it shows one.
    pub(crate) async fn record(&self, tx: &Tx, product_id: i64, sku_id: Option<i64>) -> Result<media::Model, Error> {
        let size = |bytes: &Bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let made = &self.made;
        let file = tx.record_file(Visibility::Public, &self.original, made.media_type, size(&made.original), &self.name).await?;
        let before = media::Entity::find().filter(media::Column::ProductId.eq(product_id)).count(tx.db()).await?;
        let row = media::ActiveModel {
            product_id: Set(product_id),
            sku_id: Set(sku_id),
            file_id: Set(file.id),
            kind: Set("image".to_owned()),
            position: Set(i32::try_from(before).unwrap_or(i32::MAX)),
            width: Set(made.width),
            height: Set(made.height),
            ..Default::default()
        };
        let row = row.insert(tx.db()).await?;
        for ((width, height, bytes), sha256) in made.copies.iter().zip(&self.copies) {
            let file = tx.record_file(Visibility::Public, sha256, "image/webp", size(bytes), &self.name).await?;
            let copy = media_size::ActiveModel {
                media_id: Set(row.id),
                width: Set(*width),
                height: Set(*height),
                file_id: Set(file.id),
                media_type: Set("image/webp".to_owned()),
            };
            media_size::Entity::insert(copy).exec_without_returning(tx.db()).await?;
        }
        Ok(row)
    }
}

/// A change of a picture.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeMedia {
    /// Language tag → what it shows.
    alt: BTreeMap<String, String>,
    /// The SKU it shows, if it is one SKU's.
    sku: Option<String>,
    /// Its place among the product's pictures, from 0.
    position: usize,
}

/// Changes a picture's text, SKU and place.
#[utoipa::path(put, path = "/admin/products/{id}/media/{media_id}", params(("id" = i64, Path), ("media_id" = i64, Path)),
    request_body = ChangeMedia, responses((status = 200, body = Picture)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path((id, media_id)): Path<(i64, i64)>,
    Json(asked): Json<ChangeMedia>,
) -> Result<Committed<Picture>> {
    let tx = app.begin(&staff.actor).await?;
    find(&tx, id, media_id).await?;
    let sku_id = match &asked.sku {
        Some(code) => {
            let row = sku::Entity::find().filter(sku::Column::Code.eq(code)).filter(sku::Column::ProductId.eq(id)).one(tx.db()).await?;
            Some(row.ok_or_else(|| Error::field("/sku", "sku_code_invalid"))?.id)
        }
        None => None,
    };
    let alt = |tag: &str| asked.alt.get(tag).map(|text| text.chars().take(500).collect::<String>()).filter(|text| !text.is_empty());
    let set = media::ActiveModel { alt_zh: Set(alt("zh-CN")), alt_en: Set(alt("en")), sku_id: Set(sku_id), ..Default::default() };
    media::Entity::update_many().set(set).filter(media::Column::Id.eq(media_id)).exec(tx.db()).await?;
    let mut order: Vec<i64> = in_order(&tx, id).await?.into_iter().filter(|other| *other != media_id).collect();
    order.insert(asked.position.min(order.len()), media_id);
    renumber(&tx, &order).await?;
    index::put(&tx, &[id]).await?;
    tx.audit("product.change_picture", "product", id, None, Some(serde_json::json!({ "media": media_id }))).await?;
    let row = find(&tx, id, media_id).await?;
    let view = pictures(tx.db(), std::slice::from_ref(&row)).await?.remove(&media_id).ok_or(Error::MediaNotFound)?;
    Committed::ok(tx, view).await
}

/// Takes a picture off a product. Its file stays: orders may show it.
#[utoipa::path(delete, path = "/admin/products/{id}/media/{media_id}", params(("id" = i64, Path), ("media_id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path((id, media_id)): Path<(i64, i64)>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    find(&tx, id, media_id).await?;
    media_size::Entity::delete_many().filter(media_size::Column::MediaId.eq(media_id)).exec(tx.db()).await?;
    media_source::Entity::delete_many().filter(media_source::Column::MediaId.eq(media_id)).exec(tx.db()).await?;
    media::Entity::delete_many().filter(media::Column::Id.eq(media_id)).exec(tx.db()).await?;
    let order = in_order(&tx, id).await?;
    renumber(&tx, &order).await?;
    index::put(&tx, &[id]).await?;
    tx.audit("product.remove_picture", "product", id, Some(serde_json::json!({ "media": media_id })), None).await?;
    Committed::no_content(tx).await
}

async fn find(tx: &Tx, product_id: i64, media_id: i64) -> Result<media::Model, Error> {
    let row = media::Entity::find_by_id(media_id).filter(media::Column::ProductId.eq(product_id)).one(tx.db()).await?;
    row.ok_or(Error::MediaNotFound)
}

async fn in_order(tx: &Tx, product_id: i64) -> Result<Vec<i64>, Error> {
    let rows = media::Entity::find()
        .filter(media::Column::ProductId.eq(product_id))
        .order_by(media::Column::Position, Order::Asc)
        .order_by(media::Column::Id, Order::Asc)
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

async fn renumber(tx: &Tx, order: &[i64]) -> Result<(), Error> {
    for (place, id) in order.iter().enumerate() {
        media::Entity::update_many()
            .set(media::ActiveModel { position: Set(i32::try_from(place).unwrap_or(i32::MAX)), ..Default::default() })
            .filter(media::Column::Id.eq(*id))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}
