//! A day in the shop: people order, pay or do not; staff confirm, pick and ship.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde_json::{Value, json};
use zg_base::App;
use zg_db::entity::{carrier, order, pick_list_line, shipping_method};

use super::caller::{Caller, Refused, number, text};
use super::dice::Dice;
use super::people::People;
use super::{Goods, Shop, Shopper};

/// What is going to become of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Paid by transfer after some hours.
    Transfer,
    /// Paid to the courier.
    OnDelivery,
    /// Never paid: it expires.
    Forgotten,
    /// Called off before it is paid.
    Regretted,
    /// Paid, then called off: the money goes back.
    Returned,
}

/// An order on its way.
struct Underway {
    id: i64,
    total: Value,
    /// The shipping method's code.
    way: String,
    fate: Fate,
    /// When the next thing happens to it.
    next: DateTime<Utc>,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Unpaid,
    ToConfirm,
    Confirmed,
    Picked,
    Travelling(i64),
    ToRefund,
    Over,
}

/// The trade of the demo.
pub(super) struct Trade {
    app: App,
    guest: Caller,
    people: People,
    shoppers: Vec<Shopper>,
    goods: Vec<Goods>,
    dice: Dice,
    underway: Vec<Underway>,
    placed: usize,
}

/// Those at work today, signed in.
struct Shift {
    support: Caller,
    warehouse: Caller,
    finance: Caller,
}

impl Trade {
    pub(super) fn new(app: &App, people: People, shoppers: Vec<Shopper>, goods: Vec<Goods>) -> Self {
        let shoppers = shoppers.into_iter().filter(|one| one.country == "CN" && !one.province.is_empty()).collect();
        Self {
            app: app.clone(),
            guest: Caller::guest(app),
            people,
            shoppers,
            goods,
            dice: Dice::new(20_261),
            underway: Vec::new(),
            placed: 0,
        }
    }

    /// Orders placed.
    pub(super) fn placed(&self) -> usize {
        self.placed
    }

    /// Lives through a day that began at the clock's midnight, `left` days before the last.
    pub(super) async fn live(&mut self, shop: &Shop, left: i64) -> anyhow::Result<()> {
        let midnight = self.app.now();
        let end = if left == 0 { midnight + self.app.clock().behind() } else { midnight + Duration::days(1) };
        // A shop that grows a little, and sells more before and after its working hours.
        let count = 3 + self.dice.below(4) + usize::try_from((42 - left).max(0)).unwrap_or(0) / 14;
        let mut hours: Vec<i64> = (0..count).map(|_| i64::try_from(self.dice.below(14 * 60)).unwrap_or(0) + 8 * 60).collect();
        hours.sort_unstable();
        let (early, late): (Vec<i64>, Vec<i64>) = hours.into_iter().partition(|minute| *minute < 10 * 60);
        for minute in early {
            self.order(midnight + Duration::minutes(minute), end).await?;
        }
        self.until(midnight + Duration::minutes(10 * 60 + 20), end);
        shop.settle().await?;
        // A session lasts for twelve hours: to the end of the working day.
        let shift = Shift {
            support: self.guest.staff(self.people.support).await?,
            warehouse: self.guest.staff(self.people.warehouse).await?,
            finance: self.guest.staff(self.people.finance).await?,
        };
        let stop_at = if left == 0 { Step::Picked } else { Step::Over };
        self.work(&shift, stop_at).await?;
        for minute in late {
            self.order(midnight + Duration::minutes(minute), end).await?;
        }
        self.pay(&shift).await?;
        self.until(end, end);
        shop.settle().await
    }

    /// Moves the clock on, but not past the end.
    fn until(&self, at: DateTime<Utc>, end: DateTime<Utc>) {
        let ahead = at.min(end) - self.app.now();
        if ahead > Duration::zero() {
            self.app.clock().advance(ahead);
        }
    }

    /// Somebody orders something.
    async fn order(&mut self, at: DateTime<Utc>, end: DateTime<Utc>) -> anyhow::Result<()> {
        self.until(at, end);
        let shopper = self.dice.favourite(&self.shoppers).context("customers.csv has nobody with an address in China")?.clone();
        let fate = match self.dice.below(100) {
            0..54 => Fate::Transfer,
            54..84 => Fate::OnDelivery,
            84..90 => Fate::Forgotten,
            90..95 => Fate::Regretted,
            _ => Fate::Returned,
        };
        let cart = self.guest.post("/store/carts", json!({ "locale": shopper.locale })).await?;
        let path = format!("/store/carts/{}", text(&cart, "token")?);
        let mut basket: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..=self.dice.below(4) {
            let goods = self.dice.favourite(&self.goods).context("products.csv is empty")?.sku.clone();
            *basket.entry(goods).or_default() += 1 + self.dice.below(2) * self.dice.below(2);
        }
        let mut filled = false;
        for (sku, quantity) in basket {
            match self.guest.post(&format!("{path}/lines"), json!({ "sku": sku, "quantity": quantity })).await {
                Ok(_) => filled = true,
                // Sold out by now: they take something else, or nothing.
                Err(error) if error.is::<Refused>() => {}
                Err(error) => return Err(error),
            }
        }
        if !filled {
            return Ok(());
        }
        self.guest.put(&format!("{path}/contact"), json!({ "email": shopper.email, "phone": shopper.phone, "name": shopper.name })).await?;
        let address = json!({
            "name": shopper.name, "phone": shopper.phone, "country": shopper.country, "province": shopper.province,
            "city": shopper.city, "district": shopper.district, "street": shopper.street, "postal_code": shopper.postal_code,
        });
        self.guest.put(&format!("{path}/address"), address).await?;
        let method = if fate == Fate::OnDelivery { "cod" } else { "bank_transfer" };
        let ways = self.guest.get(&format!("{path}/shipping-methods")).await?;
        let ways: Vec<&Value> = ways
            .as_array()
            .map(|ways| ways.iter().filter(|way| fate != Fate::OnDelivery || way.get("cod") != Some(&Value::Bool(false))).collect())
            .unwrap_or_default();
        let way = self.dice.favourite(&ways).context("nothing ships there")?;
        let way = text(way, "code")?.to_owned();
        self.guest.put(&format!("{path}/shipping-method"), json!({ "code": way })).await?;
        let method = if self.guest.put(&format!("{path}/payment-method"), json!({ "code": method })).await.is_ok() {
            method
        } else {
            // This parcel is not paid at the door.
            self.guest.put(&format!("{path}/payment-method"), json!({ "code": "bank_transfer" })).await?;
            "bank_transfer"
        };
        let fate = if fate == Fate::OnDelivery && method != "cod" { Fate::Transfer } else { fate };
        let placed = match self.guest.post(&format!("{path}/checkout"), json!({})).await {
            Ok(placed) => placed,
            Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.code == "out_of_stock") => return Ok(()),
            Err(error) => return Err(error),
        };
        let token = text(&placed, "token")?;
        let id: i64 = order::Entity::find()
            .select_only()
            .column(order::Column::Id)
            .filter(order::Column::Token.eq(token))
            .into_tuple()
            .one(self.app.read())
            .await?
            .context("an order that was placed is not there")?;
        self.placed += 1;
        let hours = 1 + i64::try_from(self.dice.below(20)).unwrap_or(0);
        let step = if fate == Fate::OnDelivery { Step::ToConfirm } else { Step::Unpaid };
        let total = placed.get("total").cloned().context("a placed order has a total")?;
        self.underway.push(Underway { id, total, way, fate, next: self.app.now() + Duration::hours(hours), step });
        Ok(())
    }

    /// What the bank's statement shows, and who has changed their mind.
    async fn pay(&mut self, shift: &Shift) -> anyhow::Result<()> {
        let now = self.app.now();
        for order in self.underway.iter_mut().filter(|order| order.step == Step::Unpaid && order.next <= now) {
            match order.fate {
                Fate::Transfer | Fate::Returned => {
                    let body = json!({ "amount": order.total, "method": "bank_transfer", "reference": format!("ICBC{:08}", 10_000 + order.id * 37) });
                    shift.finance.post(&format!("/admin/orders/{}/payments", order.id), body).await?;
                    order.step = Step::ToConfirm;
                }
                Fate::Regretted => {
                    let body = json!({ "reason": "customer_request", "comment": "客户来电取消 · Called to cancel" });
                    shift.support.post(&format!("/admin/orders/{}/cancel", order.id), body).await?;
                    order.step = Step::Over;
                }
                Fate::Forgotten | Fate::OnDelivery => order.step = Step::Over,
            }
        }
        Ok(())
    }

    /// The staff's morning: what came in yesterday goes out today. On the last day
    /// some of each is left to do.
    async fn work(&mut self, shift: &Shift, stop_at: Step) -> anyhow::Result<()> {
        let last_day = stop_at == Step::Picked;
        self.pay(shift).await?;
        self.arrive(shift).await?;
        self.give_back(shift, last_day).await?;
        let mut confirmed = Vec::new();
        for (at, order) in self.underway.iter_mut().filter(|order| order.step == Step::ToConfirm).enumerate() {
            if last_day && at % 3 == 2 {
                continue;
            }
            if order.fate == Fate::Returned {
                let body = json!({ "reason": "customer_request", "comment": "买错了 · Ordered by mistake" });
                shift.support.post(&format!("/admin/orders/{}/cancel", order.id), body).await?;
                order.step = Step::ToRefund;
                continue;
            }
            shift.support.post(&format!("/admin/orders/{}/confirm", order.id), json!({})).await?;
            order.step = Step::Confirmed;
            confirmed.push(order.id);
        }
        if last_day {
            let half = confirmed.len() / 2;
            confirmed.truncate(half);
        }
        self.pick(shift, &confirmed).await?;
        if !last_day {
            self.ship(shift).await?;
        }
        Ok(())
    }

    async fn pick(&mut self, shift: &Shift, ids: &[i64]) -> anyhow::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let list = number(&shift.warehouse.post("/admin/pick-lists", json!({ "order_ids": ids })).await?, "id")?;
        let lines = pick_list_line::Entity::find().filter(pick_list_line::Column::PickListId.eq(list)).all(self.app.read()).await?;
        for line in &lines {
            let body = json!({ "line_id": line.id, "quantity": line.quantity });
            shift.warehouse.post(&format!("/admin/pick-lists/{list}/pick"), body).await?;
        }
        shift.warehouse.post(&format!("/admin/pick-lists/{list}/finish"), json!({})).await?;
        for order in self.underway.iter_mut().filter(|order| lines.iter().any(|line| line.order_id == order.id)) {
            order.step = Step::Picked;
        }
        Ok(())
    }

    async fn ship(&mut self, shift: &Shift) -> anyhow::Result<()> {
        let carriers = carriers(&self.app).await?;
        for order in self.underway.iter_mut().filter(|order| order.step == Step::Picked) {
            let carrier = carriers.get(&order.way).with_context(|| format!("{} has no carrier", order.way))?;
            let body = json!({ "tracking_number": waybill(carrier, order.id), "handed_over": true });
            let shipment = shift.warehouse.post(&format!("/admin/orders/{}/shipments", order.id), body).await?;
            order.step = Step::Travelling(number(&shipment, "id")?);
            let days = 1 + i64::try_from(self.dice.below(4)).unwrap_or(0);
            order.next = self.app.now() + Duration::days(days) - Duration::hours(1);
        }
        Ok(())
    }

    /// Parcels arrive; couriers bring the money.
    async fn arrive(&mut self, shift: &Shift) -> anyhow::Result<()> {
        let now = self.app.now();
        for order in self.underway.iter_mut().filter(|order| order.next <= now) {
            let Step::Travelling(shipment) = order.step else { continue };
            shift.warehouse.post(&format!("/admin/shipments/{shipment}/deliver"), json!({})).await?;
            if order.fate == Fate::OnDelivery {
                let body = json!({ "amount": order.total, "method": "cod", "reference": format!("COD{:08}", order.id) });
                shift.finance.post(&format!("/admin/orders/{}/payments", order.id), body).await?;
            }
            order.step = Step::Over;
        }
        Ok(())
    }

    async fn give_back(&mut self, shift: &Shift, last_day: bool) -> anyhow::Result<()> {
        if last_day {
            return Ok(());
        }
        for order in self.underway.iter_mut().filter(|order| order.step == Step::ToRefund) {
            let body =
                json!({ "amount": order.total, "reference": format!("REF{:08}", order.id), "note": "原路退回 · Returned by the same way" });
            shift.finance.post(&format!("/admin/orders/{}/refunds", order.id), body).await?;
            order.step = Step::Over;
        }
        self.underway.retain(|order| order.step != Step::Over);
        Ok(())
    }
}

/// Shipping method → its carrier, by their codes.
async fn carriers(app: &App) -> anyhow::Result<BTreeMap<String, String>> {
    let carriers = carrier::Entity::find().all(app.read()).await?;
    let carriers: BTreeMap<i64, String> = carriers.into_iter().map(|row| (row.id, row.code)).collect();
    let methods = shipping_method::Entity::find().all(app.read()).await?;
    Ok(methods.into_iter().filter_map(|row| Some((row.code, carriers.get(&row.carrier_id?)?.clone()))).collect())
}

/// A number as the carrier prints it on its waybills.
fn waybill(carrier: &str, order_id: i64) -> String {
    // Without a common divisor, no two orders draw the same ten digits.
    let drawn = (1_234_567_891 + order_id * 104_729_017) % 10_000_000_000;
    match carrier {
        "sf" => format!("SF140{drawn:010}"),
        "zto" => format!("7530{drawn:010}"),
        _ => format!("{drawn:010}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_12_each_carrier_has_its_own_form_of_waybill() {
        assert_eq!(waybill("sf", 1), "SF1401339296908");
        assert_eq!(waybill("zto", 1), "75301339296908");
        assert_eq!(waybill("dhl", 1), "1339296908");
    }
}
