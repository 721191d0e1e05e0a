//! How queues are declared, and what lies in them.

use std::time::Duration;

use celery::{Client, Clock, Options, RabbitBroker, State};
use lapin::options::{BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, ExchangeKind};
use serde_json::json;

use crate::lab::{Lab, rabbit, start};

fn arguments(pairs: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert((*name).into(), value.clone());
    }
    table
}

/// Declares as kombu does; whether RabbitMQ finds it the same as what is there.
async fn same(lab: &Lab, queue: &str, arguments: FieldTable) -> bool {
    let channel = lab.channel().await;
    let name = lab.queue(queue);
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(name.as_str().into(), ExchangeKind::Direct, durable, FieldTable::default()).await.unwrap();
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(name.as_str().into(), durable, arguments).await.is_ok()
}

async fn send(lab: &Lab, broker: RabbitBroker, args: serde_json::Value, options: Options) {
    let client = Client::new(std::sync::Arc::new(broker), Clock::system());
    client.send(&[lab.message("conf.note", vec![args], options)]).await.unwrap();
}

#[tokio::test]
async fn p8_queues_are_declared_as_celery_declares_them() {
    let lab = Lab::new().await;
    lab.send("conf.note", vec![json!(1)]).await;
    assert!(same(&lab, "rs", FieldTable::default()).await);
    assert!(!same(&lab, "rs", arguments(&[("x-max-priority", AMQPValue::LongInt(9))])).await);
    // The exchange leads to it.
    let channel = lab.channel().await;
    let name = lab.queue("rs");
    channel
        .basic_publish(name.as_str().into(), name.as_str().into(), BasicPublishOptions::default(), b"", BasicProperties::default())
        .await
        .unwrap();
    lab.until_ready("rs", 2).await;

    let (properties, body) = lab.get("rs").await;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap()[0], json!([1]));
    assert_eq!((properties.delivery_mode(), properties.priority()), (&Some(2), &Some(0)));
    let text = |property: &Option<lapin::types::ShortString>| property.as_ref().map(ToString::to_string).unwrap();
    assert_eq!((text(properties.content_type()), text(properties.content_encoding())), ("application/json".into(), "utf-8".into()));
    let headers = properties.headers().clone().unwrap();
    let id = text(properties.correlation_id());
    assert_eq!(headers.inner()["id"], AMQPValue::LongString(id.as_str().into()));
    assert_eq!(headers.inner()["ignore_result"], AMQPValue::Boolean(false));
    assert_eq!((&headers.inner()["eta"], &headers.inner()["retries"]), (&AMQPValue::Void, &AMQPValue::LongInt(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_priorities_are_rabbitmqs_nine_first() {
    let lab = Lab::new().await;
    let broker = || RabbitBroker::new(&rabbit()).unwrap().max_priority(9).unwrap();
    for priority in [0, 3, 9, 6, 9] {
        send(&lab, broker(), json!(priority), Options::new().priority(priority)).await;
    }
    assert!(same(&lab, "rs", arguments(&[("x-max-priority", AMQPValue::ShortShortUInt(9))])).await);
    let worker = start(lab.worker_of(broker()).concurrency(1));
    lab.log.until(5).await;
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["9", "9", "6", "3", "0"]);
    assert!(RabbitBroker::new(&rabbit()).unwrap().max_priority(0).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_queue_that_is_there_is_used_as_it_is() {
    let lab = Lab::new().await;
    assert!(same(&lab, "rs", arguments(&[("x-max-priority", AMQPValue::LongInt(5)), ("x-max-length", AMQPValue::LongInt(100))])).await);
    let worker = start(lab.worker());
    lab.send("conf.note", vec![json!(1)]).await;
    lab.log.until(1).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_quorum_queues_count_lost_workers_themselves() {
    let lab = Lab::new().await;
    let broker = |url: &str| RabbitBroker::new(url).unwrap().quorum();
    send(&lab, broker(&rabbit()), json!("fine"), Options::new()).await;
    assert!(same(&lab, "rs", arguments(&[("x-queue-type", AMQPValue::LongString("quorum".into()))])).await);
    let worker = start(lab.worker_of(broker(&lab.wire.url())).concurrency(1).prefetch(1));
    lab.log.until(1).await;
    // ETAs take no place here either, where the prefetch of a channel cannot be raised.
    for n in 0..10 {
        send(&lab, broker(&rabbit()), json!(n), Options::new().countdown(Duration::from_millis(1_500))).await;
    }
    send(&lab, broker(&rabbit()), json!("now"), Options::new()).await;
    lab.log.until(2).await;
    assert_eq!(lab.log.lines()[1], "\"now\"");
    lab.log.until(12).await;
    worker.stop().await;
    lab.until_ready("rs", 0).await;

    lab.client.send(&[lab.message("conf.wait", vec![json!("deadly")], Options::new())]).await.unwrap();
    for round in 13..=15 {
        let worker = start(lab.worker_of(broker(&lab.wire.url())).max_deliveries(3));
        lab.log.until(round).await;
        worker.kill();
        lab.until_ready("rs", 1).await;
    }
    let last = start(lab.worker_of(broker(&lab.wire.url())).max_deliveries(3));
    lab.until_ready("rs.poison", 1).await;
    last.stop().await;
    assert_eq!(lab.log.lines().len(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_broken_messages_are_set_aside_and_the_worker_goes_on() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    lab.send("conf.note", vec![json!("before")]).await;
    lab.log.until(1).await;
    let headers = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, AMQPValue::LongString((*value).into()))).collect();
        BasicProperties::default().with_headers(arguments(&pairs)).with_content_type("application/json".into())
    };
    let task = [("task", "conf.note"), ("id", "i")];
    let broken = [
        (BasicProperties::default(), &b""[..]),
        (BasicProperties::default(), b"\xff\xfe"),
        (headers(&[("task", "conf.note")]), b"[[1], {}, {}]"),
        (headers(&task), b"no json"),
        (headers(&task), b"{}"),
        (headers(&task).with_content_type("application/x-python-serialize".into()), b"\x80\x04"),
        (headers(&[("task", "conf.note"), ("id", "i"), ("eta", "soon")]), b"[[1], {}, {}]"),
        (headers(&[("task", "conf.note"), ("id", "i"), ("retries", "many")]), b"[[1], {}, {}]"),
        (headers(&[("task", "conf.unknown"), ("id", "i")]), b"[[1], {}, {}]"),
    ];
    for (properties, body) in &broken {
        lab.put("rs", properties.clone(), body).await;
    }
    lab.send("conf.note", vec![json!("fine 好 🎉")]).await;
    lab.log.until(2).await;
    lab.until_ready("rs.poison", u32::try_from(broken.len()).unwrap()).await;
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["\"before\"", "\"fine 好 🎉\""]);
    // As they were.
    let mut bodies = Vec::new();
    for _ in &broken {
        bodies.push(lab.get("rs.poison").await.1);
    }
    bodies.sort();
    let mut expected: Vec<Vec<u8>> = broken.iter().map(|(_, body)| body.to_vec()).collect();
    expected.sort();
    assert_eq!(bodies, expected);
    let pickled = headers(&task).with_content_type("application/x-python-serialize".into());
    assert!(pickled.headers().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_queue_that_is_deleted_is_made_again() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    lab.send("conf.note", vec![json!(1)]).await;
    lab.log.until(1).await;
    lab.delete("rs").await;
    // Whoever is first: sender or worker.
    lab.send("conf.note", vec![json!(2)]).await;
    lab.log.until(2).await;
    worker.stop().await;
    lab.delete("rs").await;
    let id = lab.send("conf.add", vec![json!(2), json!(2)]).await;
    lab.until_ready("rs", 1).await;
    // One who consumes may not be let down by an exchange of this name that is bound elsewhere.
    let channel = lab.channel().await;
    let name = lab.queue("rs");
    let bound =
        channel.queue_bind(name.as_str().into(), name.as_str().into(), "x".into(), QueueBindOptions::default(), FieldTable::default());
    bound.await.unwrap();
    let worker = start(lab.worker());
    let ended = lab.wait(&id).await;
    assert_eq!((ended.state, ended.result), (State::Done, Some(json!(4))));
    worker.stop().await;
}
