//! Categories that rows name: found by code, else by name below the one before, else made.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use zg_base::Tx;
use zg_db::entity::{category, category_text};

use super::row::{ProductRow, language};
use crate::category::add;
use crate::text::Texts;
use crate::{Error, slug};

/// The categories that some rows may mean.
pub(super) struct Places {
    by_code: BTreeMap<String, i64>,
    by_name: BTreeMap<(Option<i64>, String), i64>,
}

impl Places {
    /// Reads them by codes and names.
    pub(super) async fn read(db: &impl ConnectionTrait, rows: &[(i64, ProductRow)]) -> Result<Self, DbErr> {
        let parts: BTreeSet<&str> = rows.iter().flat_map(|(_, row)| row.category.iter().map(String::as_str)).collect();
        let mut places = Self { by_code: BTreeMap::new(), by_name: BTreeMap::new() };
        if parts.is_empty() {
            return Ok(places);
        }
        let texts = category_text::Entity::find().filter(category_text::Column::Name.is_in(parts.iter().copied())).all(db).await?;
        let named = texts.iter().map(|row| row.category_id);
        let found = Condition::any().add(category::Column::Code.is_in(parts.iter().copied())).add(category::Column::Id.is_in(named));
        let rows = category::Entity::find().filter(found).all(db).await?;
        let parents: BTreeMap<i64, Option<i64>> = rows.iter().map(|row| (row.id, row.parent_id)).collect();
        for text in texts {
            if let Some(parent) = parents.get(&text.category_id) {
                places.by_name.entry((*parent, text.name)).or_insert(text.category_id);
            }
        }
        places.by_code = rows.into_iter().map(|row| (row.code, row.id)).collect();
        Ok(places)
    }

    /// The category that a row means, made as far as it is not there; none if it names none.
    pub(super) async fn take(&mut self, tx: &Tx, row: &ProductRow) -> Result<Option<i64>, Error> {
        let mut above = None;
        let mut codes: Vec<String> = Vec::new();
        for part in &row.category {
            codes.push(slug::of(part, ""));
            // A code stands for itself wherever it hangs; a name only below the one before.
            let by_code = if above.is_none() { self.by_code.get(part) } else { None };
            let known = by_code.or_else(|| self.by_name.get(&(above, part.clone()))).copied();
            let id = match known {
                Some(id) => id,
                None => self.make(tx, above, part, &codes.join("-")).await?,
            };
            self.by_name.insert((above, part.clone()), id);
            above = Some(id);
        }
        Ok(above)
    }

    async fn make(&mut self, tx: &Tx, above: Option<i64>, name: &str, code: &str) -> Result<i64, Error> {
        let names = Texts::from([(language(name).tag().to_owned(), name.to_owned())]);
        let base: String = code.chars().take(80).collect();
        // Two names may sound alike: then the code takes a number.
        let mut code = if base.is_empty() { "category".to_owned() } else { base.clone() };
        let mut number = 1;
        while category::Entity::find().filter(category::Column::Code.eq(&code)).one(tx.db()).await?.is_some() {
            number += 1;
            code = format!("{base}-{number}");
        }
        let row = add(tx, &code, &names, above).await?;
        self.by_code.insert(code, row.id);
        Ok(row.id)
    }
}
