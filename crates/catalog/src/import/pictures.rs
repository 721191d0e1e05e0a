//! Pictures that rows name, taken from a folder after their products are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::job::RowError;
use zg_base::{Actor, App, shelf};
use zg_db::entity::{file, media, sku};
use zg_import::fault;

use super::row::ProductRow;
use crate::Error;
use crate::media::{Stored, make};

/// A product's picture, and the SKU it shows if it is one SKU's.
struct Wanted<'a> {
    row: i64,
    name: &'a str,
    product_id: i64,
    sku_id: Option<i64>,
}

/// Adds the pictures that rows name to their products, unless they have them.
pub(super) async fn take(app: &App, folder: &Path, rows: &[(i64, ProductRow)]) -> Result<Vec<RowError>, Error> {
    let mut faults = Vec::new();
    for wanted in wanted(app, rows).await? {
        let Some(path) = below(folder, wanted.name) else {
            faults.push(fault(wanted.row, "image", "image_missing", Some(wanted.name)));
            continue;
        };
        let Ok(bytes) = tokio::fs::read(&path).await else {
            faults.push(fault(wanted.row, "image", "image_missing", Some(wanted.name)));
            continue;
        };
        let Ok(made) = make(bytes.into()).await else {
            faults.push(fault(wanted.row, "image", "image_invalid", Some(wanted.name)));
            continue;
        };
        let stored = Stored::of(app, made, wanted.name.to_owned()).await?;
        if has(app, wanted.product_id, stored.sha256()).await? {
            continue;
        }
        let tx = app.begin(&Actor::system("import.products")).await?;
        stored.record(&tx, wanted.product_id, wanted.sku_id).await?;
        shelf::touch(&tx).await?;
        tx.commit().await?;
    }
    Ok(faults)
}

/// One picture for each name and product: the product's if all its rows name it, else its SKU's.
async fn wanted<'a>(app: &App, rows: &'a [(i64, ProductRow)]) -> Result<Vec<Wanted<'a>>, Error> {
    let codes = rows.iter().filter(|(_, row)| row.image.is_some()).map(|(_, row)| row.sku.as_str());
    let skus: BTreeMap<String, sku::Model> = sku::Entity::find()
        .filter(sku::Column::Code.is_in(codes))
        .all(app.read())
        .await?
        .into_iter()
        .map(|row| (row.code.clone(), row))
        .collect();
    let mut names: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for (_, row) in rows {
        if let (Some(name), Some(sku)) = (row.image.as_deref(), skus.get(&row.sku)) {
            names.entry(sku.product_id).or_default().insert(name);
        }
    }
    let mut wanted: BTreeMap<(i64, &str), Wanted<'_>> = BTreeMap::new();
    for (number, row) in rows {
        let (Some(name), Some(sku)) = (row.image.as_deref(), skus.get(&row.sku)) else { continue };
        let several = names.get(&sku.product_id).is_some_and(|names| names.len() > 1);
        let sku_id = several.then_some(sku.id);
        wanted.entry((sku.product_id, name)).or_insert(Wanted { row: *number, name, product_id: sku.product_id, sku_id });
    }
    let mut wanted: Vec<Wanted<'_>> = wanted.into_values().collect();
    wanted.sort_by_key(|one| one.row);
    Ok(wanted)
}

/// A file below a folder; a name that leads out of it is none.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    let inside = name.components().all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| folder.join(name))
}

async fn has(app: &App, product_id: i64, sha256: &str) -> Result<bool, Error> {
    let files = file::Entity::find().filter(file::Column::Sha256.eq(sha256)).all(app.read()).await?;
    let there = media::Entity::find()
        .filter(media::Column::ProductId.eq(product_id))
        .filter(media::Column::FileId.is_in(files.into_iter().map(|row| row.id)))
        .one(app.read())
        .await?;
    Ok(there.is_some())
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
