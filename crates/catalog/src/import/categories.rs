//! Import of categories (M8.12): by code and parent, or by path of names.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use zg_base::{App, Tx, shelf};
use zg_db::entity::{category, category_text};
use zg_import::{Column, Faults, Importer, Plan, Record};

use super::row::texts;
use crate::Error;
use crate::category::{NewCategory, add_many, move_below};
use crate::slug::{self, Kind, Wish};
use crate::text::{NAME_LIMIT, Texts};

/// Categories, by code.
#[derive(Clone, Copy, Debug)]
pub struct Categories;

/// A row of a category file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CategoryRow {
    code: String,
    /// Code of the category above; none at the root.
    parent: Option<String>,
    /// The file has a column for it: an empty cell is the root.
    placed: bool,
    name: Texts,
}

impl Importer for Categories {
    const KIND: &'static str = "categories";
    const TASK: &'static str = "import.categories";
    const COLUMNS: &'static [Column] = &[
        Column::new("code", &["category", "category_code", "编码", "分类编码"]),
        Column::new("parent", &["parent_code", "上级", "上级编码", "上级分类"]),
        Column::new("path", &["路径", "分类路径"]),
        Column::new("name", &["名称", "分类名称"]),
        Column::new("name_zh", &["name_zh_cn", "中文名称", "中文名"]),
        Column::new("name_en", &["英文名称", "英文名"]),
    ];
    type Row = CategoryRow;

    fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<CategoryRow> {
        let mut name = texts(record, "name", faults, Some(NAME_LIMIT));
        // `Furniture > Bookcases`: the codes are made of the names on the way.
        let path: Vec<&str> = record.text("path").unwrap_or_default().split('>').map(str::trim).filter(|part| !part.is_empty()).collect();
        let codes: Vec<String> = path.iter().map(|part| slug::of(part, "")).collect();
        if let Some(last) = path.last() {
            name.entry(super::row::language(last).tag().to_owned()).or_insert_with(|| (*last).to_owned());
        }
        let above = codes.split_last().map(|(_, above)| above.join("-")).filter(|code| !code.is_empty());
        let code = record.text("code").map(str::to_owned).or_else(|| (!codes.is_empty()).then(|| codes.join("-")));
        let Some(code) = code else {
            faults.add(record.row(), "code", "required", None);
            return None;
        };
        if code.chars().count() > 100 || code.chars().any(char::is_control) {
            faults.add(record.row(), "code", "field_too_long", None);
        }
        let parent = record.text("parent").map(str::to_owned).or(above);
        Some(CategoryRow { code, placed: parent.is_some() || path.len() == 1 || record.has("parent"), parent, name })
    }

    /// All in one: a parent may stand behind its children in the file.
    fn group(_row: &CategoryRow) -> String {
        String::new()
    }

    fn key(row: &CategoryRow) -> Option<String> {
        Some(row.code.clone())
    }

    async fn plan(app: &App, rows: &[(i64, CategoryRow)]) -> Result<Plan, zg_import::Error> {
        Ok(plan(app.read(), rows).await?)
    }

    async fn apply(tx: &Tx, rows: &[(i64, CategoryRow)]) -> Result<(), zg_import::Error> {
        Ok(apply(tx, rows).await?)
    }
}

/// Code → parent's code, of the shop's categories.
async fn parents(db: &impl ConnectionTrait) -> Result<BTreeMap<String, Option<String>>, Error> {
    let rows = category::Entity::find().all(db).await?;
    let codes: BTreeMap<i64, String> = rows.iter().map(|row| (row.id, row.code.clone())).collect();
    Ok(rows.into_iter().map(|row| (row.code, row.parent_id.and_then(|id| codes.get(&id).cloned()))).collect())
}

async fn plan(db: &impl ConnectionTrait, rows: &[(i64, CategoryRow)]) -> Result<Plan, Error> {
    let there = parents(db).await?;
    let mut plan = Plan::default();
    let mut refused: BTreeSet<&str> = BTreeSet::new();
    // A refused row is nobody's parent: those below it are refused in turn.
    loop {
        let before = refused.len();
        let mut after = there.clone();
        for (_, row) in rows.iter().filter(|(_, row)| !refused.contains(row.code.as_str())) {
            if row.placed || !there.contains_key(&row.code) {
                after.insert(row.code.clone(), row.parent.clone());
            }
        }
        for (number, row) in rows {
            if refused.contains(row.code.as_str()) {
                continue;
            }
            let fault = if row.name.is_empty() && !there.contains_key(&row.code) {
                Some(("name", "name_missing"))
            } else if row.parent.as_ref().is_some_and(|parent| !after.contains_key(parent)) {
                Some(("parent", "parent_unknown"))
            } else if in_circle(&row.code, &after) {
                Some(("parent", "category_cycle"))
            } else {
                None
            };
            if let Some((column, code)) = fault {
                plan.refuse(*number, column, code, row.parent.as_deref());
                refused.insert(&row.code);
            }
        }
        if refused.len() == before {
            break;
        }
    }
    for (_, row) in rows.iter().filter(|(_, row)| !refused.contains(row.code.as_str())) {
        if there.contains_key(&row.code) { plan.updated += 1 } else { plan.created += 1 }
    }
    Ok(plan)
}

/// Does the way up lead back?
fn in_circle(code: &str, parents: &BTreeMap<String, Option<String>>) -> bool {
    let mut at = code;
    for _ in 0..=parents.len() {
        match parents.get(at) {
            Some(Some(above)) if above == code => return true,
            Some(Some(above)) => at = above,
            Some(None) | None => return false,
        }
    }
    true
}

async fn apply(tx: &Tx, rows: &[(i64, CategoryRow)]) -> Result<(), Error> {
    let mut known: BTreeMap<String, category::Model> =
        category::Entity::find().all(tx.db()).await?.into_iter().map(|row| (row.code.clone(), row)).collect();
    let mut waiting: Vec<&CategoryRow> = rows.iter().map(|(_, row)| row).collect();
    let mut renamed = Vec::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        let (mut later, mut fresh) = (Vec::new(), Vec::new());
        for row in waiting {
            let parent_id = row.parent.as_ref().map(|code| known.get(code).map(|parent| parent.id));
            let Some(parent_id) = parent_id.map_or(Some(None), |found| found.map(Some)) else {
                later.push(row);
                continue;
            };
            match known.get(&row.code) {
                None => fresh.push(NewCategory { code: &row.code, name: &row.name, parent_id }),
                Some(there) => {
                    if row.placed && there.parent_id != parent_id {
                        move_below(tx, there.id, parent_id).await?;
                    }
                    renamed.push((there.id, row));
                }
            }
        }
        // The plan refused what has no parent; whoever deleted one meanwhile made the rest orphans.
        if later.len() == before {
            return Err(Error::CategoryNotFound);
        }
        known.extend(add_many(tx, &fresh).await?.into_iter().map(|row| (row.code.clone(), row)));
        waiting = later;
    }
    rename(tx, &renamed).await?;
    Ok(shelf::touch(tx).await?)
}

/// Writes names of categories that were there; a language that a row leaves empty stays.
async fn rename(tx: &Tx, rows: &[(i64, &CategoryRow)]) -> Result<(), Error> {
    let mut before: BTreeMap<(i64, String), category_text::Model> = BTreeMap::new();
    for chunk in rows.chunks(1_000) {
        let ids = chunk.iter().map(|(id, _)| *id);
        for row in category_text::Entity::find().filter(category_text::Column::CategoryId.is_in(ids)).all(tx.db()).await? {
            before.insert((row.category_id, row.locale.clone()), row);
        }
    }
    let mut wishes = Vec::new();
    let mut written = Vec::new();
    for (id, row) in rows {
        for (tag, name) in &row.name {
            let known = before.get(&(*id, tag.clone()));
            if known.is_some_and(|known| known.name == *name) {
                continue;
            }
            wishes.push(Wish { entity_id: *id, locale: tag.clone(), name: name.clone(), code: row.code.clone() });
            written.push(category_text::ActiveModel {
                category_id: Set(*id),
                locale: Set(tag.clone()),
                name: Set(name.clone()),
                description: Set(known.map(|known| known.description.clone()).unwrap_or_default()),
            });
        }
    }
    for chunk in written.chunks(1_000) {
        let again = sea_orm::sea_query::OnConflict::columns([category_text::Column::CategoryId, category_text::Column::Locale])
            .update_column(category_text::Column::Name)
            .to_owned();
        category_text::Entity::insert_many(chunk.to_vec()).on_conflict(again).exec_without_returning(tx.db()).await?;
    }
    slug::give_many(tx, Kind::Category, &wishes).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_12_a_circle_is_found_from_any_of_its_members() {
        let parents = |pairs: &[(&str, Option<&str>)]| {
            pairs.iter().map(|(code, above)| ((*code).to_owned(), above.map(str::to_owned))).collect::<BTreeMap<_, _>>()
        };
        let tree = parents(&[("a", None), ("b", Some("a")), ("c", Some("b"))]);
        assert!(!in_circle("c", &tree));
        let circle = parents(&[("a", Some("c")), ("b", Some("a")), ("c", Some("b")), ("d", Some("c"))]);
        assert!(["a", "b", "c", "d"].iter().all(|code| in_circle(code, &circle)));
    }
}
