//! The mails about money: it was received, it was given back.

use zg_base::Tx;
use zg_base::mail::Letter;
use zg_db::entity::{order, payment_entry, payment_method};
use zg_domain::{Currency, Locale, Money};

use crate::Error;

/// Tells the customer that money was received. An order that was moved in from
/// another shop tells nobody anything.
pub(crate) async fn received(tx: &Tx, order: &order::Model, entry: &payment_entry::Model, by: &payment_method::Model) -> Result<(), Error> {
    send(tx, order, |locale| {
        let shop = &tx.app().shop().name;
        let amount = amount(entry.amount_minor, &order.currency)?;
        let due = (order.total_minor - order.paid_minor + order.refunded_minor).max(0);
        let due_shown = self::amount(due, &order.currency)?;
        let number = &order.number;
        let way = name(by, locale);
        let (subject, first, then, rows) = match locale {
            Locale::ZhCn => (
                format!("已收到您的付款（订单 {number}）"),
                format!("我们已收到您为订单 {number} 支付的款项。"),
                if due == 0 {
                    "订单已付清，我们会尽快安排发货。".to_owned()
                } else {
                    format!("还需支付 {due_shown}。")
                },
                [("收到金额", amount), ("支付方式", way), ("流水号", entry.reference.clone())],
            ),
            Locale::En => (
                format!("We received your payment (order {number})"),
                format!("We received your payment for order {number}."),
                if due == 0 { "The order is paid; we will ship it soon.".to_owned() } else { format!("{due_shown} is still due.") },
                [("Received", amount), ("Paid by", way), ("Reference", entry.reference.clone())],
            ),
        };
        Ok(Words { template: "payment_received", subject, paragraphs: vec![first, then, shop.clone()], rows: rows.to_vec() })
    })
    .await
}

/// Tells the customer that money was given back.
pub(crate) async fn refunded(tx: &Tx, order: &order::Model, entry: &payment_entry::Model, by: &payment_method::Model) -> Result<(), Error> {
    send(tx, order, |locale| {
        let shop = &tx.app().shop().name;
        let amount = amount(-entry.amount_minor, &order.currency)?;
        let number = &order.number;
        let way = name(by, locale);
        let (subject, first, then, rows) = match locale {
            Locale::ZhCn => (
                format!("已为您退款（订单 {number}）"),
                format!("我们已就订单 {number} 向您退款。"),
                "到账时间取决于银行，通常需要一到三个工作日。".to_owned(),
                [("退款金额", amount), ("退款方式", way), ("流水号", entry.reference.clone())],
            ),
            Locale::En => (
                format!("We sent you a refund (order {number})"),
                format!("We gave money back for order {number}."),
                "Your bank usually takes one to three working days to book it.".to_owned(),
                [("Refunded", amount), ("Refunded by", way), ("Reference", entry.reference.clone())],
            ),
        };
        Ok(Words { template: "payment_refunded", subject, paragraphs: vec![first, then, shop.clone()], rows: rows.to_vec() })
    })
    .await
}

struct Words {
    template: &'static str,
    subject: String,
    paragraphs: Vec<String>,
    rows: Vec<(&'static str, String)>,
}

async fn send(tx: &Tx, order: &order::Model, words: impl FnOnce(Locale) -> Result<Words, Error>) -> Result<(), Error> {
    let Some(to) = order.email.clone().filter(|_| order.origin != "import") else { return Ok(()) };
    let locale = order.locale.parse().unwrap_or(Locale::ZhCn);
    let words = words(locale)?;
    let look = match locale {
        Locale::ZhCn => "查看订单",
        Locale::En => "View the order",
    };
    let url = format!("{}/{}/orders/{}", tx.app().shop().base_url, locale.tag(), order.token);
    let letter = Letter {
        to,
        locale,
        template: words.template,
        subject: words.subject,
        paragraphs: words.paragraphs,
        rows: words.rows.into_iter().map(|(what, much)| (what.to_owned(), much)).collect(),
        button: Some((look.to_owned(), url)),
        customer_id: order.customer_id,
        order_id: Some(order.id),
        secret: false,
    };
    tx.mail(&letter).await?;
    Ok(())
}

fn amount(minor: i64, currency: &str) -> Result<String, Error> {
    let currency: Currency = currency.parse().map_err(|_| Error::Stored("the currency of an order"))?;
    let decimal = Money::new(minor, currency).to_decimal();
    Ok(if currency == Currency::CNY { format!("¥{decimal}") } else { format!("{currency} {decimal}") })
}

fn name(method: &payment_method::Model, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => method.name_zh.clone(),
        Locale::En => method.name_en.clone(),
    }
}
