//! One's own addresses.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};
use zg_customers::shopper::{self, OwnAddress};
use zg_customers::{AddressInput, Error};
use zg_web::{Problem, Result};

use super::Member;
use crate::form::{Form, errors};
use crate::page::Head;
use crate::region;
use crate::template::value;
use crate::text::Text;

#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Address {
    name: String,
    phone: String,
    country: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    district: String,
    street: String,
    #[serde(default)]
    postal_code: String,
    /// Sent only if it is ticked.
    #[serde(default)]
    is_default: Option<String>,
}

impl Address {
    fn input(&self) -> AddressInput {
        AddressInput {
            name: self.name.clone(),
            phone: self.phone.clone(),
            country: self.country.clone(),
            province: self.province.clone(),
            city: self.city.clone(),
            district: self.district.clone(),
            street: self.street.clone(),
            postal_code: self.postal_code.clone(),
            is_default: self.is_default.is_some(),
        }
    }
}

pub(crate) async fn page(Member { page, shopper }: Member) -> Result<Response> {
    let addresses = shopper::addresses(page.app().read(), shopper.customer_id).await?;
    let values = context! {
        here_in => "addresses",
        addresses => value(&addresses),
        regions => region::choices(&page, "CN", "", "").await?,
    };
    page.show("account/addresses.html", Head::private(page.say(Text::account_addresses)), values).await
}

pub(crate) async fn one(member: Member, Path(token): Path<String>) -> Result<Response> {
    let address = find(&member, &token).await?;
    show(&member, StatusCode::OK, Some(&token), value(&address), None).await
}

pub(crate) async fn add(member: Member, Form(asked): Form<Address>) -> Result<Response> {
    let done = async {
        let tx = member.page.app().begin(&member.shopper.actor).await?;
        shopper::add_address(&tx, member.shopper.customer_id, &asked.input()).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    };
    answer(&member, None, &asked, done.await).await
}

pub(crate) async fn change(member: Member, Path(token): Path<String>, Form(asked): Form<Address>) -> Result<Response> {
    let done = async {
        let tx = member.page.app().begin(&member.shopper.actor).await?;
        shopper::change_address(&tx, member.shopper.customer_id, &token, &asked.input()).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    };
    answer(&member, Some(&token), &asked, done.await).await
}

pub(crate) async fn remove(Member { page, shopper }: Member, Path(token): Path<String>) -> Result<Response> {
    let tx = page.app().begin(&shopper.actor).await?;
    shopper::remove_address(&tx, shopper.customer_id, &token).await?;
    tx.commit().await?;
    Ok(page.go_saying("/account/addresses", Text::notice_address_removed))
}

async fn find(Member { page, shopper }: &Member, token: &str) -> Result<OwnAddress> {
    let mine = shopper::addresses(page.app().read(), shopper.customer_id).await?;
    mine.into_iter().find(|address| address.token == token).ok_or_else(|| Problem::not_found("page_not_found"))
}

async fn answer(member: &Member, token: Option<&str>, asked: &Address, done: Result<(), Error>) -> Result<Response> {
    match done.map_err(Problem::from) {
        Ok(()) => Ok(member.page.go_saying("/account/addresses", Text::notice_saved)),
        Err(problem) if problem.status() == StatusCode::UNPROCESSABLE_ENTITY => {
            show(member, problem.status(), token, value(asked), Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

async fn show(
    Member { page, .. }: &Member,
    status: StatusCode,
    token: Option<&str>,
    address: Value,
    problem: Option<&Problem>,
) -> Result<Response> {
    let part =
        |name: &str| address.get_attr(name).ok().filter(|value| !value.is_undefined()).map(|value| value.to_string()).unwrap_or_default();
    let values = context! {
        here_in => "addresses",
        token,
        regions => region::choices(page, &part("country"), &part("province"), &part("city")).await?,
        address,
        problem => problem.map(|problem| page.word(problem)),
        errors => problem.map(|problem| errors(page, problem)),
    };
    page.answer(status, "account/address.html", Head::private(page.say(Text::address_edit)), values).await
}
