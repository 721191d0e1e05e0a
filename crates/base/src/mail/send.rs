//! One try at one mail.

use chrono::Duration;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use zg_db::entity::mail as row;

use super::mailer::Refusal;
use super::{State, TRIES, WAIT, hold};
use crate::{Actor, App, Error, Tx};

/// A try takes no longer; a mail that is being sent for longer has lost its worker.
const LASTS: Duration = Duration::minutes(15);

/// Tries to send one mail.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct SendMail {
    /// Row of `mail`.
    pub mail_id: i64,
    /// How often it had been tried when this was queued; a mail that stands otherwise is left alone.
    #[serde(default)]
    pub tried: i32,
}

impl celery::Task<App> for SendMail {
    const NAME: &'static str = "mail.send";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, args: Self) -> Result<(), celery::TaskError> {
        let app = &context.state;
        let Some(mail) = claim(app, &args).await? else {
            return Ok(());
        };
        let (id, tried, secret) = (mail.id, mail.attempts, mail.secret);
        let sent = app.mailer().send(&app.shop().mail_from, mail).await;
        let tx = app.begin(&Actor::system("mail")).await?;
        match sent {
            Ok(()) => leave(&tx, id, tried, secret).await?,
            Err(refusal) => refuse(&tx, id, tried, refusal).await?,
        }
        Ok(tx.commit().await?)
    }
}

/// Takes the mail for this try; none if it is not the mail's turn.
async fn claim(app: &App, args: &SendMail) -> Result<Option<row::Model>, Error> {
    if hold::paused(app.read()).await? {
        return Ok(None);
    }
    let tx = app.begin(&Actor::system("mail")).await?;
    let next = args.tried.saturating_add(1);
    let waits = Condition::all().add(row::Column::State.eq(State::Queued.as_str())).add(row::Column::Attempts.eq(args.tried));
    // The same try, of a worker that was lost with it.
    let lost = Condition::all().add(row::Column::State.eq(State::Sending.as_str())).add(row::Column::Attempts.eq(next));
    let taken = row::Entity::update_many()
        .set(row::ActiveModel {
            state: Set(State::Sending.as_str().to_owned()),
            attempts: Set(next),
            next_at: Set(Some(tx.now() + LASTS)),
            ..Default::default()
        })
        .filter(row::Column::Id.eq(args.mail_id))
        .filter(row::Column::ToAddress.ne(""))
        .filter(Condition::any().add(waits).add(lost))
        .exec(tx.db())
        .await?;
    if taken.rows_affected == 0 {
        tx.rollback().await?;
        return Ok(None);
    }
    let mail = row::Entity::find_by_id(args.mail_id).one(tx.db()).await?;
    tx.commit().await?;
    Ok(mail)
}

async fn leave(tx: &Tx, id: i64, tried: i32, secret: bool) -> Result<(), Error> {
    let mut left = row::ActiveModel {
        state: Set(State::Sent.as_str().to_owned()),
        sent_at: Set(Some(tx.now())),
        next_at: Set(None),
        last_error: Set(None),
        ..Default::default()
    };
    if secret {
        left.text = Set(String::new());
        left.html = Set(String::new());
    }
    settle(tx, id, tried, left).await?;
    Ok(())
}

async fn refuse(tx: &Tx, id: i64, tried: i32, refusal: Refusal) -> Result<(), Error> {
    let Refusal { for_good, reason } = refusal;
    tracing::warn!(mail = id, tried, for_good, reason, "a mail did not leave");
    let wait = WAIT.wait(u32::try_from(tried.saturating_sub(1)).unwrap_or_default());
    let (state, next_at) = if for_good {
        (State::Bounced, None)
    } else if tried >= TRIES {
        (State::Failed, None)
    } else {
        (State::Queued, Some(tx.now() + Duration::from_std(wait).unwrap_or_default()))
    };
    let refused = row::ActiveModel {
        state: Set(state.as_str().to_owned()),
        next_at: Set(next_at),
        last_error: Set(Some(reason)),
        ..Default::default()
    };
    if settle(tx, id, tried, refused).await? {
        match next_at {
            Some(at) => tx.enqueue_at::<SendMail>(&SendMail { mail_id: id, tried }, Some(at)).await?,
            None => hold::tell(tx, &[(id, state)]).await?,
        }
    }
    Ok(())
}

/// Writes how this try ended, unless the mail was taken out of its hands meanwhile.
async fn settle(tx: &Tx, id: i64, tried: i32, ended: row::ActiveModel) -> Result<bool, Error> {
    let done = row::Entity::update_many()
        .set(ended)
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::State.eq(State::Sending.as_str()))
        .filter(row::Column::Attempts.eq(tried))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}
