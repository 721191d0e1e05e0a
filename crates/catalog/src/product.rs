//! Products as staff read them (M2.1): the list, and one as the document that is edited.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::{
    file, media, media_size, product, product_category, product_option, product_option_text, product_option_value,
    product_option_value_text, product_text, sku, sku_value, stock, tax_class,
};
use zg_domain::Money;
use zg_web::{Answer, COUNT_LIMIT, Cursor, Limit, Page, Path, Query, Result, View};

use crate::price::{Listed, prices_of};
use crate::text::Texts;
use crate::{Error, names, slug};

/// A product in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductRow {
    id: i64,
    code: String,
    /// `draft`, `published`, `archived`.
    status: String,
    /// Language tag → name.
    name: BTreeMap<String, String>,
    /// Address of a small picture.
    picture: Option<String>,
    /// SKUs that are sold.
    skus: i64,
    /// The lowest price.
    price: Option<Money>,
    /// Available in all warehouses.
    available: i64,
    primary_category_id: Option<i64>,
    updated_at: DateTime<Utc>,
    version: i64,
}

/// Which products.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProductQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// `-updated_at` (default) or `code`.
    #[param(inline)]
    sort: Option<ProductSort>,
    /// Part of a name, a product's code or a SKU.
    q: Option<String>,
    /// `draft`, `published`, `archived`.
    status: Option<String>,
    /// In this category or below it.
    category_id: Option<i64>,
}

/// How products are sorted.
#[derive(Clone, Copy, Deserialize, ToSchema)]
pub(crate) enum ProductSort {
    #[serde(rename = "-updated_at")]
    Updated,
    #[serde(rename = "code")]
    Code,
}

/// Products.
#[utoipa::path(get, path = "/admin/products", params(ProductQuery), responses((status = 200, body = Page<ProductRow>)))]
pub(crate) async fn list(State(app): State<App>, Query(asked): Query<ProductQuery>) -> Result<Answer<Page<ProductRow>>> {
    let db = app.read();
    let mut found = product::Entity::find().filter(product::Column::DeletedAt.is_null());
    if let Some(status) = &asked.status {
        found = found.filter(product::Column::Status.eq(status));
    }
    if let Some(text) = asked.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let by_name = product_text::Entity::find()
            .select_only()
            .column(product_text::Column::ProductId)
            .filter(product_text::Column::Name.contains(text))
            .into_query();
        let by_sku =
            sku::Entity::find().select_only().column(sku::Column::ProductId).filter(sku::Column::Code.starts_with(text)).into_query();
        found = found.filter(
            Condition::any()
                .add(product::Column::Code.starts_with(text))
                .add(product::Column::Id.in_subquery(by_name))
                .add(product::Column::Id.in_subquery(by_sku)),
        );
    }
    if let Some(id) = asked.category_id {
        let below = crate::store::below(db, id).await?;
        let within = product_category::Entity::find()
            .select_only()
            .column(product_category::Column::ProductId)
            .filter(product_category::Column::CategoryId.is_in(below))
            .into_query();
        found = found.filter(product::Column::Id.in_subquery(within));
    }
    let total = if asked.cursor.is_none() { Some(found.clone().limit(COUNT_LIMIT).count(db).await?) } else { None };
    let sort = asked.sort.unwrap_or(ProductSort::Updated);
    match sort {
        ProductSort::Updated => {
            if let Some((at, id)) = Cursor::decode_opt::<(DateTime<Utc>, i64)>(asked.cursor.as_deref())? {
                let tie = Condition::all().add(product::Column::UpdatedAt.eq(at)).add(product::Column::Id.lt(id));
                found = found.filter(Condition::any().add(product::Column::UpdatedAt.lt(at)).add(tie));
            }
            found = found.order_by(product::Column::UpdatedAt, Order::Desc).order_by(product::Column::Id, Order::Desc);
        }
        ProductSort::Code => {
            if let Some(code) = Cursor::decode_opt::<String>(asked.cursor.as_deref())? {
                found = found.filter(product::Column::Code.gt(code));
            }
            found = found.order_by(product::Column::Code, Order::Asc);
        }
    }
    let rows = found.limit(asked.limit.and_one()).all(db).await?;
    let page = Page::of(rows, asked.limit, total, |row| match sort {
        ProductSort::Updated => serde_json::json!([row.updated_at, row.id]),
        ProductSort::Code => serde_json::json!(row.code),
    });
    let ids: Vec<i64> = page.data.iter().map(|row| row.id).collect();
    let mut names = names::products(db, &ids).await?;
    let list = Listed::default(db).await?;
    let skus = sku::Entity::find()
        .filter(sku::Column::ProductId.is_in(ids.iter().copied()))
        .filter(sku::Column::DeletedAt.is_null())
        .all(db)
        .await?;
    let mut by_product: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in &skus {
        by_product.entry(row.product_id).or_default().push(row.id);
    }
    let wanted: Vec<(i64, i64)> = skus.iter().map(|row| (row.id, 1)).collect();
    let prices = prices_of(db, &list, &wanted, app.now()).await?;
    let available = available(db, skus.iter().map(|row| row.id)).await?;
    let pictures = first_pictures(db, &ids).await?;
    Ok(Answer::ok(page.map(|row| {
        let skus = by_product.get(&row.id).cloned().unwrap_or_default();
        ProductRow {
            id: row.id,
            name: names.remove(&row.id).unwrap_or_default(),
            picture: pictures.get(&row.id).cloned(),
            price: skus.iter().filter_map(|id| prices.get(id)).min_by_key(|price| price.amount).copied(),
            available: skus.iter().filter_map(|id| available.get(id)).sum(),
            skus: i64::try_from(skus.len()).unwrap_or(i64::MAX),
            code: row.code,
            status: row.status,
            primary_category_id: row.primary_category_id,
            updated_at: row.updated_at,
            version: row.version,
        }
    })))
}

/// What can be sold of each SKU, in all warehouses together.
pub(crate) async fn available(db: &impl ConnectionTrait, skus: impl Iterator<Item = i64>) -> Result<BTreeMap<i64, i64>, sea_orm::DbErr> {
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for row in stock::Entity::find().filter(stock::Column::SkuId.is_in(skus)).all(db).await? {
        *sums.entry(row.sku_id).or_default() += row.on_hand - row.reserved - row.held;
    }
    Ok(sums)
}

/// The address of each product's first picture, small.
pub(crate) async fn first_pictures(db: &impl ConnectionTrait, ids: &[i64]) -> Result<BTreeMap<i64, String>, sea_orm::DbErr> {
    let rows = media::Entity::find()
        .filter(media::Column::ProductId.is_in(ids.iter().copied()))
        .order_by(media::Column::Position, Order::Desc)
        .order_by(media::Column::Id, Order::Desc)
        .all(db)
        .await?;
    // Sorted backwards: the first picture overwrites the others.
    let first: BTreeMap<i64, i64> = rows.iter().map(|row| (row.product_id, row.id)).collect();
    let views = pictures(db, &rows).await?;
    Ok(first.into_iter().filter_map(|(product_id, id)| Some((product_id, views.get(&id)?.small().to_owned()))).collect())
}

/// A picture.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Picture {
    /// Row id.
    pub id: i64,
    /// The SKU it shows, if it is one SKU's.
    pub sku: Option<String>,
    /// Address of the original.
    pub url: String,
    /// Width of the original, in pixels.
    pub width: i32,
    /// Height of the original, in pixels.
    pub height: i32,
    /// Smaller ones, narrowest first.
    pub sizes: Vec<PictureSize>,
    /// Language tag → what it shows, for those who can't see it.
    pub alt: BTreeMap<String, String>,
}

/// A smaller copy of a picture.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PictureSize {
    /// Width in pixels.
    pub width: i32,
    /// Its address.
    pub url: String,
}

impl Picture {
    /// The narrowest copy.
    pub(crate) fn small(&self) -> &str {
        self.sizes.first().map_or(&self.url, |size| &size.url)
    }
}

/// Pictures with their smaller copies, by id.
pub(crate) async fn pictures(db: &impl ConnectionTrait, rows: &[media::Model]) -> Result<BTreeMap<i64, Picture>, sea_orm::DbErr> {
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sizes = media_size::Entity::find()
        .filter(media_size::Column::MediaId.is_in(rows.iter().map(|row| row.id)))
        .order_by(media_size::Column::Width, Order::Asc)
        .all(db)
        .await?;
    let skus: Vec<i64> = rows.iter().filter_map(|row| row.sku_id).collect();
    let codes: BTreeMap<i64, String> = if skus.is_empty() {
        BTreeMap::new()
    } else {
        sku::Entity::find().filter(sku::Column::Id.is_in(skus)).all(db).await?.into_iter().map(|row| (row.id, row.code)).collect()
    };
    let wanted = rows.iter().map(|row| row.file_id).chain(sizes.iter().map(|size| size.file_id));
    let files: BTreeMap<i64, String> = file::Entity::find()
        .filter(file::Column::Id.is_in(wanted))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, format!("/files/{}", row.sha256)))
        .collect();
    let mut views: BTreeMap<i64, Picture> = rows
        .iter()
        .map(|row| {
            let alt = [("zh-CN", &row.alt_zh), ("en", &row.alt_en)];
            let view = Picture {
                id: row.id,
                sku: row.sku_id.and_then(|id| codes.get(&id).cloned()),
                url: files.get(&row.file_id).cloned().unwrap_or_default(),
                width: row.width,
                height: row.height,
                sizes: Vec::new(),
                alt: alt.into_iter().filter_map(|(tag, text)| Some((tag.to_owned(), text.clone()?))).collect(),
            };
            (row.id, view)
        })
        .collect();
    for size in sizes {
        if let (Some(view), Some(url)) = (views.get_mut(&size.media_id), files.get(&size.file_id)) {
            view.sizes.push(PictureSize { width: size.width, url: url.clone() });
        }
    }
    Ok(views)
}

/// A product, with the document that is edited.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductView {
    id: i64,
    version: i64,
    /// `draft`, `published`, `archived`.
    status: String,
    published_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Language tag → present slug.
    slugs: BTreeMap<String, String>,
    media: Vec<Picture>,
    /// What publishing it still needs.
    missing: Vec<String>,
    // The document: spelt out, for a document of its own takes no other fields.
    code: String,
    /// Language tag → name.
    name: BTreeMap<String, String>,
    /// Language tag → HTML.
    description: BTreeMap<String, String>,
    /// Language tag → title for search engines.
    seo_title: BTreeMap<String, String>,
    /// Language tag → description for search engines.
    seo_description: BTreeMap<String, String>,
    /// Code of the tax class.
    tax_class: String,
    primary_category_id: Option<i64>,
    category_ids: Vec<i64>,
    options: Vec<OptionDocument>,
    skus: Vec<SkuDocument>,
}

impl View for ProductView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What staff write of a product.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProductDocument)]
pub(crate) struct Document {
    /// A code no other product has.
    pub(crate) code: String,
    /// Language tag → name.
    pub(crate) name: BTreeMap<String, String>,
    /// Language tag → HTML; scripts and the like are taken out.
    #[serde(default)]
    pub(crate) description: BTreeMap<String, String>,
    /// Language tag → title for search engines.
    #[serde(default)]
    pub(crate) seo_title: BTreeMap<String, String>,
    /// Language tag → description for search engines.
    #[serde(default)]
    pub(crate) seo_description: BTreeMap<String, String>,
    /// Code of the tax class.
    pub(crate) tax_class: String,
    /// The category that its address and its reports name.
    pub(crate) primary_category_id: Option<i64>,
    /// All categories it stands in.
    #[serde(default)]
    pub(crate) category_ids: Vec<i64>,
    /// The axes of its variants, in order.
    #[serde(default)]
    pub(crate) options: Vec<OptionDocument>,
    /// What is sold.
    pub(crate) skus: Vec<SkuDocument>,
}

/// An axis: colour, size.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProductOptionDocument)]
pub(crate) struct OptionDocument {
    /// Unique in the product: `colour`.
    pub(crate) code: String,
    /// Language tag → name.
    pub(crate) name: BTreeMap<String, String>,
    /// Its values, in order.
    pub(crate) values: Vec<ValueDocument>,
}

/// A value of an axis: red, XL.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProductOptionValueDocument)]
pub(crate) struct ValueDocument {
    /// Unique in the axis: `red`.
    pub(crate) code: String,
    /// Language tag → name.
    pub(crate) name: BTreeMap<String, String>,
}

/// A SKU.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SkuDocument)]
pub(crate) struct SkuDocument {
    /// Its row; absent for one to be made.
    #[serde(default)]
    pub(crate) id: Option<i64>,
    /// A code no other SKU has or had.
    pub(crate) code: String,
    /// EAN, UPC …
    #[serde(default)]
    pub(crate) barcode: Option<String>,
    /// Grams.
    #[serde(default)]
    pub(crate) weight_g: i64,
    /// False: always for sale, without stock.
    #[serde(default = "yes")]
    pub(crate) tracked: bool,
    /// Axis code → value code.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,
    /// The standing price; none is not for sale.
    #[serde(default)]
    pub(crate) price: Option<Money>,
}

const fn yes() -> bool {
    true
}

/// One product.
#[utoipa::path(get, path = "/admin/products/{id}", params(("id" = i64, Path)), responses((status = 200, body = ProductView)))]
pub(crate) async fn one(State(app): State<App>, Path(id): Path<i64>) -> Result<Answer<ProductView>> {
    let view = read(app.read(), id, app.now()).await?;
    let version = view.version;
    Ok(Answer::ok(view).etag(version))
}

/// A product as its document.
pub(crate) async fn read(db: &impl ConnectionTrait, id: i64, now: DateTime<Utc>) -> Result<ProductView, Error> {
    let row = product::Entity::find_by_id(id).filter(product::Column::DeletedAt.is_null()).one(db).await?.ok_or(Error::ProductNotFound)?;
    let document = document(db, &row, now).await?;
    let pictures_rows = media::Entity::find()
        .filter(media::Column::ProductId.eq(id))
        .order_by(media::Column::Position, Order::Asc)
        .order_by(media::Column::Id, Order::Asc)
        .all(db)
        .await?;
    let mut views = pictures(db, &pictures_rows).await?;
    let slugs = current_slugs(db, slug::Kind::Product, id).await?;
    Ok(ProductView {
        id,
        version: row.version,
        status: row.status,
        published_at: row.published_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        slugs,
        media: pictures_rows.iter().filter_map(|row| views.remove(&row.id)).collect(),
        missing: missing(&document).into_iter().map(str::to_owned).collect(),
        code: document.code,
        name: document.name,
        description: document.description,
        seo_title: document.seo_title,
        seo_description: document.seo_description,
        tax_class: document.tax_class,
        primary_category_id: document.primary_category_id,
        category_ids: document.category_ids,
        options: document.options,
        skus: document.skus,
    })
}

impl ProductView {
    /// Since when it has been for sale, if it ever was.
    pub(crate) fn published(&self) -> Option<DateTime<Utc>> {
        self.published_at
    }

    /// What publishing it still needs.
    pub(crate) fn missing(&self) -> &[String] {
        &self.missing
    }
}

/// What publishing still needs.
pub(crate) fn missing(document: &Document) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if document.name.is_empty() {
        missing.push("name");
    }
    if document.primary_category_id.is_none() {
        missing.push("primary_category_id");
    }
    if !document.skus.iter().any(|sku| sku.price.is_some()) {
        missing.push("price");
    }
    missing
}

pub(crate) async fn current_slugs(
    db: &impl ConnectionTrait,
    kind: slug::Kind,
    id: i64,
) -> Result<BTreeMap<String, String>, sea_orm::DbErr> {
    use zg_db::entity::slug::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Entity.eq(kind.as_str()))
        .filter(Column::EntityId.eq(id))
        .filter(Column::Current.eq(true))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.locale, row.slug)).collect())
}

async fn document(db: &impl ConnectionTrait, row: &product::Model, now: DateTime<Utc>) -> Result<Document, Error> {
    let id = row.id;
    let (mut name, mut description, mut seo_title, mut seo_description) = (Texts::new(), Texts::new(), Texts::new(), Texts::new());
    for text in product_text::Entity::find().filter(product_text::Column::ProductId.eq(id)).all(db).await? {
        name.insert(text.locale.clone(), text.name);
        for (map, value) in
            [(&mut description, Some(text.description)), (&mut seo_title, text.seo_title), (&mut seo_description, text.seo_description)]
        {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                map.insert(text.locale.clone(), value);
            }
        }
    }
    let class = tax_class::Entity::find_by_id(row.tax_class_id).one(db).await?;
    let categories = product_category::Entity::find()
        .filter(product_category::Column::ProductId.eq(id))
        .order_by(product_category::Column::CategoryId, Order::Asc)
        .all(db)
        .await?;
    let axes = Axes::read(db, id).await?;
    let skus = sku::Entity::find()
        .filter(sku::Column::ProductId.eq(id))
        .filter(sku::Column::DeletedAt.is_null())
        .order_by(sku::Column::Position, Order::Asc)
        .order_by(sku::Column::Id, Order::Asc)
        .all(db)
        .await?;
    let chosen = sku_value::Entity::find().filter(sku_value::Column::SkuId.is_in(skus.iter().map(|row| row.id))).all(db).await?;
    let list = Listed::default(db).await?;
    let wanted: Vec<(i64, i64)> = skus.iter().map(|row| (row.id, 1)).collect();
    let prices = prices_of(db, &list, &wanted, now).await?;
    let skus = skus
        .into_iter()
        .map(|row| SkuDocument {
            id: Some(row.id),
            values: chosen
                .iter()
                .filter(|value| value.sku_id == row.id)
                .filter_map(|value| axes.codes(value.option_id, value.value_id))
                .collect(),
            price: prices.get(&row.id).copied(),
            code: row.code,
            barcode: row.barcode,
            weight_g: row.weight_g,
            tracked: row.tracked,
        })
        .collect();
    Ok(Document {
        code: row.code.clone(),
        name,
        description,
        seo_title,
        seo_description,
        tax_class: class.map(|class| class.code).unwrap_or_default(),
        primary_category_id: row.primary_category_id,
        category_ids: categories.into_iter().map(|row| row.category_id).collect(),
        options: axes.documents(),
        skus,
    })
}

/// The axes of a product, as rows.
pub(crate) struct Axes {
    options: Vec<product_option::Model>,
    values: Vec<product_option_value::Model>,
    option_names: BTreeMap<i64, Texts>,
    value_names: BTreeMap<i64, Texts>,
}

impl Axes {
    pub(crate) async fn read(db: &impl ConnectionTrait, product_id: i64) -> Result<Self, sea_orm::DbErr> {
        let options = product_option::Entity::find()
            .filter(product_option::Column::ProductId.eq(product_id))
            .order_by(product_option::Column::Position, Order::Asc)
            .all(db)
            .await?;
        if options.is_empty() {
            return Ok(Self { options, values: Vec::new(), option_names: BTreeMap::new(), value_names: BTreeMap::new() });
        }
        let ids: Vec<i64> = options.iter().map(|row| row.id).collect();
        let values = product_option_value::Entity::find()
            .filter(product_option_value::Column::OptionId.is_in(ids.iter().copied()))
            .order_by(product_option_value::Column::Position, Order::Asc)
            .all(db)
            .await?;
        let mut option_names: BTreeMap<i64, Texts> = BTreeMap::new();
        for row in product_option_text::Entity::find().filter(product_option_text::Column::OptionId.is_in(ids)).all(db).await? {
            option_names.entry(row.option_id).or_default().insert(row.locale, row.name);
        }
        let mut value_names: BTreeMap<i64, Texts> = BTreeMap::new();
        let value_ids = values.iter().map(|row| row.id);
        for row in
            product_option_value_text::Entity::find().filter(product_option_value_text::Column::ValueId.is_in(value_ids)).all(db).await?
        {
            value_names.entry(row.value_id).or_default().insert(row.locale, row.name);
        }
        Ok(Self { options, values, option_names, value_names })
    }

    /// Axis code and value code of a choice.
    pub(crate) fn codes(&self, option_id: i64, value_id: i64) -> Option<(String, String)> {
        let option = self.options.iter().find(|row| row.id == option_id)?;
        let value = self.values.iter().find(|row| row.id == value_id)?;
        Some((option.code.clone(), value.code.clone()))
    }

    /// The axes, as staff write them.
    pub(crate) fn documents(&self) -> Vec<OptionDocument> {
        let values = |option_id: i64| {
            self.values
                .iter()
                .filter(|value| value.option_id == option_id)
                .map(|value| ValueDocument { code: value.code.clone(), name: self.value_names.get(&value.id).cloned().unwrap_or_default() })
                .collect()
        };
        self.options
            .iter()
            .map(|option| OptionDocument {
                code: option.code.clone(),
                name: self.option_names.get(&option.id).cloned().unwrap_or_default(),
                values: values(option.id),
            })
            .collect()
    }

    /// The rows of the axes and of their values.
    pub(crate) fn rows(&self) -> (&[product_option::Model], &[product_option_value::Model]) {
        (&self.options, &self.values)
    }
}

/// A tax class.
#[derive(Serialize, ToSchema)]
pub(crate) struct TaxClass {
    code: String,
    name: String,
    /// Millionths.
    rate_ppm: i64,
}

/// The tax classes.
#[utoipa::path(get, path = "/admin/tax-classes", responses((status = 200, body = Vec<TaxClass>)))]
pub(crate) async fn tax_classes(State(app): State<App>) -> Result<Answer<Vec<TaxClass>>> {
    let rows = tax_class::Entity::find().order_by(tax_class::Column::Id, Order::Asc).all(app.read()).await?;
    Ok(Answer::ok(rows.into_iter().map(|row| TaxClass { code: row.code, name: row.name, rate_ppm: row.rate_ppm }).collect()))
}
