//! Tasks by the clock, with several beats at once.

use std::sync::Arc;
use std::time::Duration;

use celery::{Beat, CancellationToken, Crontab, Error, Schedule};
use chrono_tz::Tz;

use crate::lab::{Add, Lab, Note, on_both, text, until};

on_both! {
    two_beats_fire_each_tick_once
    two_running_beats_fire_once
    missed_ticks_fire_once
    a_changed_schedule_counts_from_now
    a_switched_off_entry_rests
    a_crontab_fires_on_its_minute
    what_cannot_be_planned_is_refused
}

fn beat(lab: &Lab) -> Beat {
    Beat::new(lab.client.clone(), Arc::new(lab.broker.clone()))
}

fn every(lab: &Lab, span: Duration) -> Beat {
    let mut beat = beat(lab);
    beat.add::<Note, _>("note", Schedule::Every(span), &text("tick")).unwrap();
    beat
}

const MINUTE: Duration = Duration::from_mins(1);

async fn waiting(lab: &Lab) -> usize {
    lab.client.waiting().await.unwrap().len()
}

async fn two_beats_fire_each_tick_once(lab: Lab) {
    let (one, two) = (every(&lab, MINUTE), every(&lab, MINUTE));
    assert_eq!(one.tick().await.unwrap(), [""; 0]);
    for tick in 1..=5 {
        lab.advance(MINUTE);
        let (a, b) = tokio::join!(one.tick(), two.tick());
        assert_eq!([a.unwrap(), b.unwrap()].concat(), ["note"]);
        assert_eq!(waiting(&lab).await, tick);
        assert_eq!([one.tick().await.unwrap(), two.tick().await.unwrap()].concat(), [""; 0]);
    }
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["tick"; 5]);
}

async fn two_running_beats_fire_once(lab: Lab) {
    let stop = CancellationToken::new();
    every(&lab, MINUTE).tick().await.unwrap();
    lab.advance(MINUTE * 10);
    let (one, two) = (every(&lab, MINUTE), every(&lab, MINUTE));
    let ended = async {
        until(|| async { waiting(&lab).await == 1 }).await;
        stop.cancel();
    };
    tokio::join!(one.run(stop.clone()), two.run(stop.clone()), ended);
    assert_eq!(waiting(&lab).await, 1);
}

async fn missed_ticks_fire_once(lab: Lab) {
    let beat = every(&lab, MINUTE);
    beat.tick().await.unwrap();
    lab.advance(MINUTE * 100 + Duration::from_secs(30));
    assert_eq!(beat.tick().await.unwrap(), ["note"]);
    assert_eq!(beat.tick().await.unwrap(), [""; 0]);
    // The rhythm stays that of the first tick.
    lab.advance(Duration::from_secs(29));
    assert_eq!(beat.tick().await.unwrap(), [""; 0]);
    lab.advance(Duration::from_secs(1));
    assert_eq!(beat.tick().await.unwrap(), ["note"]);
}

async fn a_changed_schedule_counts_from_now(lab: Lab) {
    every(&lab, Duration::from_hours(24)).tick().await.unwrap();
    let sooner = every(&lab, MINUTE);
    assert_eq!(sooner.tick().await.unwrap(), [""; 0]);
    lab.advance(MINUTE);
    assert_eq!(sooner.tick().await.unwrap(), ["note"]);
}

async fn a_switched_off_entry_rests(lab: Lab) {
    let beat = every(&lab, MINUTE);
    beat.tick().await.unwrap();
    lab.sql("UPDATE celery_beat SET enabled = FALSE").await;
    lab.advance(MINUTE);
    assert_eq!(beat.tick().await.unwrap(), [""; 0]);
    lab.sql("UPDATE celery_beat SET enabled = TRUE").await;
    assert_eq!(beat.tick().await.unwrap(), ["note"]);
}

async fn a_crontab_fires_on_its_minute(lab: Lab) {
    let mut beat = beat(&lab);
    let at_19 = Crontab::parse("0 19 * * *", Tz::Asia__Shanghai).unwrap();
    beat.add::<Add, _>("sums", Schedule::Crontab(at_19), &(1, 2)).unwrap();
    // The clock stands at 18:00 in Shanghai.
    beat.tick().await.unwrap();
    lab.advance(MINUTE * 59);
    assert_eq!(beat.tick().await.unwrap(), [""; 0]);
    lab.advance(MINUTE);
    assert_eq!(beat.tick().await.unwrap(), ["sums"]);
    lab.advance(Duration::from_hours(23));
    assert_eq!(beat.tick().await.unwrap(), [""; 0]);
    lab.advance(Duration::from_hours(1));
    assert_eq!(beat.tick().await.unwrap(), ["sums"]);
    assert_eq!(lab.client.take::<Add, _>().await.unwrap().len(), 2);
}

async fn what_cannot_be_planned_is_refused(lab: Lab) {
    let mut beat = every(&lab, MINUTE);
    let twice = beat.add::<Note, _>("note", Schedule::Every(MINUTE), &text("x")).unwrap_err();
    assert!(matches!(twice, Error::DuplicateEntry(name) if name == "note"));
    let empty = beat.add::<Note, _>("other", Schedule::Every(Duration::ZERO), &text("x")).unwrap_err();
    assert!(matches!(empty, Error::Invalid { .. }));
}
