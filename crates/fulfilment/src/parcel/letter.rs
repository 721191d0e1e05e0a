//! The mails about a parcel: it is on its way, it is not after all.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::Tx;
use zg_base::mail::Letter;
use zg_db::entity::{carrier, order, order_line, shipment};
use zg_domain::Locale;

use crate::Error;
use crate::parcel::contents;

/// Tells the customer what is on its way, and where to follow it.
pub(crate) async fn left(tx: &Tx, order: &order::Model, parcel: &shipment::Model) -> Result<(), Error> {
    let carrier = carrier_of(tx, parcel).await?;
    let link = link(carrier.as_ref(), parcel);
    let mut rows = Vec::new();
    let locale = locale(order);
    let word = |zh: &str, en: &str| match locale {
        Locale::ZhCn => zh.to_owned(),
        Locale::En => en.to_owned(),
    };
    if let Some(carrier) = &carrier {
        rows.push((word("运输公司", "Carrier"), carrier.name.clone()));
    }
    if let Some(tracking) = &parcel.tracking_number {
        rows.push((word("运单号", "Tracking number"), tracking.clone()));
    }
    rows.extend(pieces(tx, parcel).await?);
    let number = &order.number;
    let first = word(
        &format!("您的订单 {number} 有包裹已发出，内容如下。"),
        &format!("A parcel of your order {number} is on its way. This is what it holds."),
    );
    let rest = word("若订单分多个包裹发出，其余包裹会另行通知。", "If your order comes in several parcels, we write again for each.");
    let button = match link {
        Some(url) => (word("查询物流", "Track the parcel"), url),
        None => (word("查看订单", "View the order"), zg_orders::page_of(tx.app(), order)),
    };
    let words = Words {
        template: "shipped",
        subject: word(&format!("您的订单 {number} 已发货"), &format!("Your order {number} is on its way")),
        paragraphs: vec![first, rest],
        rows,
        button,
    };
    send(tx, order, words).await
}

/// Tells the customer that a parcel they were told of has not left after all.
pub(crate) async fn stays(tx: &Tx, order: &order::Model, parcel: &shipment::Model) -> Result<(), Error> {
    let locale = locale(order);
    let word = |zh: &str, en: &str| match locale {
        Locale::ZhCn => zh.to_owned(),
        Locale::En => en.to_owned(),
    };
    let number = &order.number;
    let first = word(
        &format!("我们之前通知您订单 {number} 的包裹已发出，但它还没有离开仓库。重新发出时我们会再次通知您。"),
        &format!("We told you that a parcel of your order {number} had left, but it is still with us. We will write again when it leaves."),
    );
    let words = Words {
        template: "shipment_undone",
        subject: word(&format!("订单 {number} 的包裹将稍后发出"), &format!("A parcel of your order {number} leaves later")),
        paragraphs: vec![first],
        rows: pieces(tx, parcel).await?,
        button: (word("查看订单", "View the order"), zg_orders::page_of(tx.app(), order)),
    };
    send(tx, order, words).await
}

struct Words {
    template: &'static str,
    subject: String,
    paragraphs: Vec<String>,
    rows: Vec<(String, String)>,
    button: (String, String),
}

async fn send(tx: &Tx, order: &order::Model, words: Words) -> Result<(), Error> {
    // An order that was moved in from another shop tells nobody anything.
    let Some(to) = order.email.clone().filter(|_| order.origin != "import") else { return Ok(()) };
    let letter = Letter {
        to,
        locale: locale(order),
        template: words.template,
        subject: words.subject,
        paragraphs: words.paragraphs.into_iter().chain([tx.app().shop().name.clone()]).collect(),
        rows: words.rows,
        button: Some(words.button),
        customer_id: order.customer_id,
        order_id: Some(order.id),
        secret: false,
    };
    tx.mail(&letter).await?;
    Ok(())
}

fn locale(order: &order::Model) -> Locale {
    order.locale.parse().unwrap_or(Locale::ZhCn)
}

/// What the parcel holds, as it was sold: name and quantity.
async fn pieces(tx: &Tx, parcel: &shipment::Model) -> Result<Vec<(String, String)>, Error> {
    let contents = contents(tx, parcel.id).await?;
    let lines =
        order_line::Entity::find().filter(order_line::Column::Id.is_in(contents.iter().map(|(line, _)| *line))).all(tx.db()).await?;
    let row = |(id, quantity): (i64, i64)| {
        let line = lines.iter().find(|line| line.id == id)?;
        let name = line.options.as_ref().map_or_else(|| line.name.clone(), |options| format!("{} ({options})", line.name));
        Some((name, format!("× {quantity}")))
    };
    Ok(contents.into_iter().filter_map(row).collect())
}

async fn carrier_of(tx: &Tx, parcel: &shipment::Model) -> Result<Option<carrier::Model>, Error> {
    match parcel.carrier_id {
        Some(id) => Ok(carrier::Entity::find_by_id(id).one(tx.db()).await?),
        None => Ok(None),
    }
}

/// Where a parcel is followed: the carrier's address with the number in it.
pub(crate) fn link(carrier: Option<&carrier::Model>, parcel: &shipment::Model) -> Option<String> {
    let template = carrier?.tracking_url.as_deref()?;
    Some(zg_system::shipping::tracking_link(template, parcel.tracking_number.as_deref()?))
}
