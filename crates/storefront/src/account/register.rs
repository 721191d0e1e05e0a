//! Registering: asked for here, finished by the link in the mail.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use minijinja::context;
use serde::Deserialize;
use zg_customers::Error;
use zg_customers::shopper::{self, Registration};
use zg_web::{Problem, Result};

use super::welcome;
use crate::form::{Form, errors};
use crate::page::{Head, Page};
use crate::text::Text;

#[derive(Default, Deserialize)]
pub(crate) struct Register {
    name: String,
    email: String,
    password: String,
    /// Sent only if it is ticked.
    marketing: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

pub(crate) async fn page(page: Page) -> Result<Response> {
    show(&page, StatusCode::OK, &Register::default(), None).await
}

pub(crate) async fn submit(page: Page, Form(asked): Form<Register>) -> Result<Response> {
    match register(&page, &asked).await {
        Ok(()) => Ok(page.go_saying("/account/sign-in", Text::notice_mail_sent)),
        Err(problem) => {
            if problem.status().is_server_error() {
                return Err(problem);
            }
            show(&page, problem.status(), &asked, Some(&problem)).await
        }
    }
}

async fn register(page: &Page, asked: &Register) -> Result<()> {
    let mut wrong = Problem::unprocessable("invalid");
    for (pointer, text) in [("/name", &asked.name), ("/email", &asked.email)] {
        if text.trim().is_empty() {
            wrong = wrong.field(pointer, "required");
        }
    }
    let password = shopper::hashed(asked.password.clone()).await;
    if let Err(Error::Field { pointer, code }) = &password {
        wrong = wrong.field(*pointer, *code);
    }
    wrong.or_ok()?;
    let wanted = Registration {
        name: asked.name.clone(),
        email: asked.email.clone(),
        password: password?,
        locale: page.locale(),
        marketing: asked.marketing.is_some(),
    };
    let tx = page.app().begin(page.actor()).await?;
    shopper::register(&tx, &wanted).await?;
    tx.commit().await?;
    Ok(())
}

/// Opening a link changes nothing; the button on this page does.
pub(crate) async fn confirm_page(page: Page, Query(link): Query<Link>) -> Result<Response> {
    let head = Head::private(page.say(Text::confirm_title));
    page.show("account/confirm.html", head, context! { token => link.token }).await
}

pub(crate) async fn confirm(page: Page, Form(link): Form<Link>) -> Result<Response> {
    let tx = page.app().begin(page.actor()).await?;
    let customer_id = shopper::confirm(&tx, &link.token).await?;
    let signed_in = shopper::open(&tx, customer_id, page.user_agent()).await?;
    tx.commit().await?;
    Ok(welcome(&page, page.go_saying("/account", Text::notice_welcome), &signed_in))
}

async fn show(page: &Page, status: StatusCode, asked: &Register, problem: Option<&Problem>) -> Result<Response> {
    let values = context! {
        name => asked.name.as_str(),
        email => asked.email.as_str(),
        marketing => asked.marketing.is_some(),
        problem => problem.map(|problem| page.word(problem)),
        errors => problem.map(|problem| errors(page, problem)),
    };
    page.answer(status, "account/register.html", Head::private(page.say(Text::register)), values).await
}
