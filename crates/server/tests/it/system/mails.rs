//! M8.15, M8.16: mails that wait, that leave, that do not, and what is done about them. They go
//! to a mail server that speaks SMTP.

use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::{Value, json};
use zg_base::Actor;
use zg_base::mail::{Letter, SendMail, TRIES};
use zg_db::entity::mail;
use zg_domain::Locale;

use crate::support::smtp::{Says, SmtpServer};
use crate::support::{Client, Reply, TestApp};

const RIGHTS: [&str; 3] = ["mails.read", "mails.write", "audit.read"];

fn letter(to: &str) -> Letter {
    Letter {
        to: to.to_owned(),
        locale: Locale::ZhCn,
        template: "order_placed",
        subject: "订单 26112 已收到 🍵".to_owned(),
        paragraphs: vec!["谢谢 <b>您</b>。".to_owned()],
        rows: vec![("龙井 & 杯".to_owned(), "¥12.00".to_owned())],
        button: Some(("查看订单".to_owned(), "http://shop.test/orders/1".to_owned())),
        customer_id: None,
        order_id: None,
        secret: false,
    }
}

async fn send(app: &TestApp, letter: &Letter) -> i64 {
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    let id = tx.mail(letter).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn row(app: &TestApp, id: i64) -> mail::Model {
    mail::Entity::find_by_id(id).one(app.app.read()).await.unwrap().expect("the mail")
}

async fn state(app: &TestApp, id: i64) -> String {
    row(app, id).await.state
}

async fn list(staff: &Client, query: &str) -> Vec<i64> {
    let reply = staff.get(&format!("/admin/mails{query}")).await.expect(200);
    reply["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

async fn act(staff: &Client, what: &str, which: Value) -> Reply {
    staff.post(&format!("/admin/mails/{what}"), which).await
}

async fn shop() -> (TestApp, SmtpServer, Client) {
    let server = SmtpServer::start().await;
    let app = TestApp::mailing(&server.url()).await;
    let staff = app.staff(&RIGHTS).await;
    (app, server, staff)
}

#[tokio::test]
async fn m8_15_a_mail_leaves_through_smtp_with_a_plain_and_an_html_part() {
    let (app, server, staff) = shop().await;
    let id = send(&app, &letter("li@example.com")).await;
    assert_eq!(state(&app, id).await, "queued");
    app.run_due().await;
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 1);
    assert_eq!((arrived[0].from.as_str(), arrived[0].to.as_str()), ("shop@shop.test", "li@example.com"));
    let data = &arrived[0].data;
    for part in ["multipart/alternative", "text/plain; charset=utf-8", "text/html; charset=utf-8"] {
        assert!(data.contains(part), "{part} is missing in {data}");
    }
    let seen = staff.get(&format!("/admin/mails/{id}")).await.expect(200);
    assert_eq!((seen["state"].as_str(), seen["attempts"].as_i64(), seen["tries"].as_i64()), (Some("sent"), Some(1), Some(9)));
    assert!(seen["sent_at"].is_string());
    assert!(seen["text"].as_str().unwrap().contains("龙井 & 杯"));
    assert!(seen["html"].as_str().unwrap().contains("谢谢 &lt;b&gt;您&lt;/b&gt;。"));
}

#[tokio::test]
async fn m8_15_a_mail_refused_for_now_is_tried_again_and_at_last_given_up() {
    let (app, server, staff) = shop().await;
    server.say(|_| Says::Later);
    let id = send(&app, &letter("slow@example.com")).await;
    app.run_due().await;
    let first = staff.get(&format!("/admin/mails/{id}")).await.expect(200);
    assert_eq!((first["state"].as_str(), first["attempts"].as_i64()), (Some("queued"), Some(1)));
    assert!(first["last_error"].as_str().unwrap().contains("greylisted"));
    let next = row(&app, id).await.next_at.unwrap() - app.clock().now();
    assert!(Duration::zero() < next && next <= Duration::seconds(15), "{next}");
    // Nothing happens before its time.
    app.run_due().await;
    assert_eq!(server.asked(), 1);

    app.new_events().await;
    for _ in 1..TRIES {
        app.clock().advance(Duration::hours(1));
        app.run_due().await;
    }
    assert_eq!(server.asked(), u32::try_from(TRIES - 1).unwrap());
    let last = row(&app, id).await;
    assert_eq!((last.state.as_str(), last.attempts, last.next_at), ("failed", TRIES, None));
    assert_eq!(app.new_events().await, ["mail.moved"]);
    app.clock().advance(Duration::days(1));
    app.beat().await;
    assert_eq!(server.asked(), 0, "it is given up");

    server.say(|_| Says::Welcome);
    let staff = app.staff(&RIGHTS).await;
    assert_eq!(act(&staff, "requeue", json!({ "ids": [id] })).await.expect(200)["done"], 1);
    app.run_due().await;
    let sent = row(&app, id).await;
    assert_eq!((sent.state.as_str(), sent.attempts, sent.last_error), ("sent", 1, None));
    assert_eq!(server.arrived().len(), 1);
}

#[tokio::test]
async fn m8_15_a_mailbox_that_is_not_there_bounces_at_the_first_try() {
    let (app, server, _) = shop().await;
    server.say(|_| Says::NoMailbox);
    let id = send(&app, &letter("gone@example.com")).await;
    app.run_due().await;
    app.clock().advance(Duration::days(1));
    app.beat().await;
    assert_eq!(server.asked(), 1);
    let staff = app.staff(&RIGHTS).await;
    let seen = staff.get(&format!("/admin/mails/{id}")).await.expect(200);
    assert_eq!((seen["state"].as_str(), seen["next_at"].clone()), (Some("bounced"), Value::Null));
    assert!(seen["last_error"].as_str().unwrap().contains("no such mailbox"));
    assert_eq!(list(&staff, "?state=failed,bounced").await, [id]);
}

#[tokio::test]
async fn m8_15_a_server_that_is_wrong_or_away_costs_a_try_and_no_mail() {
    let (app, server, _) = shop().await;
    server.say(|to| if to.starts_with("cut") { Says::Nothing } else { Says::WrongPassword });
    let (cut, password) = (send(&app, &letter("cut@example.com")).await, send(&app, &letter("b@example.com")).await);
    app.run_due().await;
    for id in [cut, password] {
        let mail = row(&app, id).await;
        assert_eq!((mail.state.as_str(), mail.attempts), ("queued", 1), "{:?}", mail.last_error);
    }
    server.say(|_| Says::Welcome);
    app.clock().advance(Duration::minutes(1));
    app.run_due().await;
    assert_eq!(server.arrived().len(), 2);
}

#[tokio::test]
async fn m8_16_a_poison_mail_holds_up_no_other() {
    let (app, server, staff) = shop().await;
    let bad = send(&app, &letter("no address at all")).await;
    server.say(|to| if to.starts_with('x') { Says::Nothing } else { Says::Welcome });
    let cut = send(&app, &letter("x@example.com")).await;
    for n in 0..10 {
        send(&app, &letter(&format!("n{n}@example.com"))).await;
    }
    app.run_due().await;
    assert_eq!(server.arrived().len(), 10);
    assert_eq!((state(&app, bad).await, state(&app, cut).await), ("bounced".to_owned(), "queued".to_owned()));
    assert_eq!(list(&staff, "?state=sent").await.len(), 10);
}

#[tokio::test]
async fn m8_15_a_mail_that_is_held_back_waits_until_it_is_sent_again() {
    let (app, server, staff) = shop().await;
    let (held, other) = (send(&app, &letter("a@example.com")).await, send(&app, &letter("b@example.com")).await);
    assert_eq!(act(&staff, "pause", json!({ "ids": [held] })).await.expect(200)["done"], 1);
    app.run_due().await;
    app.clock().advance(Duration::days(1));
    app.beat().await;
    assert_eq!((state(&app, held).await, state(&app, other).await), ("paused".to_owned(), "sent".to_owned()));
    let staff = app.staff(&RIGHTS).await;
    // What left stays as it is.
    assert_eq!(act(&staff, "pause", json!({ "ids": [other] })).await.expect(200)["done"], 0);
    assert_eq!(act(&staff, "requeue", json!({ "ids": [other] })).await.expect(200)["done"], 0);
    assert_eq!(act(&staff, "requeue", json!({ "ids": [held] })).await.expect(200)["done"], 1);
    app.run_due().await;
    assert_eq!(server.arrived().len(), 2);
    assert_eq!(app.log("entity=mail").await, ["mail.requeue", "mail.pause"]);
}

#[tokio::test]
async fn m8_15_all_mails_are_held_and_let_go_and_each_leaves_once() {
    let (app, server, staff) = shop().await;
    let queue = staff.get("/admin/mail-queue").await.expect(200);
    assert_eq!((queue["paused"].as_bool(), queue.etag()), (Some(false), 1));
    let held = staff.request("PUT", "/admin/mail-queue").if_match(1).body(json!({ "paused": true })).send().await.expect(200);
    assert_eq!(held["paused"], true);
    for n in 0..3 {
        send(&app, &letter(&format!("n{n}@example.com"))).await;
    }
    app.run_due().await;
    app.clock().advance(Duration::hours(1));
    app.beat().await;
    assert_eq!((server.asked(), staff.get("/admin/mail-queue").await.expect(200)["queued"].as_i64()), (0, Some(3)));
    let stale = staff.request("PUT", "/admin/mail-queue").if_match(1).body(json!({ "paused": false })).send().await;
    assert_eq!(stale.problem(), (412, "changed"));
    staff.request("PUT", "/admin/mail-queue").if_match(held.etag()).body(json!({ "paused": false })).send().await.expect(200);
    app.run_due().await;
    app.beat().await;
    assert_eq!((server.arrived().len(), server.asked()), (3, 3));
}

#[tokio::test]
async fn m8_15_a_task_that_comes_twice_or_late_sends_nothing() {
    let (app, server, staff) = shop().await;
    server.say(|_| Says::Later);
    let id = send(&app, &letter("a@example.com")).await;
    app.run_due().await;
    // The mail waits for its second try; then somebody sends it at once.
    server.say(|_| Says::Welcome);
    act(&staff, "requeue", json!({ "ids": [id] })).await.expect(200);
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    for tried in [0, 0, 1, 7] {
        tx.enqueue::<SendMail>(&SendMail { mail_id: id, tried }).await.unwrap();
    }
    tx.commit().await.unwrap();
    app.run_due().await;
    app.clock().advance(Duration::hours(1));
    app.beat().await;
    assert_eq!(server.arrived().len(), 1);
}

#[tokio::test]
async fn m8_15_a_mail_that_lost_its_task_or_its_workers_comes_to_an_end() {
    let (app, server, _) = shop().await;
    let (lost, taken) = (send(&app, &letter("a@example.com")).await, send(&app, &letter("b@example.com")).await);
    assert_eq!(app.tasks::<SendMail>().await.len(), 2);
    let sending = mail::ActiveModel {
        state: Set("sending".to_owned()),
        attempts: Set(1),
        next_at: Set(Some(app.clock().now() + Duration::minutes(15))),
        ..Default::default()
    };
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    mail::Entity::update_many().set(sending).filter(mail::Column::Id.eq(taken)).exec(tx.db()).await.unwrap();
    tx.commit().await.unwrap();
    app.beat().await;
    assert_eq!((state(&app, lost).await, state(&app, taken).await), ("queued".to_owned(), "sending".to_owned()));
    app.clock().advance(Duration::minutes(16));
    app.beat().await;
    assert_eq!(state(&app, lost).await, "queued", "its task may still come");
    app.clock().advance(Duration::hours(1));
    app.beat().await;
    assert_eq!(state(&app, lost).await, "sent");
    let taken = row(&app, taken).await;
    assert_eq!((taken.state.as_str(), taken.last_error.as_deref()), ("failed", Some("worker_lost")));
    assert_eq!(server.arrived().len(), 1);
}

#[tokio::test]
async fn m8_15_a_mail_that_opens_an_account_is_read_by_nobody_else() {
    let (app, server, staff) = shop().await;
    let id = send(&app, &Letter { secret: true, template: "account_reset", ..letter("li@example.com") }).await;
    let shown = staff.get(&format!("/admin/mails/{id}")).await.expect(200);
    assert_eq!((&shown["secret"], &shown["text"], &shown["html"]), (&json!(true), &Value::Null, &Value::Null));
    app.run_due().await;
    assert_eq!(server.arrived().len(), 1);
    let left = row(&app, id).await;
    assert_eq!((left.state.as_str(), left.text.as_str(), left.html.as_str()), ("sent", "", ""));
}

#[tokio::test]
async fn m8_15_mails_are_found_by_state_kind_address_subject_day_and_page() {
    let (app, server, _) = shop().await;
    server.say(|to| if to.starts_with("gone") { Says::NoMailbox } else { Says::Welcome });
    let old = send(&app, &letter("gone@example.com")).await;
    app.run_due().await;
    app.clock().advance(Duration::days(2));
    let staff = app.staff(&RIGHTS).await;
    let new = send(&app, &Letter { template: "shipped", subject: "Under_way 100%".to_owned(), ..letter("li@example.com") }).await;
    app.run_due().await;
    let today = (app.clock().now() + Duration::hours(8)).date_naive();
    for (query, expected) in [
        (String::new(), vec![new, old]),
        ("?state=bounced".to_owned(), vec![old]),
        ("?state=sent".to_owned(), vec![new]),
        ("?template=shipped".to_owned(), vec![new]),
        ("?q=gone@".to_owned(), vec![old]),
        ("?q=26112".to_owned(), vec![old]),
        ("?q=Under_way%20100%25".to_owned(), vec![new]),
        ("?q=_".to_owned(), vec![new]),
        (format!("?from={today}"), vec![new]),
        (format!("?to={}", today.pred_opt().unwrap()), vec![old]),
        ("?order_id=1".to_owned(), vec![]),
    ] {
        assert_eq!(list(&staff, &query).await, expected, "{query}");
    }
    let first = staff.get("/admin/mails?limit=1").await.expect(200);
    assert_eq!(first["meta"]["total"], 2);
    assert_eq!(list(&staff, &format!("?limit=1&cursor={}", first["meta"]["next_cursor"].as_str().unwrap())).await, [old]);
    assert_eq!(staff.get("/admin/mails?state=lost").await.problem(), (400, "mail_state_unknown"));
    assert_eq!(staff.get(&format!("/admin/mails/{}", app.unknown())).await.problem(), (404, "mail_not_found"));
}

#[tokio::test]
async fn m8_16_mails_that_did_not_leave_are_deleted_by_selection_and_by_filter_and_the_log_stays() {
    let (app, server, staff) = shop().await;
    server.say(|to| if to.starts_with("gone") { Says::NoMailbox } else { Says::Welcome });
    let mut gone = Vec::new();
    for n in 0..4 {
        gone.push(send(&app, &letter(&format!("gone{n}@example.com"))).await);
    }
    let sent = send(&app, &letter("li@example.com")).await;
    app.run_due().await;

    let before = app.dump().await;
    for which in [json!({}), json!({ "ids": [] }), json!({ "ids": [1], "filter": {} }), json!({ "ids": (0..1_001).collect::<Vec<_>>() })] {
        let refused = act(&staff, "delete", which).await;
        assert_eq!((refused.problem(), refused.fields()), ((422, "invalid"), vec![("/ids", "mails_which")]));
    }
    assert_eq!(app.dump().await, before);

    assert_eq!(act(&staff, "delete", json!({ "ids": [gone[0], sent, app.unknown()] })).await.expect(200)["done"], 1);
    assert_eq!(act(&staff, "delete", json!({ "filter": { "state": "bounced", "q": "gone1" } })).await.expect(200)["done"], 1);
    assert_eq!(list(&staff, "").await, [sent, gone[3], gone[2]]);
    let all = act(&staff, "delete", json!({ "filter": {} })).await.expect(200);
    assert_eq!((&all["done"], &all["more"]), (&json!(2), &json!(false)));
    assert_eq!(list(&staff, "").await, [sent]);

    let log = staff.get("/admin/audit?action=mail.delete").await.expect(200);
    let kept = &log["data"][2]["before"]["mails"][0];
    assert_eq!(
        (kept["id"].as_i64(), kept["to"].as_str(), kept["template"].as_str()),
        (Some(gone[0]), Some("g…@example.com"), Some("order_placed"))
    );
    assert!(kept["error"].as_str().unwrap().contains("no such mailbox"));
}
