//! A row of a product file, parsed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zg_domain::{Currency, Locale, Money};
use zg_import::{Faults, Record};

use crate::slug;
use crate::text::{NAME_LIMIT, Texts};

/// Axes a row may have.
const AXES: usize = 3;

/// A row of a product file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProductRow {
    /// The SKU's code.
    pub sku: String,
    /// The code of the product it is a variant of.
    pub product: Option<String>,
    /// How many are on hand, if the row says it.
    pub stock: Option<i64>,
    pub(super) name: Texts,
    pub(super) description: Texts,
    /// Codes or names, from the root down.
    pub(super) category: Vec<String>,
    /// A decimal, checked when its currency is known.
    pub(super) price: Option<String>,
    /// The currency its heading names.
    pub(super) currency: Option<Currency>,
    pub(super) weight_g: Option<i64>,
    pub(super) barcode: Option<String>,
    pub(super) tax_class: Option<String>,
    pub(super) axes: Vec<Axis>,
    /// Names of files, or addresses.
    pub(super) images: Vec<String>,
}

/// The row's value on an axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Axis {
    pub(super) code: String,
    pub(super) name: Texts,
    pub(super) value_code: String,
    pub(super) value: Texts,
}

impl ProductRow {
    /// The code of its product: its own, if it names none.
    pub(super) fn product_code(&self) -> &str {
        self.product.as_deref().unwrap_or(&self.sku)
    }

    /// Axis → value, by code.
    pub(super) fn values(&self) -> BTreeMap<&str, &str> {
        self.axes.iter().map(|axis| (axis.code.as_str(), axis.value_code.as_str())).collect()
    }

    /// Its price in the shop's currency; none if the text is no amount of it.
    pub(super) fn money(&self, currency: Currency) -> Option<Money> {
        Money::parse_decimal(self.price.as_deref()?, currency).ok().filter(|money| money.amount >= 0)
    }

    pub(super) fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<Self> {
        let sku = record.required("sku", faults);
        let code = |column, text: Option<&str>, faults: &mut Faults| {
            let text = text?;
            let wrong = text.chars().count() > 64 || text.chars().any(char::is_control);
            if wrong {
                faults.add(record.row(), column, "sku_invalid", Some(text));
            }
            (!wrong).then(|| text.to_owned())
        };
        let sku = code("sku", sku, faults);
        let product = code("product", record.text("product"), faults);
        let name = texts(record, "name", faults, Some(NAME_LIMIT));
        let description = texts(record, "description", faults, None);
        let currency = record.currency("price");
        // Checked here as far as the heading tells the currency; else when the price list is known.
        if let Some(currency) = currency {
            record.money("price", currency, faults);
        } else if record.text("price").is_some_and(|text| text.starts_with('-')) {
            faults.add(record.row(), "price", "amount_invalid", record.text("price"));
        }
        let weight_g = record.integer("weight_g", 0, faults);
        let stock = record.integer("stock", 0, faults).filter(|stock| {
            *stock <= STOCK_LIMIT || {
                faults.add(record.row(), "stock", "integer_invalid", record.text("stock"));
                false
            }
        });
        let barcode = code("barcode", record.text("barcode"), faults);
        let axes = axes(record, faults);
        Some(Self {
            sku: sku?,
            product,
            stock,
            name,
            description,
            category: category(record),
            price: record.text("price").map(str::to_owned),
            currency,
            weight_g,
            barcode,
            tax_class: record.text("tax_class").map(str::to_owned),
            axes: axes?,
            images: images(record, faults),
        })
    }
}

/// The most that lies in one place.
const STOCK_LIMIT: i64 = 1_000_000_000;

/// The pictures that a row may name.
const IMAGES: usize = 20;

/// Names and addresses, several separated by `;`, `|` or line breaks.
fn images(record: &Record<'_>, faults: &mut Faults) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    let cell = record.text("image").unwrap_or_default();
    for name in cell.split([';', '；', '|', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
        if !images.iter().any(|known| known == name) {
            images.push(name.to_owned());
        }
    }
    if images.len() > IMAGES {
        faults.add(record.row(), "image", "images_many", Some(cell));
    }
    images
}

/// A text in both languages: `name_zh`, `name_en`, and `name` in the one it is written in.
pub(super) fn texts(record: &Record<'_>, column: &str, faults: &mut Faults, most: Option<usize>) -> Texts {
    let mut texts = Texts::new();
    let columns = [(format!("{column}_zh"), Some(Locale::ZhCn)), (format!("{column}_en"), Some(Locale::En)), (column.to_owned(), None)];
    for (column, locale) in columns {
        let Some(text) = record.text(&column) else { continue };
        if most.is_some_and(|most| text.chars().count() > most) {
            faults.add(record.row(), &column, "field_too_long", None);
        }
        let locale = locale.unwrap_or_else(|| language(text));
        texts.entry(locale.tag().to_owned()).or_insert_with(|| text.to_owned());
    }
    texts
}

/// The language a text is written in.
pub(super) fn language(text: &str) -> Locale {
    if search::has_han(text) { Locale::ZhCn } else { Locale::En }
}

/// `Furniture > Bookcases` in one cell, or in two.
fn category(record: &Record<'_>) -> Vec<String> {
    let cells = [record.text("category"), record.text("subcategory")];
    let parts = cells.into_iter().flatten().flat_map(|cell| cell.split('>')).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.chars().take(NAME_LIMIT).collect()).collect()
}

/// The row's axes; none if one has a name without a value, or a value without a name.
fn axes(record: &Record<'_>, faults: &mut Faults) -> Option<Vec<Axis>> {
    let mut axes: Vec<Axis> = Vec::new();
    for n in 1..=AXES {
        let name = texts(record, &format!("option{n}"), faults, Some(100));
        let value = texts(record, &format!("value{n}"), faults, Some(100));
        if name.is_empty() && value.is_empty() {
            continue;
        }
        let code = code(&name);
        if name.is_empty() || value.is_empty() || axes.iter().any(|axis| axis.code == code) {
            faults.add(record.row(), &format!("value{n}"), "variants_differ", None);
            return None;
        }
        axes.push(Axis { code, value_code: self::code(&value), name, value });
    }
    Some(axes)
}

/// A code made of a name: of the English one, if there is one.
pub(super) fn code(name: &Texts) -> String {
    let text = name.get(Locale::En.tag()).or_else(|| name.values().next()).map_or("", String::as_str);
    let code = slug::of(text, "");
    if code.is_empty() { text.to_lowercase() } else { code }
}
