//! Slugs: the name in the address, unique in the shop, with a history, so that an
//! old address still leads to the product.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set};
use zg_base::Tx;
use zg_db::entity::slug::{ActiveModel, Column, Entity};

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

/// Gives a thing its slug in a language, made of its name; if that is another's,
/// of name and code. The former one goes on leading here.
pub(crate) async fn give(tx: &Tx, kind: Kind, entity_id: i64, locale: &str, name: &str, code: &str) -> Result<(), DbErr> {
    let wanted = of(name, code);
    let with_code = shorten(&format!("{wanted}-{}", ascii(code)));
    for slug in [wanted, with_code, format!("{}-{entity_id}", kind.as_str())] {
        match Entity::find().filter(Column::Slug.eq(&slug)).one(tx.db()).await? {
            Some(row) if row.entity == kind.as_str() && row.entity_id == entity_id => {
                if row.locale != locale {
                    continue;
                }
                make_current(tx, kind, entity_id, locale, Some(row.id)).await?;
                return Ok(());
            }
            Some(_) => continue,
            None => {}
        }
        make_current(tx, kind, entity_id, locale, None).await?;
        let row = ActiveModel {
            entity: Set(kind.as_str().to_owned()),
            entity_id: Set(entity_id),
            locale: Set(locale.to_owned()),
            slug: Set(slug),
            current: Set(true),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(tx.db()).await?;
        return Ok(());
    }
    Ok(())
}

async fn make_current(tx: &Tx, kind: Kind, entity_id: i64, locale: &str, id: Option<i64>) -> Result<(), DbErr> {
    let mine = Entity::update_many()
        .filter(Column::Entity.eq(kind.as_str()))
        .filter(Column::EntityId.eq(entity_id))
        .filter(Column::Locale.eq(locale));
    mine.set(ActiveModel { current: Set(false), ..Default::default() }).exec(tx.db()).await?;
    if let Some(id) = id {
        Entity::update_many().set(ActiveModel { current: Set(true), ..Default::default() }).filter(Column::Id.eq(id)).exec(tx.db()).await?;
    }
    Ok(())
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
            out.push_str(sound.plain());
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
