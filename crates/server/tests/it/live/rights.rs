//! Who may listen, and for how long.

use serde_json::json;
use tokio_tungstenite::tungstenite::Error;
use zg_base::{Actor, Event};

use super::nodes::happen;
use crate::support::TestApp;
use crate::support::platform::Live;

/// An event for those who may see people.
#[derive(serde::Serialize)]
struct Secret;

impl Event for Secret {
    const TOPIC: &'static str = "audit.read";
    const KIND: &'static str = "audit.secret";

    fn entity_id(&self) -> Option<i64> {
        None
    }
}

fn status(result: Result<Live, Error>) -> u16 {
    match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => 101,
    }
}

#[tokio::test]
async fn p2_only_staff_of_this_site_may_listen() {
    let app = TestApp::new().await;
    let staff = app.staff(&["stock.read"]).await;
    let server = app.listen();
    let cookie = staff.cookie();
    let origin = format!("http://{}", server.address);
    assert_eq!(status(Live::connect(server.address, &[], None).await), 401);
    assert_eq!(status(Live::connect(server.address, &[("cookie", "zg_staff=guess")], None).await), 401);
    assert_eq!(status(Live::connect(server.address, &[("cookie", cookie), ("origin", "https://evil.example")], None).await), 403);
    assert_eq!(status(Live::connect(server.address, &[("cookie", cookie), ("sec-fetch-site", "cross-site")], None).await), 403);
    assert_eq!(status(Live::connect(server.address, &[("cookie", cookie), ("origin", &origin)], None).await), 101);
    let plain = staff.raw("GET", "/ws").send().await;
    assert_eq!((plain.problem(), plain.header("upgrade")), ((426, "websocket_expected"), "websocket"));
    server.stop().await;
}

#[tokio::test]
async fn p2_each_hears_only_what_their_rights_reach() {
    let app = TestApp::new().await;
    let (some, all) = (app.staff(&["stock.read"]).await, app.owner().await);
    let server = app.listen();
    let (mut few, mut every) = (server.live(some.cookie(), None).await, server.live(all.cookie(), None).await);
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    tx.publish(&Secret).await.unwrap();
    tx.commit().await.unwrap();
    happen(&app.app, 1..=1).await;
    assert_eq!(few.event().await["kind"], "stock.changed");
    assert_eq!(every.event().await["kind"], "audit.secret");
    assert_eq!(every.event().await["kind"], "stock.changed");
    server.stop().await;
}

#[tokio::test]
async fn p2_a_right_taken_away_and_a_sign_out_work_at_once() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let staff = app.staff(&["stock.read", "audit.read"]).await;
    let server = app.listen();
    let mut live = server.live(staff.cookie(), None).await;
    assert_eq!(live.next().await.unwrap()["topics"], json!(null), "hello");
    let roles = owner.get("/admin/roles").await;
    let role = roles["data"].as_array().unwrap().iter().find(|role| role["rights"] == json!(["audit.read", "stock.read"])).unwrap().clone();
    let changed = json!({ "name": role["name"], "rights": ["audit.read"] });
    let path = format!("/admin/roles/{}", role["id"]);
    owner.request("PUT", &path).if_match(role["version"].as_i64().unwrap()).body(changed).send().await.expect(200);
    assert_eq!(live.next().await.unwrap(), json!({ "type": "topics", "topics": ["audit.read"] }));
    happen(&app.app, 1..=1).await;
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    tx.publish(&Secret).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(live.event().await["kind"], "audit.secret");

    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    zg_base::session::revoke_all(&tx, zg_base::session::Owner::Staff(staff.id), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(live.next().await, Err(4003));
    server.stop().await;
}
