//! Signing in and out.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use minijinja::context;
use serde::Deserialize;
use zg_customers::shopper;
use zg_web::{Problem, Result};

use super::{Member, farewell, next, welcome};
use crate::form::Form;
use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;

#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn page(page: Page, Query(wanted): Query<Wanted>) -> Result<Response> {
    if page.member().is_some() {
        return Ok(page.go(&next(&page, &wanted.next)));
    }
    show(&page, StatusCode::OK, "", &wanted.next, None).await
}

pub(crate) async fn submit(page: Page, Form(asked): Form<SignIn>) -> Result<Response> {
    let (tx, outcome) = shopper::sign_in(page.app(), page.actor(), &asked.email, asked.password, page.user_agent()).await?;
    // The try counts, whether or not it was right.
    tx.commit().await?;
    match outcome {
        Ok(signed_in) => Ok(welcome(&page, page.go(&next(&page, &asked.next)), &signed_in)),
        Err(refused) => {
            let problem = Problem::from(refused);
            show(&page, problem.status(), &asked.email, &asked.next, Some(&problem)).await
        }
    }
}

pub(crate) async fn sign_out(Member { page, shopper }: Member) -> Result<Response> {
    let tx = page.app().begin(&shopper.actor).await?;
    shopper::sign_out(&tx, &shopper).await?;
    tx.commit().await?;
    Ok(farewell(&page, page.go_saying("/", Text::notice_signed_out)))
}

async fn show(page: &Page, status: StatusCode, email: &str, next: &str, problem: Option<&Problem>) -> Result<Response> {
    let values = context! { email, next, problem => problem.map(|problem| page.word(problem)), errors => value(()) };
    page.answer(status, "account/sign_in.html", Head::private(page.say(Text::sign_in)), values).await
}
