//! The category tree as shoppers see it (M2.12), remembered whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _};
use zg_base::shelf::Seen;
use zg_db::entity::{category, category_text, product, product_category, slug};
use zg_domain::Locale;

use super::view::{Crumb, StoreCategory};
use crate::Error;
use crate::slug::Kind;
use crate::text::{Texts, pick};

/// All categories.
pub(super) struct Tree {
    nodes: BTreeMap<i64, Node>,
    /// Slug or code → category.
    by_name: BTreeMap<String, i64>,
}

pub(super) struct Node {
    pub(super) id: i64,
    parent_id: Option<i64>,
    code: String,
    position: i32,
    pub(super) depth: i32,
    pub(super) path: String,
    names: Texts,
    slugs: Texts,
    /// Published products, here and below.
    products: i64,
}

impl Tree {
    /// The tree at the version of the shop that was seen.
    pub(super) async fn load(seen: &Seen<'_>) -> Result<Arc<Self>, Error> {
        Ok(seen.or_read("tree", |tree: &Self| tree.nodes.len() * 600, Self::read(seen.app().read())).await?)
    }

    async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let rows = category::Entity::find().order_by(category::Column::Path, Order::Asc).all(db).await?;
        let mut names: BTreeMap<i64, Texts> = BTreeMap::new();
        for row in category_text::Entity::find().all(db).await? {
            names.entry(row.category_id).or_default().insert(row.locale, row.name);
        }
        let mut by_name: BTreeMap<String, i64> = rows.iter().map(|row| (row.code.clone(), row.id)).collect();
        let mut slugs: BTreeMap<i64, Texts> = BTreeMap::new();
        for row in slug::Entity::find().filter(slug::Column::Entity.eq(Kind::Category.as_str())).all(db).await? {
            if row.current {
                slugs.entry(row.entity_id).or_default().insert(row.locale, row.slug.clone());
            }
            // An address stands above a code that looks like one.
            by_name.insert(row.slug, row.entity_id);
        }
        let published = product::Entity::find()
            .select_only()
            .column(product::Column::Id)
            .filter(product::Column::Status.eq("published"))
            .filter(product::Column::DeletedAt.is_null())
            .into_query();
        let paths: BTreeMap<i64, String> = rows.iter().map(|row| (row.id, row.path.clone())).collect();
        let counts = count(db, &paths, published).await?;
        let nodes = rows
            .into_iter()
            .map(|row| {
                let node = Node {
                    id: row.id,
                    parent_id: row.parent_id,
                    names: names.remove(&row.id).unwrap_or_default(),
                    slugs: slugs.remove(&row.id).unwrap_or_default(),
                    products: counts.get(&row.id).copied().unwrap_or_default(),
                    code: row.code,
                    position: row.position,
                    depth: row.depth,
                    path: row.path,
                };
                (row.id, node)
            })
            .collect();
        Ok(Self { nodes, by_name })
    }

    /// The category with a slug, present or former, or a code.
    pub(super) fn find(&self, name: &str) -> Option<&Node> {
        self.nodes.get(self.by_name.get(name)?)
    }

    /// The ids from the root down to a category, and their paths for [`count`].
    pub(super) fn paths(&self) -> BTreeMap<i64, String> {
        self.nodes.values().map(|node| (node.id, node.path.clone())).collect()
    }

    /// Every category, parents before children, siblings in their order.
    pub(super) fn in_order(&self) -> Vec<&Node> {
        let mut children: BTreeMap<Option<i64>, Vec<&Node>> = BTreeMap::new();
        for node in self.nodes.values() {
            children.entry(node.parent_id).or_default().push(node);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|node| std::cmp::Reverse((node.position, node.id)));
        }
        let mut open = children.remove(&None).unwrap_or_default();
        let mut ordered = Vec::with_capacity(self.nodes.len());
        while let Some(node) = open.pop() {
            ordered.push(node);
            open.extend(children.remove(&Some(node.id)).unwrap_or_default());
        }
        ordered
    }

    /// From the root down to a category.
    pub(super) fn crumbs(&self, id: Option<i64>, locale: Locale) -> Vec<Crumb> {
        let Some(node) = id.and_then(|id| self.nodes.get(&id)) else { return Vec::new() };
        ids(&node.path).filter_map(|id| self.nodes.get(&id)).map(|node| node.crumb(locale)).collect()
    }

    /// The whole tree for a reader.
    pub(super) fn view(&self, locale: Locale) -> Vec<StoreCategory> {
        // Children before parents: each is whole when its parent takes it.
        let mut open: BTreeMap<Option<i64>, Vec<StoreCategory>> = BTreeMap::new();
        for node in self.in_order().into_iter().rev() {
            let mut children = open.remove(&Some(node.id)).unwrap_or_default();
            children.reverse();
            let view = StoreCategory {
                code: node.code.clone(),
                slug: node.slug(locale),
                slugs: node.slugs.clone(),
                name: pick(&node.names, locale),
                products: node.products,
                children,
            };
            open.entry(node.parent_id).or_default().push(view);
        }
        let mut roots = open.remove(&None).unwrap_or_default();
        roots.reverse();
        roots
    }

    /// Categories whose name or code begins with a text, those with most products first.
    pub(super) fn beginning(&self, text: &str, locale: Locale, most: usize) -> Vec<Crumb> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Vec::new();
        }
        let begins = |node: &&Node| node.names.values().any(|name| name.to_lowercase().contains(&text));
        let mut found: Vec<&Node> = self.nodes.values().filter(begins).filter(|node| node.products > 0).collect();
        found.sort_by_key(|node| (std::cmp::Reverse(node.products), node.id));
        found.into_iter().take(most).map(|node| node.crumb(locale)).collect()
    }
}

impl Node {
    pub(super) fn crumb(&self, locale: Locale) -> Crumb {
        Crumb { slug: self.slug(locale), name: pick(&self.names, locale) }
    }

    fn slug(&self, locale: Locale) -> String {
        if self.slugs.is_empty() { self.code.clone() } else { pick(&self.slugs, locale) }
    }
}

fn ids(path: &str) -> impl Iterator<Item = i64> {
    path.split('/').filter_map(|part| part.parse().ok())
}

/// How many of some products each category holds, itself and all below: a product
/// that stands in several of them counts once.
pub(crate) async fn count(
    db: &impl ConnectionTrait,
    paths: &BTreeMap<i64, String>,
    products: SelectStatement,
) -> Result<BTreeMap<i64, i64>, DbErr> {
    use product_category::Column;
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    let above = |id: &i64| ids(paths.get(id).map_or("", String::as_str)).collect::<Vec<_>>();
    let own: Vec<(i64, i64)> = product_category::Entity::find()
        .select_only()
        .column(Column::CategoryId)
        .column_as(Column::ProductId.count(), "products")
        .filter(Column::ProductId.in_subquery(products.clone()))
        .group_by(Column::CategoryId)
        .into_tuple()
        .all(db)
        .await?;
    for (id, products) in own {
        for category in above(&id) {
            *counts.entry(category).or_default() += products;
        }
    }
    // Those in several categories were counted for each: once is enough for what is above two of them.
    let several = Query::select()
        .column(Column::ProductId)
        .from(product_category::Entity)
        .group_by_col(Column::ProductId)
        .and_having(Expr::col(Column::CategoryId).count().gt(1))
        .to_owned();
    let pairs: Vec<(i64, i64)> = product_category::Entity::find()
        .select_only()
        .column(Column::ProductId)
        .column(Column::CategoryId)
        .filter(Column::ProductId.in_subquery(several))
        .filter(Column::ProductId.in_subquery(products))
        .into_tuple()
        .all(db)
        .await?;
    let mut seen: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (product, category) in pairs {
        let seen = seen.entry(product).or_default();
        for category in above(&category) {
            if !seen.insert(category) {
                *counts.entry(category).or_default() -= 1;
            }
        }
    }
    Ok(counts)
}
