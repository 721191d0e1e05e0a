//! Where a destination lies in the tree of regions.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use zg_db::entity::region::{self, Column};

/// The country whose addresses are checked against the tree.
pub(crate) const CHINA: &str = "CN";

/// Endings that people leave out: 新疆 is 新疆维吾尔自治区, 朝阳 is 朝阳区.
const ENDINGS: [char; 9] = ['省', '市', '区', '县', '旗', '盟', '州', '镇', '乡'];
/// Headings of statistics that some forms give for a city.
const HEADINGS: [&str; 6] = ["市辖区", "县", "市辖县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县"];

/// The regions of a destination, from the province down, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) country: String,
    pub(crate) path: Vec<region::Model>,
}

impl Place {
    /// How exactly a line of a zone names this place: 1 by `*`, 2 by its country, 3 and on by a region.
    pub(crate) fn depth(&self, country: &str, region: Option<&str>) -> Option<usize> {
        if country == "*" {
            return Some(1);
        }
        if country != self.country {
            return None;
        }
        match region {
            None => Some(2),
            Some(code) => self.path.iter().position(|row| row.code == code).map(|at| at + 3),
        }
    }
}

/// The children of a region, or the provinces of a country.
pub(crate) async fn children(db: &impl ConnectionTrait, parent: &str) -> Result<Vec<region::Model>, DbErr> {
    region::Entity::find().filter(Column::Parent.eq(parent)).all(db).await
}

/// The one of these that a person means.
pub(crate) fn named<'a>(among: &'a [region::Model], text: &str) -> Option<&'a region::Model> {
    let text = text.trim();
    if let Some(row) =
        among.iter().find(|row| row.name == text || row.name_en.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(text)))
    {
        return Some(row);
    }
    if text.chars().count() < 2 {
        return None;
    }
    let mut short =
        among.iter().filter(|row| row.name.strip_prefix(text).is_some_and(|rest| rest.ends_with(ENDINGS) || rest.ends_with("地区")));
    // Two that fit (和田市 and 和田县) are told apart by the whole name only.
    short.next().filter(|_| short.next().is_none())
}

/// Is the text a heading of statistics rather than a place, or left out?
pub(crate) fn is_heading(text: &str) -> bool {
    text.trim().is_empty() || HEADINGS.contains(&text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str, name: &str) -> region::Model {
        region::Model { code: code.into(), country: CHINA.into(), parent: None, level: 1, name: name.into(), name_en: None }
    }

    #[test]
    fn m8_8_an_ending_may_be_left_out_but_not_guessed() {
        let rows = [
            row("65", "新疆维吾尔自治区"),
            row("13", "河北省"),
            row("653201", "和田市"),
            row("653221", "和田县"),
            row("422800", "恩施土家族苗族自治州"),
        ];
        let of = |text: &str| named(&rows, text).map(|row| row.code.as_str());
        assert_eq!(of("新疆"), Some("65"));
        assert_eq!(of(" 河北省 "), Some("13"));
        assert_eq!(of("恩施"), Some("422800"));
        assert_eq!(of("和田市"), Some("653201"));
        assert_eq!(of("和田"), None);
        assert_eq!(of("河"), None);
        assert_eq!(of("湖北"), None);
    }

    #[test]
    fn m8_8_the_most_exact_line_is_the_deepest() {
        let place = Place { country: CHINA.into(), path: vec![row("65", "新疆维吾尔自治区"), row("6501", "乌鲁木齐市")] };
        assert_eq!(place.depth("*", None), Some(1));
        assert_eq!(place.depth("CN", None), Some(2));
        assert_eq!(place.depth("CN", Some("65")), Some(3));
        assert_eq!(place.depth("CN", Some("6501")), Some(4));
        assert_eq!(place.depth("CN", Some("11")), None);
        assert_eq!(place.depth("US", None), None);
    }
}
