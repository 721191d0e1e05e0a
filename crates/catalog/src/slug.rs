//! Slugs: the name in the address, unique in the shop, with a history, so that an
//! old address still leads to the product.

use std::collections::BTreeMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter, Set,
};
use zg_base::Tx;
use zg_db::entity::slug::{ActiveModel, Column, Entity, Model};

/// Longest slug.
const LIMIT: usize = 80;

/// What a slug leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Product,
    Category,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Category => "category",
        }
    }
}

/// Where a slug leads.
pub(crate) struct Target {
    pub(crate) entity_id: i64,
    /// False for one of its former names: the reader is sent to the present one.
    pub(crate) current: bool,
}

/// A slug wished for.
pub(crate) struct Wish {
    pub(crate) entity_id: i64,
    pub(crate) locale: String,
    pub(crate) name: String,
    pub(crate) code: String,
}

/// Gives a thing its slug in a language, made of its name; if that is another's,
/// of name and code. The former one goes on leading here.
pub(crate) async fn give(tx: &Tx, kind: Kind, entity_id: i64, locale: &str, name: &str, code: &str) -> Result<(), DbErr> {
    let wish = Wish { entity_id, locale: locale.to_owned(), name: name.to_owned(), code: code.to_owned() };
    give_many(tx, kind, &[wish]).await
}

/// As [`give`], many in a few statements.
pub(crate) async fn give_many(tx: &Tx, kind: Kind, wishes: &[Wish]) -> Result<(), DbErr> {
    for chunk in wishes.chunks(1_000) {
        let mut open: Vec<&Wish> = chunk.iter().collect();
        // Another writer may take a slug between looking and writing: then the next way is tried.
        for _ in 0..4 {
            open = give_some(tx, kind, open).await?;
            if open.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// Gives what is free; says for which another writer was faster.
async fn give_some<'a>(tx: &Tx, kind: Kind, wishes: Vec<&'a Wish>) -> Result<Vec<&'a Wish>, DbErr> {
    let ways: Vec<[String; 3]> = wishes.iter().map(|wish| wish.ways(kind)).collect();
    let known = Entity::find().filter(Column::Slug.is_in(ways.iter().flatten())).all(tx.db()).await?;
    let mut taken: BTreeMap<String, Model> = known.into_iter().map(|row| (row.slug.clone(), row)).collect();
    let mine = Entity::find()
        .filter(Column::Entity.eq(kind.as_str()))
        .filter(Column::EntityId.is_in(wishes.iter().map(|wish| wish.entity_id)))
        .filter(Column::Current.eq(true));
    let current: BTreeMap<(i64, String), (i64, String)> =
        mine.all(tx.db()).await?.into_iter().map(|row| ((row.entity_id, row.locale), (row.id, row.slug))).collect();
    let (mut former, mut again, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    let mut asked: BTreeMap<String, &Wish> = BTreeMap::new();
    for (wish, ways) in wishes.into_iter().zip(ways) {
        let own = |row: &Model| row.entity == kind.as_str() && row.entity_id == wish.entity_id;
        let Some(slug) = ways.into_iter().find(|slug| taken.get(slug).is_none_or(own)) else { continue };
        let now = current.get(&(wish.entity_id, wish.locale.clone()));
        if now.is_some_and(|(_, known)| *known == slug) {
            continue;
        }
        former.extend(now.map(|(id, _)| *id));
        match taken.get(&slug) {
            // The same word in both languages: one slug serves both.
            Some(row) if row.locale != wish.locale && row.current => continue,
            Some(row) if row.locale == wish.locale => {
                again.push(row.id);
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        let row = Model {
            id: 0,
            entity: kind.as_str().to_owned(),
            entity_id: wish.entity_id,
            locale: wish.locale.clone(),
            slug: slug.clone(),
            current: true,
            created_at: tx.now(),
        };
        fresh.push(ActiveModel { id: NotSet, ..row.clone().into_active_model().reset_all() });
        asked.insert(slug.clone(), wish);
        taken.insert(slug, row);
    }
    for (ids, value) in [(former, false), (again, true)] {
        if !ids.is_empty() {
            let set = ActiveModel { current: Set(value), ..Default::default() };
            Entity::update_many().set(set).filter(Column::Id.is_in(ids)).exec(tx.db()).await?;
        }
    }
    if fresh.is_empty() {
        return Ok(Vec::new());
    }
    let free = OnConflict::column(Column::Slug).do_nothing().to_owned();
    let written = Entity::insert_many(fresh).on_conflict(free).exec_without_returning(tx.db()).await?;
    if usize::try_from(written).unwrap_or_default() == asked.len() {
        return Ok(Vec::new());
    }
    let rows = Entity::find().filter(Column::Slug.is_in(asked.keys())).all(tx.db()).await?;
    let mine = |row: &Model, wish: &Wish| row.entity == kind.as_str() && row.entity_id == wish.entity_id;
    Ok(rows.into_iter().filter_map(|row| asked.get(&row.slug).copied().filter(|wish| !mine(&row, wish))).collect())
}

impl Wish {
    /// What is tried, in order: the name, name and code, the row itself.
    fn ways(&self, kind: Kind) -> [String; 3] {
        let wanted = of(&self.name, &self.code);
        let with_code = shorten(&format!("{wanted}-{}", ascii(&self.code)));
        let last = format!("{}-{}-{}", kind.as_str(), self.entity_id, self.locale.to_lowercase());
        // A name without a letter or a sound, under a code without one.
        if wanted.is_empty() { [last.clone(), last.clone(), last] } else { [wanted, with_code, last] }
    }
}

/// What a slug leads to.
pub(crate) async fn find(db: &impl ConnectionTrait, kind: Kind, slug: &str) -> Result<Option<Target>, DbErr> {
    let row = Entity::find().filter(Column::Slug.eq(slug)).filter(Column::Entity.eq(kind.as_str())).one(db).await?;
    Ok(row.map(|row| Target { entity_id: row.entity_id, current: row.current }))
}

/// A name as part of an address: Chinese as pinyin, Latin folded, the rest as dashes.
pub(crate) fn of(name: &str, code: &str) -> String {
    let slug = ascii(name);
    if slug.is_empty() { shorten(&ascii(code)) } else { shorten(&slug) }
}

fn ascii(text: &str) -> String {
    use pinyin::ToPinyin as _;
    let mut out = String::new();
    let mut apart = true;
    for c in text.chars() {
        if let Some(sound) = c.to_pinyin() {
            if !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
            // As keyboards write it: an address is plain letters.
            out.push_str(&sound.plain().replace('ü', "v"));
            apart = true;
        } else if c.is_ascii_alphanumeric() {
            if apart && !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
            apart = false;
        } else if let Some(plain) = folded(c) {
            out.push_str(plain);
            apart = false;
        } else {
            apart = true;
        }
    }
    out.trim_matches('-').to_owned()
}

/// Letters of western European names, without their marks.
fn folded(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' => "a",
        'ç' | 'Ç' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'È' | 'É' | 'Ê' | 'Ë' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'Ì' | 'Í' | 'Î' | 'Ï' => "i",
        'ñ' | 'Ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' | 'Ù' | 'Ú' | 'Û' | 'Ü' => "u",
        'ý' | 'ÿ' | 'Ý' => "y",
        'ß' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        _ => return None,
    })
}

fn shorten(slug: &str) -> String {
    let cut: String = slug.chars().take(LIMIT).collect();
    cut.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn m2_7_names_become_addresses() {
        assert_eq!(super::of("西湖龙井 2026", "TEA-1"), "xi-hu-long-jing-2026");
        assert_eq!(super::of("Café crème, 250g", "C"), "cafe-creme-250g");
        assert_eq!(super::of("🍵", "TEA-1"), "tea-1");
        assert!(super::of(&"长".repeat(500), "x").len() <= 80);
    }
}
