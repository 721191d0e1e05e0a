//! Oneself: name, telephone, language, consent.

use axum::response::Response;
use http::StatusCode;
use minijinja::context;
use serde::Deserialize;
use zg_customers::Error;
use zg_customers::shopper::{self, ChangeAccount};
use zg_web::{Patch, Problem, Result};

use super::Member;
use crate::form::{Form, errors};
use crate::page::Head;
use crate::template::value;
use crate::text::Text;

#[derive(Deserialize)]
pub(crate) struct Profile {
    name: String,
    #[serde(default)]
    phone: String,
    /// Sent only if it is ticked.
    marketing: Option<String>,
}

pub(crate) async fn page(member: Member) -> Result<Response> {
    show(&member, StatusCode::OK, None, None).await
}

pub(crate) async fn submit(member: Member, Form(asked): Form<Profile>) -> Result<Response> {
    match change(&member, &asked).await {
        Ok(()) => Ok(member.page.go_saying("/account", Text::notice_saved)),
        Err(error) => {
            let problem = Problem::from(error);
            if problem.status().is_server_error() {
                return Err(problem);
            }
            show(&member, problem.status(), Some(&asked), Some(&problem)).await
        }
    }
}

async fn change(Member { page, shopper }: &Member, asked: &Profile) -> Result<(), Error> {
    let phone = if asked.phone.trim().is_empty() { Patch::Clear } else { Patch::Set(asked.phone.clone()) };
    let change =
        ChangeAccount { name: Some(asked.name.clone()), phone, locale: Some(page.locale()), marketing: Some(asked.marketing.is_some()) };
    let tx = page.app().begin(&shopper.actor).await?;
    shopper::change(&tx, shopper.customer_id, &change).await?;
    tx.commit().await?;
    Ok(())
}

async fn show(
    Member { page, shopper }: &Member,
    status: StatusCode,
    asked: Option<&Profile>,
    problem: Option<&Problem>,
) -> Result<Response> {
    let account = shopper::me(page.app().read(), shopper.customer_id).await?;
    let values = context! {
        here_in => "profile",
        account => value(&account),
        name => asked.map_or(&account.name, |asked| &asked.name),
        phone => asked.map_or(account.phone.clone(), |asked| Some(asked.phone.clone())),
        marketing => asked.map_or(account.marketing, |asked| asked.marketing.is_some()),
        problem => problem.map(|problem| page.word(problem)),
        errors => problem.map(|problem| errors(page, problem)),
    };
    page.answer(status, "account/profile.html", Head::private(page.say(Text::account)), values).await
}
