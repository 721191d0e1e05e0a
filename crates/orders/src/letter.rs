//! Mails about orders, in the language they were ordered in.

use zg_base::mail::Letter;
use zg_base::{App, Tx};
use zg_db::entity::{order, order_line, payment_method};
use zg_domain::{Currency, Locale, Money};

use crate::Error;
use crate::cancel::CancelReason;
use crate::find::to_refund;
use crate::view::currency_of;

/// Who writes to whom, about what.
struct About<'a> {
    row: &'a order::Model,
    to: &'a str,
    locale: Locale,
    currency: Currency,
}

impl<'a> About<'a> {
    /// None if there is no address to write to.
    fn of(row: &'a order::Model) -> Result<Option<Self>, Error> {
        let Some(to) = row.email.as_deref() else { return Ok(None) };
        let locale = row.locale.parse().unwrap_or(Locale::ZhCn);
        Ok(Some(Self { row, to, locale, currency: currency_of(row)? }))
    }

    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self.locale {
            Locale::ZhCn => zh.into(),
            Locale::En => en.into(),
        }
    }

    fn money(&self, amount: i64) -> String {
        shown(Money::new(amount, self.currency))
    }

    fn letter(&self, tx: &Tx, template: &'static str, subject: String) -> Letter {
        let page = page_of(tx.app(), self.row);
        Letter {
            to: self.to.to_owned(),
            locale: self.locale,
            template,
            subject,
            paragraphs: Vec::new(),
            rows: Vec::new(),
            button: Some((self.say("查看订单", "See your order"), page)),
            customer_id: self.row.customer_id,
            order_id: Some(self.row.id),
            secret: false,
        }
    }
}

/// Where the shopper finds an order in the storefront, whoever has its token.
pub fn page_of(app: &App, order: &order::Model) -> String {
    let locale = order.locale.parse().unwrap_or(Locale::ZhCn);
    format!("{}/{}/o/{}", app.shop().base_url, locale.tag(), order.token)
}

/// An amount as people read it: `¥129.90`, `USD 129.90`.
pub(crate) fn shown(money: Money) -> String {
    if money.currency == Currency::CNY { format!("¥{}", money.to_decimal()) } else { format!("{} {}", money.currency, money.to_decimal()) }
}

fn goods(line: &order_line::Model, pieces: i64) -> String {
    let options = line.options.as_deref().map(|options| format!(" · {options}")).unwrap_or_default();
    format!("{}{options} × {pieces}", line.name)
}

/// The order was received, and how it is paid.
pub(crate) async fn placed(tx: &Tx, row: &order::Model, lines: &[order_line::Model], method: &payment_method::Model) -> Result<(), Error> {
    let Some(about) = About::of(row)? else { return Ok(()) };
    let shop = &tx.app().shop().name;
    let mut letter = about.letter(
        tx,
        "order_placed",
        about.say(format!("我们已收到您的订单 {}", row.number), format!("We have your order {}", row.number)),
    );
    letter.paragraphs = vec![
        about.say(
            format!("{}，您好！感谢您在{shop}下单。", row.contact_name),
            format!("Dear {}, thank you for ordering from {shop}.", row.contact_name),
        ),
        about.say(
            format!("支付方式：{}。{}", method.name_zh, method.instructions_zh),
            format!("You pay by {}. {}", method.name_en, method.instructions_en),
        ),
    ];
    letter.rows = lines.iter().map(|line| (goods(line, line.quantity), about.money(line.total_minor))).collect();
    letter.rows.push((about.say("运费", "Shipping"), about.money(row.shipping_minor)));
    if row.tax_added_minor > 0 {
        letter.rows.push((about.say("税费", "Tax"), about.money(row.tax_added_minor)));
    }
    letter.rows.push((about.say("合计", "Total"), about.money(row.total_minor)));
    tx.mail(&letter).await?;
    Ok(())
}

/// The order was called off.
pub(crate) async fn cancelled(tx: &Tx, row: &order::Model, lines: &[order_line::Model], reason: CancelReason) -> Result<(), Error> {
    let Some(about) = About::of(row)? else { return Ok(()) };
    let mut letter = about.letter(
        tx,
        "order_cancelled",
        about.say(format!("订单 {} 已取消", row.number), format!("Order {} was cancelled", row.number)),
    );
    letter.paragraphs = vec![greeting(&about), reason_of(&about, reason)];
    letter.paragraphs.extend(refund(&about));
    letter.rows = lines
        .iter()
        .filter(|line| line.quantity > line.cancelled)
        .map(|line| (goods(line, line.quantity - line.cancelled), about.money(line.total_minor)))
        .collect();
    tx.mail(&letter).await?;
    Ok(())
}

/// Pieces were called off, the rest goes on.
pub(crate) async fn lines_cancelled(
    tx: &Tx,
    row: &order::Model,
    pieces: &[(order_line::Model, i64)],
    reason: CancelReason,
) -> Result<(), Error> {
    let Some(about) = About::of(row)? else { return Ok(()) };
    let mut letter = about.letter(
        tx,
        "order_lines_cancelled",
        about.say(format!("订单 {} 中有商品已取消", row.number), format!("Items of order {} were cancelled", row.number)),
    );
    letter.paragraphs = vec![
        greeting(&about),
        reason_of(&about, reason),
        about.say(
            format!("其余商品照常处理，订单金额现为 {}。", about.money(row.total_minor)),
            format!("The rest goes on. Your order now comes to {}.", about.money(row.total_minor)),
        ),
    ];
    letter.paragraphs.extend(refund(&about));
    letter.rows = pieces.iter().map(|(line, pieces)| (goods(line, *pieces), String::new())).collect();
    tx.mail(&letter).await?;
    Ok(())
}

fn greeting(about: &About<'_>) -> String {
    let name = &about.row.contact_name;
    about.say(format!("{name}，您好！"), format!("Dear {name},"))
}

fn reason_of(about: &About<'_>, reason: CancelReason) -> String {
    match reason {
        CancelReason::CustomerRequest => about.say("我们已按您的要求取消。", "We cancelled this as you asked."),
        CancelReason::OutOfStock => {
            about.say("很抱歉，商品缺货，我们无法发货。", "We are sorry: the items are out of stock and can't be sent.")
        }
        CancelReason::Unpaid | CancelReason::Expired => about.say(
            "我们没有及时收到付款，因此取消了订单。欢迎重新下单。",
            "Your payment did not arrive in time. You are welcome to order again.",
        ),
        CancelReason::Mistake => about
            .say("很抱歉，商品信息有误，我们无法按此发货。", "We are sorry: there was a mistake in our shop and we can't deliver this."),
        CancelReason::Fraud | CancelReason::Other => about.say("很抱歉，我们无法处理。", "We are sorry that we can't go on with this."),
    }
}

fn refund(about: &About<'_>) -> Option<String> {
    let amount = to_refund(about.row);
    (amount > 0).then(|| {
        about.say(
            format!("您已支付的 {} 将退还给您。", about.money(amount)),
            format!("We will give back the {} that you paid.", about.money(amount)),
        )
    })
}
