//! Proofs of payment (M4.12): a bank's receipt, told by its first bytes, kept
//! private, and fetched only through the payment or the proposal it belongs to.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, State};
use bytes::Bytes;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use utoipa::ToSchema;
use zg_base::{App, Tx, Visibility};
use zg_db::entity::{file, payment_entry, payment_proof, payment_proposal};
use zg_web::{Attachment, Committed, Path, Problem, Result, Staff};

use crate::Error;
use crate::view::PaymentProof;

/// The largest proof, in bytes.
pub const PAPER_LIMIT: usize = 10 * 1024 * 1024;

/// A proof to be uploaded.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body")]
pub(crate) struct PaymentProofForm {
    /// PDF, PNG or JPEG, up to 10 MB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Uploads a proof, to be named when the payment is recorded.
#[utoipa::path(post, path = "/admin/payments/proofs",
    request_body(content = PaymentProofForm, content_type = "multipart/form-data"), responses((status = 201, body = PaymentProof)))]
pub(crate) async fn upload(State(app): State<App>, staff: Staff, mut form: Multipart) -> Result<Committed<PaymentProof>> {
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let (name, bytes, media_type) = paper(field).await?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let sha256 = app.put_file(Visibility::Private, bytes).await?;
        let tx = app.begin(&staff.actor).await?;
        let view = record(&tx, &sha256, media_type, size, name).await?;
        let location = format!("/admin/payments/proofs/{}", view.id);
        return Committed::created(tx, view, &location).await;
    }
    Err(Error::PaperMissing.into())
}

async fn paper(field: Field<'_>) -> Result<(String, Bytes, &'static str)> {
    let name: String = field.file_name().unwrap_or("proof").chars().filter(|c| !c.is_control()).take(200).collect();
    let bytes = field.bytes().await.map_err(broken)?;
    if bytes.len() > PAPER_LIMIT {
        return Err(Error::PaperTooLarge.into());
    }
    let media_type = infer::get(&bytes).and_then(|kind| known(kind.mime_type())).ok_or(Error::PaperType)?;
    Ok((name, bytes, media_type))
}

fn broken(error: MultipartError) -> Problem {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE { Error::PaperTooLarge.into() } else { Problem::bad_request("body_broken") }
}

/// The types we take, as texts that live as long as the program.
fn known(media_type: &str) -> Option<&'static str> {
    ["application/pdf", "image/png", "image/jpeg"].into_iter().find(|known| *known == media_type)
}

async fn record(tx: &Tx, sha256: &str, media_type: &str, size: i64, name: String) -> Result<PaymentProof, Error> {
    let stored = tx.record_file(Visibility::Private, sha256, media_type, size, &name).await?;
    let row = payment_proof::ActiveModel {
        file_id: Set(stored.id),
        name: Set(name),
        actor_name: Set(tx.actor().name.clone()),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    let after = serde_json::json!({ "name": row.name, "sha256": sha256, "size": size });
    tx.audit("payment.upload_proof", "payment_proof", row.id, None, Some(after)).await?;
    Ok(PaymentProof { id: row.id, name: row.name, media_type: stored.media_type, size: stored.size })
}

/// The proof of a payment, as a file.
#[utoipa::path(get, path = "/admin/payments/{id}/proof", params(("id" = i64, Path)), responses(
    (status = 200, content((String = "application/pdf"), (String = "image/png"), (String = "image/jpeg")))))]
pub(crate) async fn download(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Attachment> {
    let entry = payment_entry::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::PaperNotFound)?;
    attachment(&app, entry.proof_id, &format!("payment-{id}")).await
}

/// The proof of a proposed payment, as a file: whoever approves looks at it first.
#[utoipa::path(get, path = "/admin/payment-proposals/{id}/proof", params(("id" = i64, Path)), responses(
    (status = 200, content((String = "application/pdf"), (String = "image/png"), (String = "image/jpeg")))))]
pub(crate) async fn proposed(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Attachment> {
    let row = payment_proposal::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::ProposalNotFound)?;
    attachment(&app, row.proof_id, &format!("payment-proposal-{id}")).await
}

async fn attachment(app: &App, proof_id: Option<i64>, stem: &str) -> Result<Attachment> {
    let proof_id = proof_id.ok_or(Error::PaperNotFound)?;
    let proof = payment_proof::Entity::find_by_id(proof_id).one(app.read()).await?.ok_or(Error::PaperNotFound)?;
    let stored = file::Entity::find_by_id(proof.file_id).one(app.read()).await?.ok_or(Error::PaperNotFound)?;
    let media_type = known(&stored.media_type).ok_or(Error::PaperNotFound)?;
    let bytes = app.files().get(Visibility::Private, &stored.sha256).await?;
    Ok(Attachment { media_type, name: saved_as(stem, media_type), body: Body::from(bytes) })
}

/// A name that every system can save.
fn saved_as(stem: &str, media_type: &str) -> String {
    let ending = match media_type {
        "application/pdf" => "pdf",
        "image/png" => "png",
        _ => "jpg",
    };
    format!("{stem}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m4_12_a_proof_is_told_by_its_first_bytes() {
        let told = |bytes: &[u8]| infer::get(bytes).and_then(|kind| known(kind.mime_type()));
        assert_eq!(told(b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(told(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some("image/png"));
        assert_eq!(told(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some("image/jpeg"));
        assert_eq!(told(b"<svg onload=alert(1)>"), None);
        assert_eq!(told(b"GIF89a"), None);
        assert_eq!(told(b""), None);
    }
}
