//! Pictures that rows name: which product and SKU they belong to, and how they get there.
//!
//! A product has a picture once, by the hash of its content. An address that a picture
//! came from is remembered with it, so that it is not asked again as long as the picture
//! hangs there.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect as _, Set};
use zg_base::secrets::sha256_hex;
use zg_base::{Actor, App, Tx, shelf};
use zg_db::entity::{file, media, media_source, product, sku};
use zg_import::{Hung, Wanted, is_address};

use super::row::ProductRow;
use crate::Error;
use crate::media::{Stored, make};

/// One picture for each name and product, in the order of the file: the product's if all its
/// rows name it, else its SKU's.
pub(super) async fn wanted(tx: &Tx, rows: &[(i64, ProductRow)]) -> Result<Vec<Wanted>, Error> {
    let naming = || rows.iter().filter(|(_, row)| !row.images.is_empty());
    let codes = naming().map(|(_, row)| row.sku.as_str());
    let skus: BTreeMap<String, sku::Model> = sku::Entity::find()
        .filter(sku::Column::Code.is_in(codes))
        .all(tx.db())
        .await?
        .into_iter()
        .map(|row| (row.code.clone(), row))
        .collect();
    // Each product's rows, and how many of them name each picture.
    let mut named: BTreeMap<i64, (usize, BTreeMap<&str, usize>)> = BTreeMap::new();
    for (_, row) in naming() {
        let Some(sku) = skus.get(&row.sku) else { continue };
        let (all, names) = named.entry(sku.product_id).or_default();
        *all += 1;
        for name in &row.images {
            *names.entry(name).or_default() += 1;
        }
    }
    let there = addresses(tx, named.keys().copied()).await?;
    let mut taken: BTreeSet<(i64, &str)> = BTreeSet::new();
    let mut wanted = Vec::new();
    for (number, row) in naming() {
        let Some(sku) = skus.get(&row.sku) else { continue };
        let Some((all, names)) = named.get(&sku.product_id) else { continue };
        for name in &row.images {
            if there.contains(&(sku.product_id, name.clone())) || !taken.insert((sku.product_id, name)) {
                continue;
            }
            let everywhere = names.get(name.as_str()) == Some(all);
            let part = (!everywhere).then_some(sku.id);
            wanted.push(Wanted { row: *number, source: name.clone(), target: sku.product_id, part });
        }
    }
    wanted.sort_by_key(|one| one.row);
    Ok(wanted)
}

/// Adds a picture to its product, last in order, unless the product has it.
pub(super) async fn hang(app: &App, wanted: &Wanted, bytes: Bytes) -> Result<Hung, Error> {
    let sha256 = sha256_hex(&bytes);
    let actor = Actor::system("import.products");
    if let Some(known) = has(app.read(), wanted.target, &sha256).await? {
        let tx = app.begin(&actor).await?;
        remember(&tx, known, wanted).await?;
        tx.commit().await?;
        return Ok(Hung::There);
    }
    let Ok(made) = make(bytes).await else { return Ok(Hung::Invalid) };
    let name = file_name(&wanted.source);
    let stored = Stored::of(app, made, name).await?;
    let tx = app.begin(&actor).await?;
    // Two imports of one picture wait for each other here.
    product::Entity::find_by_id(wanted.target).lock_exclusive().one(tx.db()).await?;
    let hanging = match has(tx.db(), wanted.target, &sha256).await? {
        Some(known) => known,
        None => stored.record(&tx, wanted.target, wanted.part).await?.id,
    };
    remember(&tx, hanging, wanted).await?;
    shelf::touch(&tx).await?;
    tx.commit().await?;
    Ok(Hung::There)
}

/// The last part of a path or an address.
fn file_name(source: &str) -> String {
    let path = if is_address(source) { source.split(['?', '#']).next().unwrap_or_default() } else { source };
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("picture").chars().take(200).collect()
}

/// Notes the address that a picture came from.
async fn remember(tx: &Tx, media_id: i64, wanted: &Wanted) -> Result<(), Error> {
    if is_address(&wanted.source) {
        let row = media_source::ActiveModel { media_id: Set(media_id), url: Set(wanted.source.clone()) };
        let there = OnConflict::columns([media_source::Column::MediaId, media_source::Column::Url]).do_nothing().to_owned();
        media_source::Entity::insert(row).on_conflict(there).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// The addresses that products' pictures came from.
async fn addresses(tx: &Tx, products: impl Iterator<Item = i64>) -> Result<BTreeSet<(i64, String)>, Error> {
    let hanging: BTreeMap<i64, i64> = media::Entity::find()
        .select_only()
        .columns([media::Column::Id, media::Column::ProductId])
        .filter(media::Column::ProductId.is_in(products))
        .into_tuple::<(i64, i64)>()
        .all(tx.db())
        .await?
        .into_iter()
        .collect();
    if hanging.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sources = media_source::Entity::find().filter(media_source::Column::MediaId.is_in(hanging.keys().copied())).all(tx.db()).await?;
    Ok(sources.into_iter().filter_map(|row| Some((*hanging.get(&row.media_id)?, row.url))).collect())
}

/// The picture of this content that a product has.
async fn has(db: &impl ConnectionTrait, product_id: i64, sha256: &str) -> Result<Option<i64>, Error> {
    let files = file::Entity::find().filter(file::Column::Sha256.eq(sha256)).all(db).await?;
    if files.is_empty() {
        return Ok(None);
    }
    let there = media::Entity::find()
        .filter(media::Column::ProductId.eq(product_id))
        .filter(media::Column::FileId.is_in(files.into_iter().map(|row| row.id)))
        .one(db)
        .await?;
    Ok(there.map(|row| row.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_13_a_picture_is_named_as_its_file() {
        assert_eq!(file_name("https://example.com/a/tea.png?w=800#x"), "tea.png");
        assert_eq!(file_name("tea/red.png"), "red.png");
        assert_eq!(file_name("https://example.com/"), "example.com");
    }
}
