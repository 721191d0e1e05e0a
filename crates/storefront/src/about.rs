//! What the shop says of itself: made of what it sells and of how it can be paid, so
//! that it is true of every shop.

use std::sync::Arc;

use minijinja::{Value, context};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use zg_base::App;
use zg_base::shelf::Seen;
use zg_catalog::store::StoreCategory;
use zg_db::entity::payment_method::{Column, Entity};
use zg_domain::Locale;
use zg_web::Problem;

use crate::text::Text;

/// Categories named in one sentence.
const NAMED: usize = 8;

/// `range`, a sentence on what is sold, and `ways`, one on how it is paid; either is
/// empty as long as there is nothing to say.
pub(crate) async fn shop(app: &App, categories: &[StoreCategory], locale: Locale) -> Result<Value, Problem> {
    let ways = ways_to_pay(app, locale).await?;
    let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
    let said = |text: Text, list: String| if list.is_empty() { list } else { text.of(locale).replace("{list}", &list) };
    Ok(context! {
        range => said(Text::shop_range, range(categories, locale)),
        ways => said(Text::shop_ways, listed(&ways, locale)),
    })
}

/// The categories that hold something, as a list.
pub(crate) fn range(categories: &[StoreCategory], locale: Locale) -> String {
    let mut names: Vec<&str> =
        categories.iter().filter(|category| category.products > 0).map(|category| category.name.as_str()).take(NAMED + 1).collect();
    if names.len() > NAMED {
        names.truncate(NAMED);
        return Text::and_more.of(locale).replace("{list}", &names.join(Text::list_comma.of(locale)));
    }
    listed(&names, locale)
}

/// As a reader of the language lists things.
fn listed(names: &[&str], locale: Locale) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [most @ .., last] => format!("{}{}{last}", most.join(Text::list_comma.of(locale)), Text::list_and.of(locale)),
    }
}

/// The names of the ways to pay that are switched on.
async fn ways_to_pay(app: &App, locale: Locale) -> Result<Arc<Vec<String>>, Problem> {
    let seen = Seen::look(app).await?;
    let read = async {
        let rows = Entity::find()
            .filter(Column::Enabled.eq(true))
            .order_by(Column::Position, Order::Asc)
            .order_by(Column::Id, Order::Asc)
            .all(app.read())
            .await?;
        let name = |row: zg_db::entity::payment_method::Model| match locale {
            Locale::ZhCn => row.name_zh,
            Locale::En => row.name_en,
        };
        Ok(rows.into_iter().map(name).collect())
    };
    seen.or_read(&format!("ways|{}", locale.tag()), |ways: &Vec<String>| 64 * ways.len(), read).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(name: &str, products: i64) -> StoreCategory {
        StoreCategory {
            code: String::new(),
            slug: String::new(),
            slugs: std::collections::BTreeMap::new(),
            name: name.to_owned(),
            products,
            children: Vec::new(),
        }
    }

    #[test]
    fn p15_a_list_reads_as_in_its_language() {
        let some = [category("Tea", 3), category("Empty", 0), category("Cups & Pots", 1), category("Paper", 2)];
        assert_eq!(range(&some, Locale::En), "Tea, Cups & Pots and Paper");
        assert_eq!(range(&some, Locale::ZhCn), "Tea、Cups & Pots、Paper");
        assert_eq!(range(&some[..2], Locale::En), "Tea");
        assert_eq!(range(&some[1..2], Locale::En), "");
        let many: Vec<StoreCategory> = ('a'..='j').map(|name| category(&name.to_string(), 1)).collect();
        assert_eq!(range(&many, Locale::En), "a, b, c, d, e, f, g, h and more");
        assert_eq!(range(&many, Locale::ZhCn), "a、b、c、d、e、f、g、h等");
    }
}
