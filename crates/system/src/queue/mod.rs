//! The work behind the scenes, to be looked at and taken in hand (P8): workers, queues, calls of
//! tasks, the schedule.
//!
//! What the queue keeps is read from its tables, and changed in the transaction that notes who did
//! it. Workers are asked over the queue's bus; what one is told takes effect there and then, and is
//! noted once it has answered.

mod call;
mod calls;
mod overview;
mod schedule;
mod workers;

use std::time::Duration;

use celery::Control;
use utoipa_axum::routes;
use zg_base::App;
use zg_web::Routes;

use crate::Error;

zg_base::rights! {
    /// See the work behind the scenes: workers, queues, tasks, the schedule.
    ReadQueue = "queue.read";
    /// Run tasks again, withdraw them, steer workers and the schedule.
    WriteQueue = "queue.write";
}

/// How long answers of workers are awaited: a command is heard within half a second.
const PATIENCE: Duration = Duration::from_millis(1_200);

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .allow::<ReadQueue>(routes!(overview::handler))
        .allow::<ReadQueue>(routes!(calls::handler))
        .allow::<ReadQueue>(routes!(call::one))
        .allow::<WriteQueue>(routes!(call::retry))
        .allow::<WriteQueue>(routes!(call::revoke))
        .allow::<ReadQueue>(routes!(workers::list))
        .allow::<WriteQueue>(routes!(workers::pool))
        .allow::<WriteQueue>(routes!(workers::rate_limit))
        .allow::<WriteQueue>(routes!(workers::shutdown))
        .allow::<ReadQueue>(routes!(schedule::list))
        .allow::<WriteQueue>(routes!(schedule::run))
        .allow::<WriteQueue>(routes!(schedule::pause))
        .allow::<WriteQueue>(routes!(schedule::resume))
}

/// Asks workers.
fn control(app: &App) -> Result<Control, Error> {
    let bus = app.queue().bus().cloned().ok_or(Error::NoBus)?;
    Ok(Control::new(bus).patience(PATIENCE))
}
