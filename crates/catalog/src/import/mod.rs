//! Import of products (M8.13) and categories (M8.12).
//!
//! Products are upserted by SKU. Rows of the same `product` are its variants; without
//! that column each SKU is a product. An empty cell changes nothing. Categories are
//! named by code, or by name from the root down, and made if they are not there. A new
//! product that has a name, a category and a price is published.

mod apply;
mod categories;
mod pictures;
mod place;
mod row;
mod state;

use bytes::Bytes;
pub use categories::{Categories, CategoryRow};
pub use row::ProductRow;
use zg_base::{App, Tx};
use zg_import::{Column, Faults, Hung, Importer, Plan, Record, Wanted};

use crate::Error;
use crate::media::MEDIA_LIMIT;

/// Products, by SKU. What a `stock` column says is set by the module above that keeps stock.
#[derive(Clone, Copy, Debug)]
pub struct Products;

/// The columns of products.
pub const PRODUCT_COLUMNS: &[Column] = &[
    Column::required("sku", &["sku_code", "编码", "商品编码", "货号", "sku编码"]),
    Column::new("product", &["product_code", "spu", "款号", "商品款号", "parent_sku"]),
    Column::new("name", &["title", "product_name", "名称", "商品名称", "品名"]),
    Column::new("name_zh", &["name_zh_cn", "title_zh", "中文名称", "中文名"]),
    Column::new("name_en", &["title_en", "英文名称", "英文名"]),
    Column::new("description", &["描述", "商品描述", "详情"]),
    Column::new("description_zh", &["中文描述"]),
    Column::new("description_en", &["英文描述"]),
    Column::new("category", &["category_code", "分类", "商品分类", "类目"]),
    Column::new("subcategory", &["sub_category", "子分类", "二级分类"]),
    Column::amount("price", &["list_price", "unit_price", "价格", "售价", "单价", "标价"]),
    Column::new("weight_g", &["weight", "重量", "重量_g", "克重"]),
    Column::new("barcode", &["ean", "upc", "gtin", "条码", "条形码"]),
    Column::new("tax_class", &["税类"]),
    Column::new("option1", &["规格1"]),
    Column::new("option1_zh", &[]),
    Column::new("option1_en", &[]),
    Column::new("value1", &["规格值1"]),
    Column::new("value1_zh", &[]),
    Column::new("value1_en", &[]),
    Column::new("option2", &["规格2"]),
    Column::new("option2_zh", &[]),
    Column::new("option2_en", &[]),
    Column::new("value2", &["规格值2"]),
    Column::new("value2_zh", &[]),
    Column::new("value2_en", &[]),
    Column::new("option3", &["规格3"]),
    Column::new("option3_zh", &[]),
    Column::new("option3_en", &[]),
    Column::new("value3", &["规格值3"]),
    Column::new("value3_zh", &[]),
    Column::new("value3_en", &[]),
    Column::new("image", &["images", "picture", "pictures", "image_url", "image_urls", "图片", "主图", "商品图片", "图片地址", "图片链接"]),
    Column::new("stock", &["quantity", "on_hand", "库存", "库存数量"]),
];

impl Importer for Products {
    const KIND: &'static str = "products";
    const TASK: &'static str = "import.products";
    const COLUMNS: &'static [Column] = PRODUCT_COLUMNS;
    const PICTURE_LIMIT: usize = MEDIA_LIMIT;
    type Row = ProductRow;

    fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<ProductRow> {
        ProductRow::parse(record, faults)
    }

    fn group(row: &ProductRow) -> String {
        row.product_code().to_owned()
    }

    fn key(row: &ProductRow) -> Option<String> {
        Some(row.sku.clone())
    }

    async fn plan(app: &App, rows: &[(i64, ProductRow)]) -> Result<Plan, zg_import::Error> {
        Ok(state::plan(app.read(), rows).await?)
    }

    async fn apply(tx: &Tx, rows: &[(i64, ProductRow)]) -> Result<(), zg_import::Error> {
        Ok(apply::apply(tx, rows).await?)
    }

    fn pictures(row: &ProductRow) -> &[String] {
        &row.images
    }

    async fn wanted(tx: &Tx, rows: &[(i64, ProductRow)]) -> Result<Vec<Wanted>, zg_import::Error> {
        Ok(pictures::wanted(tx, rows).await?)
    }

    async fn hang(app: &App, wanted: &Wanted, bytes: Bytes) -> Result<Hung, zg_import::Error> {
        Ok(pictures::hang(app, wanted, bytes).await?)
    }
}

impl From<Error> for zg_import::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Base(error) => Self::Base(error),
            other => Self::Module(other.to_string()),
        }
    }
}
