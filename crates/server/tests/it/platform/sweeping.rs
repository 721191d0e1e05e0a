//! P17: what has had its time goes.

use chrono::Duration;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use zg_db::entity::{event, idempotency_key, session, sign_in_attempt};

use crate::support::TestApp;

#[tokio::test]
async fn p17_old_sessions_keys_attempts_and_events_are_swept_and_fresh_ones_stay() {
    let app = TestApp::new().await;
    let count = async || {
        let db = app.app.read();
        (
            session::Entity::find().count(db).await.unwrap(),
            idempotency_key::Entity::find().count(db).await.unwrap(),
            sign_in_attempt::Entity::find().count(db).await.unwrap(),
            event::Entity::find().count(db).await.unwrap(),
        )
    };
    let owner = app.owner().await;
    let role = json!({ "name": "Packer", "rights": [] });
    owner.request("POST", "/admin/roles").key("one").body(role).send().await.expect(201);
    let wrong = json!({ "email": "nobody@example.com", "password": "not the password" });
    assert_eq!(app.guest().post("/admin/session", wrong).await.status(), 401);
    crate::live::happen(&app.app, 1..=2).await;
    app.run_due().await;
    app.clock().advance(Duration::hours(20));
    app.beat().await;
    let (sessions, keys, attempts, events) = count().await;
    assert_eq!((sessions, keys, attempts), (1, 1, 1));
    assert!(events >= 2);
    app.clock().advance(Duration::days(3));
    app.beat().await;
    assert_eq!((count().await.0, count().await.1, count().await.2), (1, 0, 0));
    app.clock().advance(Duration::days(60));
    app.beat().await;
    let (sessions, _, _, events) = count().await;
    assert_eq!((sessions, events), (0, 1), "the last number stays");
}
