//! Passwords: forgotten, chosen anew, changed.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use minijinja::context;
use serde::Deserialize;
use zg_customers::{Error, shopper};
use zg_web::{Problem, Result};

use super::Member;
use crate::form::{Form, errors};
use crate::page::{Head, Page};
use crate::text::Text;

#[derive(Default, Deserialize)]
pub(crate) struct Forgot {
    email: String,
}

#[derive(Default, Deserialize)]
pub(crate) struct Reset {
    #[serde(default)]
    token: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct Change {
    current: String,
    password: String,
}

pub(crate) async fn forgot_page(page: Page) -> Result<Response> {
    show(&page, Which::Forgot, StatusCode::OK, "", None).await
}

pub(crate) async fn forgot(page: Page, Form(asked): Form<Forgot>) -> Result<Response> {
    let done = async {
        let tx = page.app().begin(page.actor()).await?;
        shopper::forgot(&tx, &asked.email, page.locale()).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    };
    match done.await {
        Ok(()) => Ok(page.go_saying("/account/sign-in", Text::notice_mail_sent)),
        Err(error) => refused(&page, Which::Forgot, &asked.email, error).await,
    }
}

pub(crate) async fn reset_page(page: Page, Query(asked): Query<Reset>) -> Result<Response> {
    show(&page, Which::Reset, StatusCode::OK, &asked.token, None).await
}

pub(crate) async fn reset(page: Page, Form(asked): Form<Reset>) -> Result<Response> {
    let done = async {
        let password = shopper::hashed(asked.password).await?;
        let tx = page.app().begin(page.actor()).await?;
        shopper::reset(&tx, &asked.token, &password).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    };
    match done.await {
        Ok(()) => Ok(page.go_saying("/account/sign-in", Text::notice_password_set)),
        Err(error) => refused(&page, Which::Reset, &asked.token, error).await,
    }
}

pub(crate) async fn page(Member { page, .. }: Member) -> Result<Response> {
    show(&page, Which::Change, StatusCode::OK, "", None).await
}

pub(crate) async fn submit(Member { page, shopper }: Member, Form(asked): Form<Change>) -> Result<Response> {
    let done = async {
        let tx = shopper::change_password(page.app(), &shopper, asked.current, asked.password).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    };
    match done.await {
        Ok(()) => Ok(page.go_saying("/account", Text::notice_password_set)),
        Err(error) => refused(&page, Which::Change, "", error).await,
    }
}

/// Which of the three forms is shown.
#[derive(Clone, Copy)]
enum Which {
    Forgot,
    Reset,
    Change,
}

async fn refused(page: &Page, form: Which, kept: &str, error: Error) -> Result<Response> {
    let problem = Problem::from(error);
    if problem.status().is_server_error() {
        return Err(problem);
    }
    show(page, form, problem.status(), kept, Some(&problem)).await
}

async fn show(page: &Page, form: Which, status: StatusCode, kept: &str, problem: Option<&Problem>) -> Result<Response> {
    let (template, title) = match form {
        Which::Forgot => ("account/forgot.html", Text::forgot_title),
        Which::Reset => ("account/reset.html", Text::reset_title),
        Which::Change => ("account/password.html", Text::password_change),
    };
    let values = context! {
        kept,
        here_in => "password",
        problem => problem.map(|problem| page.word(problem)),
        errors => problem.map(|problem| errors(page, problem)),
    };
    page.answer(status, template, Head::private(page.say(title)), values).await
}
