//! A row of the file: a line of a past order.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zg_domain::moved_in::{line_as_sold, percent};
use zg_domain::{Currency, Money, Ppm};
use zg_import::{Column, Faults, Record};

/// The columns that are understood.
pub(crate) const COLUMNS: &[Column] = &[
    Column::required("order_no", &["order", "order_id", "order_number", "订单号", "订单编号"]),
    Column::required("placed_on", &["order_date", "placed", "date", "下单日期", "订单日期"]),
    Column::new("shipped_on", &["ship_date", "shipped", "发货日期"]),
    Column::new("ship_mode", &["shipping", "shipping_method", "配送方式", "运输方式"]),
    Column::new("customer", &["customer_code", "customer_id", "客户编号", "会员编号", "客户"]),
    Column::new("name", &["customer_name", "receiver", "收货人", "姓名"]),
    Column::new("phone", &["mobile", "tel", "电话", "手机"]),
    Column::new("email", &["e-mail", "mail", "邮箱"]),
    Column::new("country", &["国家", "国家或地区"]),
    Column::new("province", &["state", "省", "省份", "州"]),
    Column::new("city", &["城市", "市"]),
    Column::new("district", &["county", "区", "区县"]),
    Column::new("street", &["address", "地址", "详细地址"]),
    Column::new("postal_code", &["postcode", "zip", "邮编"]),
    Column::required("sku", &["sku_code", "product_id", "货号", "商品编码"]),
    Column::required("quantity", &["qty", "数量", "件数"]),
    Column::money("unit_price", &["price", "list_price", "单价"]),
    Column::new("discount_percent", &["discount", "折扣率", "折扣"]),
    Column { required: false, ..Column::money("line_total", &["total", "sales", "小计", "金额"]) },
];

/// A line of a past order, parsed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    pub(crate) order: String,
    pub(crate) placed_on: NaiveDate,
    pub(crate) shipped_on: Option<NaiveDate>,
    pub(crate) ship_mode: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) province: String,
    pub(crate) city: String,
    pub(crate) district: String,
    pub(crate) street: String,
    pub(crate) postal_code: String,
    pub(crate) sku: String,
    pub(crate) quantity: i64,
    /// Minor units, as the two after it.
    pub(crate) list: i64,
    pub(crate) discount: i64,
    pub(crate) total: i64,
    pub(crate) currency: Currency,
}

/// Reads a record. What is wrong goes to `faults`.
pub(crate) fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<Row> {
    let order = record.required("order_no", faults).map(str::to_owned);
    let placed_on = record.required("placed_on", faults).and_then(|_| record.date("placed_on", faults));
    let shipped_on = record.date("shipped_on", faults);
    if let (Some(placed), Some(shipped)) = (placed_on, shipped_on)
        && shipped < placed
    {
        faults.add(record.row(), "shipped_on", "date_before", record.text("shipped_on"));
    }
    let sku = record.required("sku", faults).map(str::to_owned);
    let quantity = record.required("quantity", faults).and_then(|_| record.integer("quantity", 1, faults));
    let list = record.required("unit_price", faults).and_then(|_| record.money("unit_price", Currency::CNY, faults));
    let off = match record.text("discount_percent") {
        None => Some(Ppm(0)),
        Some(text) => {
            let off = percent(text.trim_end_matches('%'));
            if off.is_none() {
                faults.add(record.row(), "discount_percent", "percent_invalid", Some(text));
            }
            off
        }
    };
    let (list, quantity, off) = (list?, quantity?, off?);
    let Some((total, discount)) = line_as_sold(list, quantity, off) else {
        faults.add(record.row(), "quantity", "amount_invalid", record.text("quantity"));
        return None;
    };
    let said = record.money("line_total", list.currency, faults);
    if said.is_some_and(|said| said != total) {
        faults.add(record.row(), "line_total", "total_differs", record.text("line_total"));
    }
    let text = |column: &str| record.text(column).map(str::to_owned);
    let plain = |column: &str| text(column).unwrap_or_default();
    let Money { amount, currency } = list;
    Some(Row {
        order: order?,
        placed_on: placed_on?,
        shipped_on,
        ship_mode: text("ship_mode"),
        customer: text("customer"),
        name: text("name"),
        phone: text("phone"),
        email: text("email"),
        country: text("country"),
        province: plain("province"),
        city: plain("city"),
        district: plain("district"),
        street: plain("street"),
        postal_code: plain("postal_code"),
        sku: sku?,
        quantity,
        list: amount,
        discount,
        total: total.amount,
        currency,
    })
}
