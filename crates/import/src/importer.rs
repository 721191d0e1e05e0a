//! What a module says about its import, and what it is given.

use bytes::Bytes;
use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zg_base::job::RowError;
use zg_base::{App, Tx};
use zg_domain::{Currency, Money};

use crate::Error;
use crate::sheet::CELL_LIMIT;

/// The largest whole number that is taken.
const INTEGER_MOST: i64 = 1_000_000_000_000;

/// A column an import understands.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, by which the file's headings are recognised.
    pub name: &'static str,
    /// Other headings that mean it, in both languages, in lower case.
    pub also: &'static [&'static str],
    /// The file must have it.
    pub required: bool,
    /// An amount: a heading `name_usd` names the currency.
    pub money: bool,
}

impl Column {
    /// A column that may be absent.
    pub const fn new(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, required: false, money: false }
    }

    /// A column that must be there.
    pub const fn required(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, required: true, money: false }
    }

    /// An amount that may be absent.
    pub const fn amount(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, required: false, money: true }
    }

    /// An amount that must be there.
    pub const fn money(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, required: true, money: true }
    }
}

/// What applying rows would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Rows that can't be applied, and why.
    pub errors: Vec<RowError>,
    /// Things that would be made.
    pub created: u64,
    /// Things that would be changed.
    pub updated: u64,
}

/// An import of one kind of thing.
pub trait Importer: Send + Sync + 'static {
    /// The kind: `products`. Also the last part of the job's and the task's name.
    const KIND: &'static str;
    /// The task's name: `import.products`.
    const TASK: &'static str;
    /// The columns it understands.
    const COLUMNS: &'static [Column];
    /// A row, parsed.
    type Row: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Parses one record. What is wrong with it goes to `faults`.
    fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<Self::Row>;

    /// Rows of the same group are applied in one transaction: lines of an order,
    /// variants of a product.
    fn group(row: &Self::Row) -> String;

    /// What no two rows of a file may share: a SKU's code. The second one is refused.
    fn key(_row: &Self::Row) -> Option<String> {
        None
    }

    /// Looks at rows beside the database, without changing anything. Groups come whole.
    fn plan(app: &App, rows: &[(i64, Self::Row)]) -> impl Future<Output = Result<Plan, Error>> + Send;

    /// Applies rows inside a transaction. Groups come whole; rows that
    /// [`Self::plan`] refused do not come.
    fn apply(tx: &Tx, rows: &[(i64, Self::Row)]) -> impl Future<Output = Result<(), Error>> + Send;

    /// The task's name that brings its pictures. Who has pictures registers
    /// [`Pictures`](crate::Pictures) under it.
    const PICTURES_TASK: &'static str = "import.pictures";
    /// The bytes that a picture may have.
    const PICTURE_LIMIT: usize = 0;

    /// The pictures that a row names: files of a folder or an archive, or addresses.
    fn pictures(_row: &Self::Row) -> &[String] {
        &[]
    }

    /// What the pictures of applied rows are hung on, in the rows' transaction. An address
    /// whose picture hangs there already is left out.
    fn wanted(_tx: &Tx, _rows: &[(i64, Self::Row)]) -> impl Future<Output = Result<Vec<Wanted>, Error>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// Hangs a picture where it belongs, in transactions of its own. Doing it twice does it once.
    fn hang(_app: &App, _wanted: &Wanted, _bytes: Bytes) -> impl Future<Output = Result<Hung, Error>> + Send {
        std::future::ready(Ok(Hung::Invalid))
    }

    /// What is to be done once all rows are applied.
    fn finish(_app: &App) -> impl Future<Output = Result<(), Error>> + Send {
        std::future::ready(Ok(()))
    }
}

/// A picture to be brought, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The row of the file that names it.
    pub row: i64,
    /// Its name in a folder or archive, or its address.
    pub source: String,
    /// What it is hung on: the key of a row that the importer knows.
    pub target: i64,
    /// The part of it that the picture shows, if it is one part's.
    pub part: Option<i64>,
}

/// What became of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hung {
    /// It hangs where it belongs, now or since before.
    There,
    /// Its bytes are no picture that can be used.
    Invalid,
}

/// Is this the address of a picture, and not the name of a file?
pub fn is_address(source: &str) -> bool {
    source.contains("://")
}

/// Where a column stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) column: &'static str,
    pub(crate) index: usize,
    pub(crate) currency: Option<Currency>,
}

/// One row of the file, read by column names.
#[derive(Debug)]
pub struct Record<'a> {
    row: i64,
    cells: &'a [String],
    places: &'a [Place],
}

impl<'a> Record<'a> {
    pub(crate) fn new(row: i64, cells: &'a [String], places: &'a [Place]) -> Self {
        Self { row, cells, places }
    }

    /// Its number as a person counts it in the file.
    pub fn row(&self) -> i64 {
        self.row
    }

    /// The text of a column; none if empty or absent.
    pub fn text(&self, column: &str) -> Option<&'a str> {
        let place = self.place(column)?;
        self.cells.get(place.index).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// Has the file this column?
    pub fn has(&self, column: &str) -> bool {
        self.place(column).is_some()
    }

    /// The text of a column that must hold one.
    pub fn required(&self, column: &str, faults: &mut Faults) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_none() {
            faults.add(self.row, column, "required", None);
        }
        text
    }

    /// A whole number from `least` on, up to a million million.
    pub fn integer(&self, column: &str, least: i64, faults: &mut Faults) -> Option<i64> {
        let text = self.text(column)?;
        // Wider than what is taken, so that too many digits are told from no number.
        let message = match text.parse::<i128>() {
            Ok(number) if number > i128::from(INTEGER_MOST) => {
                format!("应为不大于 {INTEGER_MOST} 的整数 · must be a whole number of {INTEGER_MOST} at most")
            }
            Ok(number) if number >= i128::from(least) => return i64::try_from(number).ok(),
            _ => format!("应为不小于 {least} 的整数 · must be a whole number, {least} or more"),
        };
        faults.found.push(RowError { message, ..fault(self.row, column, "integer_invalid", Some(text)) });
        None
    }

    /// An amount, in the currency its heading names or else in `default`. Never negative.
    pub fn money(&self, column: &str, default: Currency, faults: &mut Faults) -> Option<Money> {
        let text = self.text(column)?;
        let currency = self.place(column)?.currency.unwrap_or(default);
        let money = Money::parse_decimal(text, currency).ok().filter(|money| money.amount >= 0);
        if money.is_none() {
            faults.add(self.row, column, "amount_invalid", Some(text));
        }
        money
    }

    /// The currency that a column's heading names.
    pub fn currency(&self, column: &str) -> Option<Currency> {
        self.place(column)?.currency
    }

    /// A day, `2026-11-24` or `2026/11/24`.
    pub fn date(&self, column: &str, faults: &mut Faults) -> Option<NaiveDate> {
        let text = self.text(column)?;
        let day = NaiveDate::parse_from_str(&text.replace('/', "-"), "%Y-%m-%d").ok();
        if day.is_none() {
            faults.add(self.row, column, "date_invalid", Some(text));
        }
        day
    }

    /// The first cell that is longer than any cell may be.
    pub(crate) fn too_long(&self) -> Option<&'static str> {
        let long = |place: &&Place| self.cells.get(place.index).is_some_and(|cell| cell.len() > CELL_LIMIT);
        self.places.iter().find(long).map(|place| place.column)
    }

    fn place(&self, column: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.column == column)
    }
}

/// Faults of rows, gathered.
#[derive(Debug, Default)]
pub struct Faults {
    pub(crate) found: Vec<RowError>,
}

impl Faults {
    /// Notes a fault: the code's text is found when it is shown.
    pub fn add(&mut self, row: i64, column: &str, code: &str, value: Option<&str>) {
        self.found.push(fault(row, column, code, value));
    }

    /// Has the row a fault?
    pub fn has(&self, row: i64) -> bool {
        self.found.last().is_some_and(|error| error.row == row)
    }
}

/// A fault, with its text in both languages: files of errors go to people of either.
pub fn fault(row: i64, column: &str, code: &str, value: Option<&str>) -> RowError {
    let message = match code {
        "required" => "必填 · required",
        "integer_invalid" => "应为整数，且不超出允许的范围 · must be a whole number in range",
        "amount_invalid" => "应为非负金额，小数位不超过币种 · must be an amount, not negative, with no more decimals than its currency has",
        "date_invalid" => "应为日期，如 2026-11-24 · must be a date such as 2026-11-24",
        "field_too_long" => "内容过长 · too long",
        "taken" => "另一位客户已使用 · belongs to another customer",
        "customer_merged" => "该客户已合并到另一位客户 · that customer was merged into another",
        "duplicate" => "与文件中其他行重复 · the same as another row of the file",
        "unknown" => "系统中没有 · not known here",
        "too_few_cells" => "列数不足，文件可能不完整 · the row has too few cells; the file may be cut short",
        "too_many_cells" => "列数过多，含分隔符的内容要加引号 · the row has too many cells; quote what holds a separator",
        "sku_invalid" => "SKU 编码应为 1 到 64 个字符 · a SKU code has 1 to 64 characters",
        "sku_deleted" => "此 SKU 已删除，其编码不能再用 · this SKU was deleted, and its code stays taken",
        "sku_elsewhere" => "此 SKU 属于另一个商品 · this SKU belongs to another product",
        "name_missing" => "新商品至少要有一种语言的名称 · a new product needs its name in at least one language",
        "variants_differ" => {
            "同一商品的各 SKU 要有相同的规格、不同的取值 · the SKUs of a product take the same options, each another combination"
        }
        "variants_many" => "一个商品的 SKU 过多 · the product has too many SKUs",
        "price_currency" => {
            "与店铺币种不同；已有价格或订单的店铺不能更换币种 · another currency than the shop's, which already has prices or orders"
        }
        "parent_unknown" => "没有这个上级分类 · there is no such parent category",
        "category_cycle" => "分类不能在自己的下级 · a category can't be below itself",
        "tax_class_unknown" => "没有这个税类 · there is no such tax class",
        "stock_promised" => "少于已预留的数量，库存未改 · fewer than are promised to orders; the stock was left as it is",
        "image_missing" => "找不到图片文件，请核对文件名或补入压缩包 · the picture's file is not there: check its name, or add it",
        "image_ambiguous" => "压缩包中有多个同名文件，请写出路径 · several files of the archive have this name: write the path",
        "image_unreadable" => "压缩包中的此文件已加密或损坏 · this file of the archive is encrypted or broken",
        "image_invalid" => "不是可用的图片，请用 PNG、JPEG、GIF 或 WebP · not a picture that can be used: take PNG, JPEG, GIF or WebP",
        "image_too_large" => "图片过大，请缩小后再导入 · the picture is too large: make it smaller",
        "images_many" => "一行的图片过多 · the row names too many pictures",
        "image_address_invalid" => {
            "图片地址应以 http:// 或 https:// 开头，不含用户名和密码 · the address must begin with http:// or https://, without a user or password"
        }
        "image_address_private" => {
            "不能从内部网络的地址取图片，请用公网地址或压缩包 · pictures are not fetched from private networks: use a public address or an archive"
        }
        "image_unreachable" => "取不到图片，请检查地址 · the picture could not be fetched: check its address",
        "order_taken" => "系统中已有同号但内容不同的记录 · taken here by something else",
        "date_before" => "早于下单日期 · before the day it was placed",
        "percent_invalid" => "应为 0 到 100 的百分数 · must be a percentage from 0 to 100",
        "total_differs" => "与单价 × 数量 ×（1 − 折扣）不符 · is not price × quantity × (1 − discount)",
        "differs_in_order" => "与同一订单的其他行不一致 · differs from the order's other rows",
        "order_refused" => "同一订单的其他行有误 · another row of the order is wrong",
        _ => "不正确 · not right",
    };
    RowError { row, column: Some(column.to_owned()), code: code.to_owned(), message: message.to_owned(), value: value.map(str::to_owned) }
}

impl Plan {
    /// Refuses a row.
    pub fn refuse(&mut self, row: i64, column: &str, code: &str, value: Option<&str>) {
        self.errors.push(fault(row, column, code, value));
    }
}
