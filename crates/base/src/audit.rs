//! The security log's chain: each line's digest covers the line before it.
//!
//! Lines are written inside the transactions they tell of and sealed after the
//! commit, by the relay, so that no transaction waits for another's line. A line
//! covers the *digest* of its values, salted: a person's data can be erased from
//! `before` and `after` and the chain stays whole.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::Value;
use zg_db::entity::audit_entry::{ActiveModel, Column, Entity, Model};

use crate::Proof;
use crate::secrets::sha256_hex;

/// Lines sealed or proven at a time.
const BATCH: u64 = 500;

/// The salted digest of a line's values.
pub(crate) fn value_digest(salt: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let text = |value: Option<&Value>| value.map(Value::to_string).unwrap_or_default();
    sha256_hex(format!("{salt}\n{}\n{}", text(before), text(after)).as_bytes())
}

fn line_digest(previous: &str, seq: i64, line: &Model) -> String {
    let text = format!(
        "{previous}\n{seq}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}",
        line.at.timestamp_micros(),
        line.actor_kind,
        line.actor_id.unwrap_or_default(),
        line.actor_name,
        line.ip.as_deref().unwrap_or_default(),
        line.action,
        line.entity,
        line.entity_id,
        line.value_digest,
    );
    sha256_hex(text.as_bytes())
}

/// Seals lines not yet sealed, in order of their ids; says how many.
pub(crate) async fn seal(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let open = Entity::find().filter(Column::Seq.is_null()).order_by(Column::Id, Order::Asc).limit(BATCH).all(db).await?;
    if open.is_empty() {
        return Ok(0);
    }
    let last = Entity::find().filter(Column::Seq.is_not_null()).order_by(Column::Seq, Order::Desc).one(db).await?;
    let (mut seq, mut previous) = last.map_or((0, String::new()), |line| (line.seq.unwrap_or_default(), line.digest.unwrap_or_default()));
    let mut sealed = 0;
    for line in open {
        seq += 1;
        let digest = line_digest(&previous, seq, &line);
        Entity::update_many()
            .set(ActiveModel {
                seq: Set(Some(seq)),
                digest: Set(Some(digest.clone())),
                prev_digest: Set(Some(previous)),
                ..Default::default()
            })
            .filter(Column::Id.eq(line.id))
            .exec(db)
            .await?;
        previous = digest;
        sealed += 1;
    }
    Ok(sealed)
}

/// Walks the whole chain: every digest is recomputed, and the values' too where they are still there.
///
/// # Errors
/// If the database fails.
pub async fn prove(db: &impl ConnectionTrait) -> Result<Proof, DbErr> {
    let mut proof = Proof::new("security log");
    let (mut seq, mut previous) = (0_i64, String::new());
    loop {
        let lines = Entity::find().filter(Column::Seq.gt(seq)).order_by(Column::Seq, Order::Asc).limit(BATCH).all(db).await?;
        if lines.is_empty() {
            return Ok(proof);
        }
        for line in lines {
            proof.checked += 1;
            let expected_seq = seq + 1;
            let erased = line.before.is_none() && line.after.is_none();
            let values_hold = erased || value_digest(&line.salt, line.before.as_ref(), line.after.as_ref()) == line.value_digest;
            let digest = line_digest(&previous, expected_seq, &line);
            if line.seq != Some(expected_seq) || line.digest.as_deref() != Some(&digest) || !values_hold {
                // What follows a broken line proves nothing.
                proof.fault(format!("line {expected_seq} is not as it was written"));
                return Ok(proof);
            }
            seq = expected_seq;
            previous = digest;
        }
    }
}
