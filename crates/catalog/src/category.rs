//! The category tree (M2.12): any depth, no cycles, a subtree moved in one statement.
//!
//! `path` holds the ids from the root down, `/3/17/`: a subtree is a prefix, and
//! moving it rewrites that prefix.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx, shelf};
use zg_db::entity::{category, category_text, product, product_category};
use zg_web::{Answer, Committed, IfMatch, Json, Path, Result, Staff, View};

use crate::text::{self, Texts};
use crate::{Error, ReindexCategory, slug, store};

/// A category, as staff see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CategoryView {
    id: i64,
    parent_id: Option<i64>,
    code: String,
    /// Language tag → name.
    name: BTreeMap<String, String>,
    position: i32,
    /// 0 at the root.
    depth: i32,
    /// Products in it and below it.
    products: i64,
    version: i64,
}

impl View for CategoryView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A category to be made or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CategoryInput {
    /// A code no other category has.
    code: String,
    /// Language tag → name.
    name: BTreeMap<String, String>,
    /// The category above; none at the root. Only when it is made: later it is moved.
    parent_id: Option<i64>,
}

/// Where a category goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveCategory {
    /// The category above; none for the root.
    parent_id: Option<i64>,
    /// Its place among its siblings, from 0.
    position: usize,
}

/// The whole tree, parents before children.
#[utoipa::path(get, path = "/admin/categories", responses((status = 200, body = Vec<CategoryView>)))]
pub(crate) async fn list(State(app): State<App>) -> Result<Answer<Vec<CategoryView>>> {
    let rows = category::Entity::find().order_by(category::Column::Path, Order::Asc).all(app.read()).await?;
    let names = names(app.read(), None).await?;
    let paths: BTreeMap<i64, String> = rows.iter().map(|row| (row.id, row.path.clone())).collect();
    let there = product::Entity::find().select_only().column(product::Column::Id).filter(product::Column::DeletedAt.is_null()).into_query();
    let counts = store::count(app.read(), &paths, there).await?;
    let mut views: Vec<CategoryView> = rows.into_iter().map(|row| view(row, &names, &counts)).collect();
    in_tree_order(&mut views);
    Ok(Answer::ok(views))
}

fn view(row: category::Model, names: &BTreeMap<i64, Texts>, counts: &BTreeMap<i64, i64>) -> CategoryView {
    CategoryView {
        id: row.id,
        parent_id: row.parent_id,
        code: row.code,
        name: names.get(&row.id).cloned().unwrap_or_default(),
        position: row.position,
        depth: row.depth,
        products: counts.get(&row.id).copied().unwrap_or_default(),
        version: row.version,
    }
}

fn in_tree_order(views: &mut Vec<CategoryView>) {
    let mut children: BTreeMap<Option<i64>, Vec<CategoryView>> = BTreeMap::new();
    for view in views.drain(..) {
        children.entry(view.parent_id).or_default().push(view);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|view| std::cmp::Reverse((view.position, view.id)));
    }
    let mut open: Vec<CategoryView> = children.remove(&None).unwrap_or_default();
    while let Some(next) = open.pop() {
        let below = children.remove(&Some(next.id));
        views.push(next);
        open.extend(below.unwrap_or_default());
    }
}

/// Names of categories: of these, or of all.
pub(crate) async fn names(db: &impl ConnectionTrait, of: Option<&[i64]>) -> Result<BTreeMap<i64, Texts>, sea_orm::DbErr> {
    let mut query = category_text::Entity::find();
    if let Some(ids) = of {
        query = query.filter(category_text::Column::CategoryId.is_in(ids.iter().copied()));
    }
    let mut names: BTreeMap<i64, Texts> = BTreeMap::new();
    for row in query.all(db).await? {
        names.entry(row.category_id).or_default().insert(row.locale, row.name);
    }
    Ok(names)
}

/// Makes a category, last among its siblings.
#[utoipa::path(post, path = "/admin/categories", request_body = CategoryInput, responses((status = 201, body = CategoryView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<CategoryInput>) -> Result<Committed<CategoryView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = add(&tx, &asked.code, &asked.name, asked.parent_id).await?;
    tx.audit("category.create", "category", row.id, None, Some(json!({ "code": row.code, "name": asked.name }))).await?;
    let location = format!("/admin/categories/{}", row.id);
    let names = names(tx.db(), Some(&[row.id])).await?;
    Committed::created(tx, view(row, &names, &BTreeMap::new()), &location).await
}

/// A category to be made.
pub(crate) struct NewCategory<'a> {
    pub(crate) code: &'a str,
    pub(crate) name: &'a Texts,
    pub(crate) parent_id: Option<i64>,
}

/// Makes a category.
pub(crate) async fn add(tx: &Tx, code: &str, name: &Texts, parent_id: Option<i64>) -> Result<category::Model, Error> {
    let name = text::name(name, "/name")?;
    let code = text::code(code)?;
    let made = add_many(tx, &[NewCategory { code, name: &name, parent_id }]).await?;
    shelf::touch(tx).await?;
    made.into_iter().next().ok_or(Error::CategoryNotFound)
}

/// Makes categories whose parents are there, each last among its siblings: many in a few statements.
pub(crate) async fn add_many(tx: &Tx, new: &[NewCategory<'_>]) -> Result<Vec<category::Model>, Error> {
    let mut made = Vec::with_capacity(new.len());
    for chunk in new.chunks(1_000) {
        made.extend(add_some(tx, chunk).await?);
    }
    Ok(made)
}

async fn add_some(tx: &Tx, new: &[NewCategory<'_>]) -> Result<Vec<category::Model>, Error> {
    let mut by_parent: BTreeMap<Option<i64>, Vec<&NewCategory<'_>>> = BTreeMap::new();
    for one in new {
        by_parent.entry(one.parent_id).or_default().push(one);
    }
    let parents: BTreeMap<i64, category::Model> = category::Entity::find()
        .filter(category::Column::Id.is_in(by_parent.keys().copied().flatten()))
        .all(tx.db())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let mut rows = Vec::new();
    for (parent_id, children) in &by_parent {
        let depth = match parent_id {
            Some(id) => parents.get(id).ok_or(Error::CategoryNotFound)?.depth + 1,
            None => 0,
        };
        let siblings = category::Entity::find().filter(parent_is(*parent_id)).count(tx.db()).await?;
        rows.extend((siblings..).zip(children).map(|(position, child)| category::ActiveModel {
            parent_id: Set(*parent_id),
            code: Set(child.code.to_owned()),
            position: Set(i32::try_from(position).unwrap_or(i32::MAX)),
            path: Set(String::new()),
            depth: Set(depth),
            version: Set(1),
            ..Default::default()
        }));
    }
    category::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    let codes = || category::Entity::find().filter(category::Column::Code.is_in(new.iter().map(|one| one.code)));
    let ids: Vec<i64> = codes().select_only().column(category::Column::Id).into_tuple().all(tx.db()).await?;
    for parent_id in by_parent.keys() {
        let above = parent_id.and_then(|id| parents.get(&id)).map_or("/", |row| &row.path);
        let joined = || sea_orm::sea_query::BinOper::Custom("||");
        let id = Expr::col(category::Column::Id).cast_as("text");
        category::Entity::update_many()
            .col_expr(category::Column::Path, Expr::val(above).binary(joined(), id).binary(joined(), Expr::val("/")))
            .filter(parent_is(*parent_id))
            .filter(category::Column::Id.is_in(ids.iter().copied()))
            .exec(tx.db())
            .await?;
    }
    let made = codes().all(tx.db()).await?;
    let names: BTreeMap<&str, &Texts> = new.iter().map(|one| (one.code, one.name)).collect();
    let (mut texts, mut wishes) = (Vec::new(), Vec::new());
    for row in &made {
        for (tag, name) in names.get(row.code.as_str()).copied().into_iter().flatten() {
            texts.push(category_text::ActiveModel {
                category_id: Set(row.id),
                locale: Set(tag.clone()),
                name: Set(name.clone()),
                description: Set(String::new()),
            });
            wishes.push(slug::Wish { entity_id: row.id, locale: tag.clone(), name: name.clone(), code: row.code.clone() });
        }
    }
    if !texts.is_empty() {
        category_text::Entity::insert_many(texts).exec_without_returning(tx.db()).await?;
    }
    slug::give_many(tx, slug::Kind::Category, &wishes).await?;
    Ok(made)
}

/// Writes a category's names and slugs.
pub(crate) async fn put_names(tx: &Tx, id: i64, code: &str, name: &Texts) -> Result<(), Error> {
    category_text::Entity::delete_many().filter(category_text::Column::CategoryId.eq(id)).exec(tx.db()).await?;
    let rows = name.iter().map(|(tag, text)| category_text::ActiveModel {
        category_id: Set(id),
        locale: Set(tag.clone()),
        name: Set(text.clone()),
        description: Set(String::new()),
    });
    category_text::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    for (tag, text) in name {
        slug::give(tx, slug::Kind::Category, id, tag, text, code).await?;
    }
    shelf::touch(tx).await?;
    Ok(())
}

fn parent_is(parent_id: Option<i64>) -> sea_orm::sea_query::SimpleExpr {
    match parent_id {
        Some(id) => category::Column::ParentId.eq(id),
        None => category::Column::ParentId.is_null(),
    }
}

/// Changes a category's code and names.
#[utoipa::path(put, path = "/admin/categories/{id}", params(("id" = i64, Path), IfMatch), request_body = CategoryInput, responses((status = 200, body = CategoryView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<CategoryInput>,
) -> Result<Committed<CategoryView>> {
    let tx = app.begin(&staff.actor).await?;
    let before = category::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CategoryNotFound)?;
    let name = text::name(&asked.name, "/name")?;
    let set = category::ActiveModel { code: Set(asked.code.trim().to_owned()), ..Default::default() };
    advance(&tx, id, version, set).await?;
    put_names(&tx, id, &asked.code, &name).await?;
    // Its products are found by its name.
    tx.enqueue::<ReindexCategory>(&ReindexCategory { category_id: id }).await?;
    tx.audit("category.change", "category", id, Some(json!({ "code": before.code })), Some(json!({ "code": asked.code, "name": name })))
        .await?;
    answer(tx, id).await
}

async fn advance(tx: &Tx, id: i64, version: i64, set: category::ActiveModel) -> Result<(), Error> {
    let done = category::Entity::update_many()
        .set(category::ActiveModel { version: Set(version + 1), ..set })
        .filter(category::Column::Id.eq(id))
        .filter(category::Column::Version.eq(version))
        .exec(tx.db())
        .await?;
    if done.rows_affected == 0 { Err(Error::Changed(None)) } else { Ok(()) }
}

async fn answer(tx: Tx, id: i64) -> Result<Committed<CategoryView>> {
    let row = category::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CategoryNotFound)?;
    let names = names(tx.db(), Some(&[id])).await?;
    Committed::ok(tx, view(row, &names, &BTreeMap::new())).await
}

/// Moves a category with everything below it.
#[utoipa::path(post, path = "/admin/categories/{id}/move", params(("id" = i64, Path), IfMatch), request_body = MoveCategory, responses((status = 200, body = CategoryView)))]
pub(crate) async fn move_to(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<MoveCategory>,
) -> Result<Committed<CategoryView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = category::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CategoryNotFound)?;
    advance(&tx, id, version, Default::default()).await?;
    hang(&tx, &row, asked.parent_id).await?;
    renumber(&tx, asked.parent_id, id, asked.position).await?;
    shelf::touch(&tx).await?;
    tx.audit(
        "category.move",
        "category",
        id,
        Some(json!({ "parent_id": row.parent_id, "position": row.position })),
        Some(json!({ "parent_id": asked.parent_id, "position": asked.position })),
    )
    .await?;
    answer(tx, id).await
}

/// Moves a category with all below it, last among its new siblings.
pub(crate) async fn move_below(tx: &Tx, id: i64, parent_id: Option<i64>) -> Result<(), Error> {
    let row = category::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CategoryNotFound)?;
    advance(tx, id, row.version, Default::default()).await?;
    hang(tx, &row, parent_id).await?;
    renumber(tx, parent_id, id, usize::MAX).await
}

/// Hangs a category below another, or at the root; its subtree comes along.
async fn hang(tx: &Tx, row: &category::Model, parent_id: Option<i64>) -> Result<(), Error> {
    let (above, depth) = match parent_id {
        Some(parent_id) => {
            let parent = category::Entity::find_by_id(parent_id).one(tx.db()).await?.ok_or(Error::CategoryNotFound)?;
            if parent.path.starts_with(&row.path) {
                return Err(Error::CategoryCycle);
            }
            (parent.path, parent.depth + 1)
        }
        None => ("/".to_owned(), 0),
    };
    let set = category::ActiveModel { parent_id: Set(parent_id), ..Default::default() };
    category::Entity::update_many().set(set).filter(category::Column::Id.eq(row.id)).exec(tx.db()).await?;
    let path = format!("{above}{}/", row.id);
    if path != row.path {
        rebase(tx, row, &path, depth).await?;
    }
    Ok(())
}

/// Gives a whole subtree its new prefix, in one statement however large it is.
async fn rebase(tx: &Tx, row: &category::Model, path: &str, depth: i32) -> Result<(), Error> {
    let keep = i32::try_from(row.path.len()).unwrap_or(i32::MAX) + 1;
    let rest = Func::cust("substr").args([Expr::col(category::Column::Path), Expr::val(keep)]);
    let rebased = Expr::val(path).binary(sea_orm::sea_query::BinOper::Custom("||"), rest);
    category::Entity::update_many()
        .col_expr(category::Column::Path, rebased)
        .col_expr(category::Column::Depth, Expr::col(category::Column::Depth).add(depth - row.depth))
        .filter(category::Column::Path.starts_with(&row.path))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn renumber(tx: &Tx, parent_id: Option<i64>, id: i64, position: usize) -> Result<(), Error> {
    let siblings = category::Entity::find()
        .filter(parent_is(parent_id))
        .filter(category::Column::Id.ne(id))
        .order_by(category::Column::Position, Order::Asc)
        .order_by(category::Column::Id, Order::Asc)
        .all(tx.db())
        .await?;
    let mut order: Vec<i64> = siblings.iter().map(|row| row.id).collect();
    order.insert(position.min(order.len()), id);
    for (place, sibling) in order.into_iter().enumerate() {
        category::Entity::update_many()
            .set(category::ActiveModel { position: Set(i32::try_from(place).unwrap_or(i32::MAX)), ..Default::default() })
            .filter(category::Column::Id.eq(sibling))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}

/// Deletes a category that nothing hangs on.
#[utoipa::path(delete, path = "/admin/categories/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let row = category::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CategoryNotFound)?;
    let below = category::Entity::find().filter(category::Column::ParentId.eq(id)).count(tx.db()).await?;
    let products = product_category::Entity::find().filter(product_category::Column::CategoryId.eq(id)).count(tx.db()).await?;
    let primary = product::Entity::find().filter(product::Column::PrimaryCategoryId.eq(id)).count(tx.db()).await?;
    if below + products + primary > 0 {
        return Err(Error::CategoryInUse.into());
    }
    category_text::Entity::delete_many().filter(category_text::Column::CategoryId.eq(id)).exec(tx.db()).await?;
    category::Entity::delete_many().filter(category::Column::Id.eq(id)).exec(tx.db()).await?;
    shelf::touch(&tx).await?;
    tx.audit("category.delete", "category", id, Some(json!({ "code": row.code })), None).await?;
    Committed::no_content(tx).await
}
