//! Lists of products for shoppers: search, category, filters, order, facets (P15, B7).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, Select,
};
use zg_base::App;
use zg_base::shelf::{Life, STOCK_BELIEVED, Seen};
use zg_db::entity::{
    category, product, product_category, product_option, product_option_text, product_option_value, product_option_value_text, sku,
    sku_value, stock,
};
use zg_domain::{Locale, Money};
use zg_web::{COUNT_LIMIT, Cursor, Page, PageMeta};

use super::card::{Held, any_left, cards, sellable};
use super::tree::{Node, Tree, count};
use super::view::{CategoryFacet, Facets, ListQuery, OptionFacet, ProductList, Sort, ValueFacet};
use crate::Error;
use crate::index;
use crate::price::Listed;

/// Longest search, in characters; the rest is not looked at.
const SEARCH_LIMIT: usize = 200;
/// Values shown of an option, and options of a list.
const FACET_LIMIT: usize = 30;

/// A page, all but what is available, which is laid over it.
struct Listing {
    list: ProductList,
    skus: Vec<Vec<Held>>,
    shown: Mutex<Option<(i64, Instant, Arc<ProductList>)>>,
}

/// A page of products.
///
/// # Errors
/// [`Error::CategoryNotFound`]; a cursor of another list; [`Error::Base`].
pub async fn list(app: &App, asked: &ListQuery, locale: Locale) -> Result<Arc<ProductList>, Error> {
    let shop = Seen::look(app).await?;
    let by_stock = asked.in_stock || asked.facets;
    // What stock decides is remembered under the stock it saw.
    let seen = if by_stock { shop.stock() } else { 0 };
    let key = format!("list|{}|{seen}|{asked:?}", locale.tag());
    let listing = match shop.get::<Listing>(&key) {
        Some(listing) => listing,
        None => {
            let (listing, until) = find(&shop, asked, locale).await?;
            let listing = Arc::new(listing);
            let bytes = 2_000 + listing.skus.iter().map(|skus| 1_400 + skus.len() * 16).sum::<usize>();
            let life = Life { until, lasts: by_stock.then_some(STOCK_BELIEVED) };
            shop.keep_for(life, key, bytes, Arc::clone(&listing));
            listing
        }
    };
    listing.with_stock(&shop).await
}

impl Listing {
    async fn with_stock(&self, shop: &Seen<'_>) -> Result<Arc<ProductList>, Error> {
        if let Some((stock, at, list)) = &*self.shown.lock().unwrap_or_else(PoisonError::into_inner)
            && *stock == shop.stock()
            && at.elapsed() < STOCK_BELIEVED
        {
            return Ok(Arc::clone(list));
        }
        let left = sellable(shop.app().read(), self.skus.iter().flatten().copied()).await?;
        let mut list = self.list.clone();
        for (card, skus) in list.data.iter_mut().zip(&self.skus) {
            card.available = any_left(skus, &left);
        }
        let list = Arc::new(list);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some((shop.stock(), Instant::now(), Arc::clone(&list)));
        Ok(list)
    }
}

/// What a list is of, apart from order and page.
struct Wanted<'a> {
    category: Option<&'a Node>,
    hits: Option<Vec<i64>>,
    price: (Option<i64>, Option<i64>),
    in_stock: bool,
    options: BTreeMap<String, Vec<String>>,
}

async fn find(shop: &Seen<'_>, asked: &ListQuery, locale: Locale) -> Result<(Listing, Option<DateTime<Utc>>), Error> {
    let db = shop.app().read();
    let tree = Tree::load(shop).await?;
    let category = match asked.category.as_deref() {
        Some(name) => Some(tree.find(name).ok_or(Error::CategoryNotFound)?),
        None => None,
    };
    let text: Option<String> = asked.q.as_deref().map(|text| text.trim().chars().take(SEARCH_LIMIT).collect());
    let (hits, corrected) = match text.filter(|text| !text.is_empty()) {
        Some(text) => {
            let found = index::find(db, &text).await?;
            (Some(found.ids), found.corrected)
        }
        None => (None, None),
    };
    let wanted = Wanted {
        category,
        hits,
        price: (asked.price_min, asked.price_max),
        in_stock: asked.in_stock,
        options: options_of(asked.option.as_deref()),
    };
    let page = wanted.page(db, asked).await?;
    let cards = cards(shop, &page.data, locale).await?;
    let facets = if asked.facets { Some(facets(db, &wanted, &tree, locale).await?) } else { None };
    let until = cards.iter().filter_map(|card| card.until).min();
    let list = ProductList { data: cards.iter().map(|card| card.view.clone()).collect(), meta: page.meta, facets, corrected };
    Ok((Listing { list, skus: cards.iter().map(|card| card.skus.clone()).collect(), shown: Mutex::new(None) }, until))
}

/// `colour:red,colour:blue,size:xl`: values by option.
fn options_of(text: Option<&str>) -> BTreeMap<String, Vec<String>> {
    let mut options: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (option, value) in text.unwrap_or_default().split(',').filter_map(|part| part.split_once(':')).take(20) {
        options.entry(option.trim().to_owned()).or_default().push(value.trim().to_owned());
    }
    options
}

impl Wanted<'_> {
    fn rows(&self) -> Select<product::Entity> {
        self.rows_but(None)
    }

    /// Everything that is wanted; an option may be left out, to count its values.
    fn rows_but(&self, option: Option<&str>) -> Select<product::Entity> {
        let mut found =
            product::Entity::find().filter(product::Column::Status.eq("published")).filter(product::Column::DeletedAt.is_null());
        if let Some(category) = self.category {
            let below = category::Entity::find()
                .select_only()
                .column(category::Column::Id)
                .filter(category::Column::Path.starts_with(&category.path))
                .into_query();
            let within = product_category::Entity::find()
                .select_only()
                .column(product_category::Column::ProductId)
                .filter(product_category::Column::CategoryId.in_subquery(below))
                .into_query();
            found = found.filter(product::Column::Id.in_subquery(within));
        }
        if let Some(hits) = &self.hits {
            found = found.filter(product::Column::Id.is_in(hits.iter().copied()));
        }
        if let Some(least) = self.price.0 {
            found = found.filter(product::Column::MinPriceMinor.gte(least));
        }
        if let Some(most) = self.price.1 {
            found = found.filter(product::Column::MinPriceMinor.lte(most));
        }
        if self.in_stock {
            found = found.filter(product::Column::Id.in_subquery(in_stock()));
        }
        let mut skus = sku::Entity::find().select_only().column(sku::Column::ProductId).filter(sku::Column::DeletedAt.is_null());
        let mut chosen = false;
        for (code, values) in self.options.iter().filter(|(code, _)| Some(code.as_str()) != option) {
            skus = skus.filter(sku::Column::Id.in_subquery(with_value(code, values)));
            chosen = true;
        }
        if chosen { found.filter(product::Column::Id.in_subquery(skus.into_query())) } else { found }
    }

    /// The ids of everything that is wanted, for counting.
    fn ids_but(&self, option: Option<&str>) -> SelectStatement {
        self.rows_but(option).select_only().column(product::Column::Id).into_query()
    }

    async fn page(&self, db: &impl ConnectionTrait, asked: &ListQuery) -> Result<Page<i64>, Error> {
        let sort = asked.sort.unwrap_or(if self.hits.is_some() { Sort::Relevance } else { Sort::Newest });
        let total = if asked.cursor.is_none() { Some(self.rows().limit(COUNT_LIMIT).count(db).await?) } else { None };
        let page = match (sort, &self.hits) {
            (Sort::Relevance, Some(hits)) => self.by_rank(db, hits, asked, total).await?,
            (Sort::Relevance | Sort::Newest, _) => self.by_key(db, Key::Newest, asked, total).await?,
            (Sort::Cheapest, _) => self.by_key(db, Key::Cheapest, asked, total).await?,
            (Sort::Dearest, _) => self.by_key(db, Key::Dearest, asked, total).await?,
            (Sort::BestSold, _) => self.by_key(db, Key::BestSold, asked, total).await?,
        };
        Ok(page)
    }

    /// In the order in which the search found them; the cursor is the place in it.
    async fn by_rank(&self, db: &impl ConnectionTrait, hits: &[i64], asked: &ListQuery, total: Option<u64>) -> Result<Page<i64>, Error> {
        let from = Cursor::decode_opt::<usize>(asked.cursor.as_deref()).map_err(|_| Error::Cursor)?.unwrap_or(0);
        let there: std::collections::BTreeSet<i64> =
            self.rows().select_only().column(product::Column::Id).into_tuple().all(db).await?.into_iter().collect();
        let ranked: Vec<i64> = hits.iter().copied().filter(|id| there.contains(id)).collect();
        let data: Vec<i64> = ranked.iter().copied().skip(from).take(asked.limit.rows()).collect();
        let end = from + data.len();
        let next_cursor = (end < ranked.len()).then(|| Cursor::encode(&end));
        Ok(Page { data, meta: PageMeta { next_cursor, total: total.and_then(|n| i64::try_from(n).ok()) } })
    }

    async fn by_key(&self, db: &impl ConnectionTrait, key: Key, asked: &ListQuery, total: Option<u64>) -> Result<Page<i64>, Error> {
        let (column, order) = key.column();
        let mut found = self.rows();
        if matches!(key, Key::Cheapest | Key::Dearest) {
            found = found.filter(column.is_not_null());
        }
        if let Some((last, id)) = Cursor::decode_opt::<(i64, i64)>(asked.cursor.as_deref()).map_err(|_| Error::Cursor)? {
            let last = key.value(last);
            let (beyond, tie) = match order {
                Order::Asc => (Expr::col((product::Entity, column)).gt(last.clone()), product::Column::Id.gt(id)),
                _ => (Expr::col((product::Entity, column)).lt(last.clone()), product::Column::Id.lt(id)),
            };
            let same = Condition::all().add(Expr::col((product::Entity, column)).eq(last)).add(tie);
            found = found.filter(Condition::any().add(beyond).add(same));
        }
        let rows = found.order_by(column, order.clone()).order_by(product::Column::Id, order).limit(asked.limit.and_one()).all(db).await?;
        Ok(Page::of(rows, asked.limit, total, |row| (key.of(row), row.id)).map(|row| row.id))
    }
}

/// A column by which lists are ordered.
#[derive(Clone, Copy)]
enum Key {
    Newest,
    Cheapest,
    Dearest,
    BestSold,
}

impl Key {
    const fn column(self) -> (product::Column, Order) {
        match self {
            Self::Newest => (product::Column::PublishedAt, Order::Desc),
            Self::Cheapest => (product::Column::MinPriceMinor, Order::Asc),
            Self::Dearest => (product::Column::MinPriceMinor, Order::Desc),
            Self::BestSold => (product::Column::SalesCount, Order::Desc),
        }
    }

    /// A row's place, as a number: an instant in microseconds.
    fn of(self, row: &product::Model) -> i64 {
        match self {
            Self::Newest => row.published_at.map(|at| at.timestamp_micros()).unwrap_or_default(),
            Self::Cheapest | Self::Dearest => row.min_price_minor.unwrap_or_default(),
            Self::BestSold => row.sales_count,
        }
    }

    fn value(self, number: i64) -> sea_orm::Value {
        match self {
            Self::Newest => DateTime::<Utc>::from_timestamp_micros(number).into(),
            Self::Cheapest | Self::Dearest | Self::BestSold => number.into(),
        }
    }
}

/// Products of which a SKU can be bought.
fn in_stock() -> SelectStatement {
    let free = Expr::col((stock::Entity, stock::Column::OnHand))
        .sub(Expr::col((stock::Entity, stock::Column::Reserved)))
        .sub(Expr::col((stock::Entity, stock::Column::Held)))
        .add(Expr::col((stock::Entity, stock::Column::BackorderLimit)));
    let left = Query::select().column(stock::Column::SkuId).from(stock::Entity).and_where(free.gt(0)).to_owned();
    sku::Entity::find()
        .select_only()
        .column(sku::Column::ProductId)
        .filter(sku::Column::DeletedAt.is_null())
        .filter(Condition::any().add(sku::Column::Tracked.eq(false)).add(sku::Column::Id.in_subquery(left)))
        .into_query()
}

/// SKUs that have one of some values of an option.
fn with_value(option: &str, values: &[String]) -> SelectStatement {
    Query::select()
        .column((sku_value::Entity, sku_value::Column::SkuId))
        .from(sku_value::Entity)
        .join(
            JoinType::InnerJoin,
            product_option::Entity,
            Expr::col((product_option::Entity, product_option::Column::Id)).equals((sku_value::Entity, sku_value::Column::OptionId)),
        )
        .join(
            JoinType::InnerJoin,
            product_option_value::Entity,
            Expr::col((product_option_value::Entity, product_option_value::Column::Id))
                .equals((sku_value::Entity, sku_value::Column::ValueId)),
        )
        .and_where(Expr::col((product_option::Entity, product_option::Column::Code)).eq(option))
        .and_where(Expr::col((product_option_value::Entity, product_option_value::Column::Code)).is_in(values.iter().cloned()))
        .to_owned()
}

async fn facets(db: &impl ConnectionTrait, wanted: &Wanted<'_>, tree: &Tree, locale: Locale) -> Result<Facets, Error> {
    let list = Listed::default(db).await?;
    let counts = count(db, &tree.paths(), wanted.ids_but(None)).await?;
    let categories = tree
        .in_order()
        .into_iter()
        .filter_map(|node| {
            let count = counts.get(&node.id).copied().filter(|count| *count > 0)?;
            let crumb = node.crumb(locale);
            Some(CategoryFacet { slug: crumb.slug, name: crumb.name, depth: node.depth, count })
        })
        .collect();
    let (least, most): (Option<i64>, Option<i64>) = wanted
        .rows()
        .select_only()
        .column_as(product::Column::MinPriceMinor.min(), "least")
        .column_as(product::Column::MinPriceMinor.max(), "most")
        .into_tuple()
        .one(db)
        .await?
        .unwrap_or_default();
    let money = |amount: Option<i64>| amount.map(|amount| Money::new(amount, list.currency));
    let in_stock = wanted.rows().filter(product::Column::Id.in_subquery(in_stock())).count(db).await?;
    Ok(Facets {
        categories,
        options: options(db, wanted, locale).await?,
        price_min: money(least),
        price_max: money(most),
        in_stock: i64::try_from(in_stock).unwrap_or(i64::MAX),
    })
}

/// The options of what is wanted. A chosen option is counted as if it were not chosen,
/// for one may choose another value beside.
async fn options(db: &impl ConnectionTrait, wanted: &Wanted<'_>, locale: Locale) -> Result<Vec<OptionFacet>, Error> {
    let mut found = counted(db, wanted, None, locale).await?;
    for code in wanted.options.keys() {
        found.retain(|facet| facet.code != *code);
        found.extend(counted(db, wanted, Some(code), locale).await?);
    }
    found.sort_by_key(|facet| (std::cmp::Reverse(facet.values.iter().map(|value| value.count).sum::<i64>()), facet.code.clone()));
    found.truncate(FACET_LIMIT);
    Ok(found)
}

async fn counted(db: &impl ConnectionTrait, wanted: &Wanted<'_>, only: Option<&str>, locale: Locale) -> Result<Vec<OptionFacet>, DbErr> {
    let option_of = |column| Expr::col((product_option::Entity, column));
    let value_of = |column| Expr::col((product_option_value::Entity, column));
    let mut statement = Query::select();
    statement
        .expr_as(option_of(product_option::Column::Code), "option_code")
        .expr_as(value_of(product_option_value::Column::Code), "value_code")
        .expr_as(Expr::col((product_option_text::Entity, product_option_text::Column::Name)).min(), "option_name")
        .expr_as(Expr::col((product_option_value_text::Entity, product_option_value_text::Column::Name)).min(), "value_name")
        .expr_as(Expr::col((sku::Entity, sku::Column::ProductId)).count_distinct(), "products")
        .from(sku::Entity)
        .join(
            JoinType::InnerJoin,
            sku_value::Entity,
            Expr::col((sku_value::Entity, sku_value::Column::SkuId)).equals((sku::Entity, sku::Column::Id)),
        )
        .join(
            JoinType::InnerJoin,
            product_option::Entity,
            option_of(product_option::Column::Id).equals((sku_value::Entity, sku_value::Column::OptionId)),
        )
        .join(
            JoinType::InnerJoin,
            product_option_value::Entity,
            value_of(product_option_value::Column::Id).equals((sku_value::Entity, sku_value::Column::ValueId)),
        )
        .join(
            JoinType::LeftJoin,
            product_option_text::Entity,
            Expr::col((product_option_text::Entity, product_option_text::Column::OptionId))
                .equals((product_option::Entity, product_option::Column::Id))
                .and(Expr::col((product_option_text::Entity, product_option_text::Column::Locale)).eq(locale.tag())),
        )
        .join(
            JoinType::LeftJoin,
            product_option_value_text::Entity,
            Expr::col((product_option_value_text::Entity, product_option_value_text::Column::ValueId))
                .equals((product_option_value::Entity, product_option_value::Column::Id))
                .and(Expr::col((product_option_value_text::Entity, product_option_value_text::Column::Locale)).eq(locale.tag())),
        )
        .and_where(Expr::col((sku::Entity, sku::Column::DeletedAt)).is_null())
        .and_where(Expr::col((sku::Entity, sku::Column::ProductId)).in_subquery(wanted.ids_but(only)))
        .group_by_columns([(product_option::Entity, product_option::Column::Code)])
        .group_by_columns([(product_option_value::Entity, product_option_value::Column::Code)]);
    // A value counts where a SKU has it together with the other chosen ones.
    for (code, values) in wanted.options.iter().filter(|(code, _)| Some(code.as_str()) != only) {
        statement.and_where(Expr::col((sku::Entity, sku::Column::Id)).in_subquery(with_value(code, values)));
    }
    if let Some(code) = only {
        statement.and_where(option_of(product_option::Column::Code).eq(code));
    }
    let mut facets: BTreeMap<String, OptionFacet> = BTreeMap::new();
    for row in db.query_all(&statement).await? {
        let (code, value): (String, String) = (row.try_get("", "option_code")?, row.try_get("", "value_code")?);
        let name: Option<String> = row.try_get("", "option_name")?;
        let value_name: Option<String> = row.try_get("", "value_name")?;
        let facet = facets.entry(code.clone()).or_insert_with(|| OptionFacet {
            name: name.unwrap_or_else(|| code.clone()),
            code,
            values: Vec::new(),
        });
        facet.values.push(ValueFacet {
            name: value_name.unwrap_or_else(|| value.clone()),
            code: value,
            count: row.try_get("", "products")?,
        });
    }
    let mut facets: Vec<OptionFacet> = facets.into_values().collect();
    for facet in &mut facets {
        facet.values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.code.cmp(&b.code)));
        facet.values.truncate(FACET_LIMIT);
    }
    Ok(facets)
}

#[cfg(test)]
mod tests {
    #[test]
    fn b7_values_of_one_option_stand_together() {
        let options = super::options_of(Some("colour:red, size:xl,colour:blue,nonsense"));
        assert_eq!(options.len(), 2);
        assert_eq!(options["colour"], ["red", "blue"]);
    }
}
