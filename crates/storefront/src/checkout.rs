//! Checkout on one page: who, where to, how, and then the order.
//!
//! One form holds everything. Saving it is a step on the way, placing the order
//! saves it too; so nothing that was typed is lost, whatever is refused. The total
//! that was shown goes with the form: if it is another by now, nothing is ordered.

use axum::response::Response;
use http::{StatusCode, header};
use minijinja::context;
use serde::{Deserialize, Serialize};
use zg_base::shelf::Seen;
use zg_customers::shopper;
use zg_domain::Money;
use zg_orders::cart::{self as carts, AddressInput, Basket, CartView, ContactInput, Held};
use zg_orders::{CheckOut, Error, check_out};
use zg_web::{Problem, Result};

use crate::form::{Form, errors};
use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;
use crate::{cart, region};

/// The form as it was sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Asked {
    /// The cart it was shown for: sent twice, it is ordered once.
    #[serde(default)]
    cart: String,
    /// `place`, or `save`.
    #[serde(default, rename = "do")]
    what: String,
    /// One of the member's addresses, to be taken over.
    #[serde(default, rename = "use")]
    saved: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    district: String,
    #[serde(default)]
    street: String,
    #[serde(default)]
    postal_code: String,
    #[serde(default)]
    shipping_method: String,
    #[serde(default)]
    payment_method: String,
    #[serde(default)]
    note: String,
    /// The total that was shown, in minor units.
    #[serde(default)]
    seen: String,
}

pub(crate) async fn page(page: Page) -> Result<Response> {
    match cart::open(&page).await? {
        Some(basket) => show(&page, StatusCode::OK, &basket, None, None).await,
        None => Ok(page.go("/cart")),
    }
}

pub(crate) async fn submit(page: Page, Form(mut asked): Form<Asked>) -> Result<Response> {
    let token = page.cart().map_or_else(|| asked.cart.clone(), str::to_owned);
    if !asked.saved.is_empty() {
        take_over(&page, &mut asked).await?;
    }
    match save(&page, &token, &asked).await {
        Ok(()) => {}
        Err(Refused::Fields(problem)) => {
            let Some(basket) = cart::open(&page).await? else { return Ok(page.go("/cart")) };
            return show(&page, StatusCode::UNPROCESSABLE_ENTITY, &basket, Some(&asked), Some(&problem)).await;
        }
        Err(Refused::Cart(error)) => return elsewhere(&page, error),
    }
    let mut response = if asked.what == "place" { place(&page, &token, &asked).await? } else { page.go("/checkout#shipping") };
    let ordered = response.headers().get(header::LOCATION).is_some_and(|to| to.as_bytes().starts_with(page.path("/o/").as_bytes()));
    let kept = if ordered { "" } else { &asked.note };
    if page.message().is_some() || !kept.is_empty() {
        response.headers_mut().append(header::SET_COOKIE, page.message_cookie(kept));
    }
    Ok(response)
}

/// Orders what was saved.
async fn place(page: &Page, token: &str, asked: &Asked) -> Result<Response> {
    let basket = Basket::load_in(&Seen::look(page.app()).await?, token, page.locale()).await?;
    let currency = CartView::of(&basket).totals.total.currency;
    let seen = asked.seen.parse().ok().map(|amount| Money::new(amount, currency));
    let command = CheckOut { total: seen, note: Some(asked.note.clone()).filter(|note| !note.trim().is_empty()) };
    let customer_id = page.member().map(|member| member.customer_id);
    match check_out(page.app(), page.actor(), customer_id, token, &command).await {
        Ok((tx, placed)) => {
            tx.commit().await?;
            let mut response = page.go_saying(&format!("/o/{}", placed.token), Text::notice_thanks);
            response.headers_mut().append(header::SET_COOKIE, page.no_cart_cookie());
            Ok(response)
        }
        Err(error) => elsewhere(page, error),
    }
}

/// Where the shopper goes on after a refusal. The cart is as it was.
fn elsewhere(page: &Page, error: Error) -> Result<Response> {
    Ok(match error {
        Error::CartOrdered { token, .. } => page.go(&format!("/o/{token}")),
        Error::CartNotFound | Error::CartLineNotFound => page.go("/cart"),
        Error::OutOfStock(_) | Error::NotForSale(_) => page.go_saying("/cart", Text::notice_short),
        Error::TotalChanged(_) => page.go_saying("/checkout", Text::notice_total_changed),
        Error::CartIncomplete(missing) => match missing.first() {
            Some(&"lines") => page.go("/cart"),
            Some(&"payment_method") => page.go_saying("/checkout#payment", Text::notice_choose_payment),
            Some(&"shipping_method") => page.go_saying("/checkout#shipping", Text::notice_choose_shipping),
            _ => page.go("/checkout"),
        },
        other => return Err(other.into()),
    })
}

/// Why a form was not saved.
enum Refused {
    /// Fields are wrong: the form is shown again.
    Fields(Problem),
    /// There is no such cart any more.
    Cart(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Cart(error)
    }
}

/// Saves what the form says; methods that do not go with the address any more are left out.
async fn save(page: &Page, token: &str, asked: &Asked) -> Result<(), Refused> {
    let seen = Seen::look(page.app()).await.map_err(Error::from)?;
    let tx = page.app().begin_relaxed(&page.actor().again()).await.map_err(Error::from)?;
    let mut cart = Held::take(&tx, &seen, token).await?;
    cart.set_locale(page.locale()).await?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let contact = ContactInput { email: text(&asked.email), phone: text(&asked.phone), name: text(&asked.name) };
    let address = AddressInput {
        name: asked.name.clone(),
        phone: text(&asked.phone),
        country: asked.country.clone(),
        province: text(&asked.province),
        city: text(&asked.city),
        district: text(&asked.district),
        street: asked.street.clone(),
        postal_code: text(&asked.postal_code),
    };
    let mut wrong = Problem::unprocessable("invalid");
    for done in [cart.set_contact(&contact).await, cart.set_address(&address).await] {
        match done {
            Ok(()) => {}
            Err(Error::Field { pointer, code }) => wrong = wrong.field(pointer, code),
            Err(Error::Fields(fields)) => {
                wrong = fields.into_iter().fold(wrong, |wrong, (pointer, code)| wrong.field(pointer, code));
            }
            Err(error) => return Err(error.into()),
        }
    }
    wrong.or_ok().map_err(Refused::Fields)?;
    choose(&mut cart, asked).await?;
    tx.commit().await.map_err(|error| Refused::Cart(error.into()))
}

async fn choose(cart: &mut Held<'_>, asked: &Asked) -> Result<(), Error> {
    let left_out = |done: Result<(), Error>| match done {
        Ok(()) | Err(Error::Field { .. }) => Ok(()),
        Err(error) => Err(error),
    };
    if !asked.shipping_method.is_empty() {
        left_out(cart.set_shipping_method(&asked.shipping_method).await)?;
    }
    if !asked.payment_method.is_empty() {
        left_out(cart.set_payment_method(&asked.payment_method).await)?;
    }
    Ok(())
}

/// Puts one of the member's addresses into the form.
async fn take_over(page: &Page, asked: &mut Asked) -> Result<()> {
    let Some(member) = page.member() else { return Ok(()) };
    let mine = shopper::addresses(page.app().read(), member.customer_id).await?;
    if let Some(address) = mine.into_iter().find(|address| address.token == asked.saved) {
        let phone = if address.phone.is_empty() { asked.phone.clone() } else { address.phone };
        *asked = Asked {
            name: address.name,
            phone,
            country: address.country,
            province: address.province,
            city: address.city,
            district: address.district,
            street: address.street,
            postal_code: address.postal_code,
            ..asked.clone()
        };
    }
    Ok(())
}

/// The form as the cart has it; what a member has told the shop before fills what is empty.
async fn known(page: &Page, cart: &CartView) -> Result<Asked> {
    let mut known = Asked { note: page.message().unwrap_or_default().to_owned(), ..Asked::default() };
    if let Some(contact) = &cart.contact {
        known.email = contact.email.clone().unwrap_or_default();
        known.phone = contact.phone.clone().unwrap_or_default();
        known.name = contact.name.clone().unwrap_or_default();
    } else if let Some(member) = page.member() {
        let me = shopper::me(page.app().read(), member.customer_id).await?;
        known.email = me.email.unwrap_or_default();
        known.phone = me.phone.unwrap_or_default();
        known.name = me.name;
    }
    if let Some(address) = &cart.address {
        return Ok(Asked {
            name: address.name.clone(),
            country: address.country.clone(),
            province: address.province.clone(),
            city: address.city.clone(),
            district: address.district.clone(),
            street: address.street.clone(),
            postal_code: address.postal_code.clone(),
            ..known
        });
    }
    if let Some(member) = page.member() {
        let mine = shopper::addresses(page.app().read(), member.customer_id).await?;
        known.saved = mine.into_iter().find(|address| address.is_default).map(|address| address.token).unwrap_or_default();
        take_over(page, &mut known).await?;
    }
    Ok(known)
}

async fn show(page: &Page, status: StatusCode, basket: &Basket, asked: Option<&Asked>, problem: Option<&Problem>) -> Result<Response> {
    let cart = CartView::of(basket);
    if cart.lines.is_empty() {
        return Ok(page.go("/cart"));
    }
    let fields = match asked {
        Some(asked) => asked.clone(),
        None => known(page, &cart).await?,
    };
    let saved = match page.member() {
        Some(member) => shopper::addresses(page.app().read(), member.customer_id).await?,
        None => Vec::new(),
    };
    let values = context! {
        fields => value(&fields),
        saved => value(&saved),
        regions => region::choices(page, &fields.country, &fields.province, &fields.city).await?,
        lines => cart::lines(page, &cart).await?,
        shipping => value(carts::shipping_choices(basket)),
        payment => value(carts::payment_choices(basket)),
        cart => value(&cart),
        problem => problem.map(|problem| page.word(problem)),
        errors => problem.map(|problem| errors(page, problem)),
    };
    page.answer(status, "checkout.html", Head::private(page.say(Text::checkout)), values).await
}
