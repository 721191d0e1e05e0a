//! What a category and a search have in common: filters, order and pages, all in the address.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::{Value, context};
use serde::Deserialize;
use zg_base::shelf::Seen;
use zg_catalog::Listed;
use zg_catalog::store::{self, CategoryFacet, Facets, ListQuery, OptionFacet, ProductList, Sort};
use zg_domain::{Currency, Money};
use zg_web::{Limit, Result};

use crate::page::Page;
use crate::template::value;

/// Products a page.
const PAGE: u16 = 24;
/// The orders a reader can choose, as they stand in the address.
const SORTS: [(&str, Sort); 5] = [
    ("relevance", Sort::Relevance),
    ("-sales", Sort::BestSold),
    ("-published_at", Sort::Newest),
    ("price", Sort::Cheapest),
    ("-price", Sort::Dearest),
];

/// The query as it stands in the address. What it does not know it leaves alone:
/// other people's links carry all kinds of marks.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) q: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    cursor: String,
    /// `colour:red,size:xl`.
    #[serde(default)]
    option: String,
    /// In whole units of the currency, as a reader types it.
    #[serde(default)]
    min: String,
    #[serde(default)]
    max: String,
    #[serde(default)]
    stock: String,
}

impl Asked {
    /// What the catalogue is asked.
    fn query(&self, category: Option<&str>, currency: Currency) -> ListQuery {
        let amount = |text: &str| Money::parse_decimal(text, currency).ok().map(|money| money.amount).filter(|amount| *amount >= 0);
        ListQuery {
            q: Some(self.q.trim().to_owned()).filter(|q| !q.is_empty()),
            category: category.map(str::to_owned),
            sort: self.sort(),
            cursor: Some(self.cursor.clone()).filter(|cursor| !cursor.is_empty()),
            limit: Limit::new(PAGE),
            price_min: amount(&self.min),
            price_max: amount(&self.max),
            in_stock: self.in_stock(),
            option: Some(self.option.clone()).filter(|option| !option.is_empty()),
            facets: true,
        }
    }

    /// The products asked for. A page that is none, as of a list that was sorted otherwise, is the first.
    pub(crate) async fn found(&self, page: &Page, category: Option<&str>) -> Result<Arc<ProductList>> {
        let currency = Listed::seen(&Seen::look(page.app()).await?).await?.currency;
        let query = self.query(category, currency);
        match store::list(page.app(), &query, page.locale()).await {
            Err(zg_catalog::Error::Cursor) => Ok(store::list(page.app(), &ListQuery { cursor: None, ..query }, page.locale()).await?),
            found => Ok(found?),
        }
    }

    /// Is this the list itself, not a part or an order of it?
    pub(crate) fn is_plain(&self) -> bool {
        self.to_query() == "?" && self.cursor.is_empty()
    }

    fn sort(&self) -> Option<Sort> {
        let found = SORTS.into_iter().find(|(name, _)| *name == self.sort).map(|(_, sort)| sort);
        // Nothing is searched, so nothing is nearer than anything else.
        found.filter(|sort| *sort != Sort::Relevance || !self.q.is_empty())
    }

    fn in_stock(&self) -> bool {
        self.stock == "1"
    }

    fn options(&self) -> BTreeSet<&str> {
        self.option.split(',').filter(|pair| !pair.is_empty()).collect()
    }

    /// The address of the list without its page.
    fn to_query(&self) -> String {
        self.at("")
    }

    /// The address of a page of the list.
    fn at(&self, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
        let pairs = [
            ("q", self.q.as_str()),
            ("sort", self.sort.as_str()),
            ("option", self.option.as_str()),
            ("min", self.min.as_str()),
            ("max", self.max.as_str()),
            ("stock", self.stock.as_str()),
            ("cursor", cursor),
        ];
        for (name, value) in pairs {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// The address with one value of an option switched.
    fn switched(&self, code: &str, value: &str) -> (bool, String) {
        let pair = format!("{code}:{value}");
        let mut options = self.options();
        let on = !options.remove(pair.as_str());
        if on {
            options.insert(&pair);
        }
        let option = options.into_iter().collect::<Vec<_>>().join(",");
        (!on, Self { option, ..self.clone() }.to_query())
    }

    /// What the template shows around the products.
    pub(crate) fn controls(&self, list: &ProductList) -> Value {
        let sorts: Vec<Value> = SORTS
            .into_iter()
            .filter(|(name, _)| *name != "relevance" || !self.q.is_empty())
            .map(|(name, _)| context! { name, key => name.trim_start_matches('-'), down => name.starts_with('-'), current => name == self.sort })
            .collect();
        let next = list.meta.next_cursor.as_deref().map(|cursor| self.at(cursor));
        let facets = list.facets.as_ref();
        context! {
            q => self.q.as_str(),
            sort => self.sort.as_str(),
            option => self.option.as_str(),
            min => self.min.as_str(),
            max => self.max.as_str(),
            stock => self.in_stock(),
            sorts => sorts,
            next => next,
            first => if self.cursor.is_empty() { None } else { Some(self.to_query()) },
            options => facets.map(|facets| self.options_of(facets)),
            categories => facets.map(|facets| value(&facets.categories)),
            in_stock => facets.map(|facets| facets.in_stock),
            stock_url => Self { stock: if self.in_stock() { String::new() } else { "1".to_owned() }, ..self.clone() }.to_query(),
            price_min => facets.and_then(|facets| facets.price_min).map(value),
            price_max => facets.and_then(|facets| facets.price_max).map(value),
            filtered => !self.option.is_empty() || !self.min.is_empty() || !self.max.is_empty() || self.in_stock(),
            cleared => Self { q: self.q.clone(), sort: self.sort.clone(), ..Self::default() }.to_query(),
        }
    }

    fn options_of(&self, facets: &Facets) -> Vec<Value> {
        let of = |option: &OptionFacet| {
            let values: Vec<Value> = option
                .values
                .iter()
                .map(|value| {
                    let (current, url) = self.switched(&option.code, &value.code);
                    context! { name => value.name.as_str(), count => value.count, current, url }
                })
                .collect();
            context! { name => option.name.as_str(), values => values }
        };
        facets.options.iter().map(of).collect()
    }
}

/// The categories of a search's results, as links that keep the search.
pub(crate) fn narrowed(facets: Option<&Facets>, asked: &Asked) -> Vec<Value> {
    let link = |category: &CategoryFacet| context! { name => category.name.as_str(), slug => category.slug.as_str(), count => category.count, query => asked.to_query() };
    facets.map(|facets| facets.categories.iter().filter(|category| category.depth == 0).map(link).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p15_filters_are_switched_in_the_address() {
        let asked = Asked { q: "茶 壶".to_owned(), option: "size:xl,colour:red".to_owned(), ..Asked::default() };
        let (on, url) = asked.switched("colour", "red");
        assert!(on);
        assert_eq!(url, "?q=%E8%8C%B6+%E5%A3%B6&option=size%3Axl");
        let (on, url) = asked.switched("colour", "blue");
        assert!(!on);
        assert_eq!(url, "?q=%E8%8C%B6+%E5%A3%B6&option=colour%3Ablue%2Ccolour%3Ared%2Csize%3Axl");
    }

    #[test]
    fn prices_are_read_as_typed_and_nonsense_is_left_out() {
        let asked = Asked { min: "12.5".to_owned(), max: "x".to_owned(), sort: "drop table".to_owned(), ..Asked::default() };
        let query = asked.query(None, Currency::CNY);
        assert_eq!((query.price_min, query.price_max, query.sort), (Some(1250), None, None));
    }
}
