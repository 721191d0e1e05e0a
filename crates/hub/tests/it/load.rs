//! Real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use hub::{CloseCode, Config, End, Error, Frame, Hub, MemoryLog, Text};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as WireCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{accept_async_with_config, client_async};

use crate::support::{event, orders, until};

fn to_frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(text.as_str().into()),
        Message::Binary(bytes) => Frame::Binary(bytes),
        Message::Ping(bytes) => Frame::Ping(bytes),
        Message::Pong(bytes) => Frame::Pong(bytes),
        Message::Close(reason) => Frame::Close(reason.map(|reason| CloseCode(reason.code.into()))),
        Message::Frame(_) => unreachable!("only written, never read"),
    }
}

fn to_message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::Text(Utf8Bytes::try_from(Text::into_bytes(text)).unwrap()),
        Frame::Binary(bytes) => Message::Binary(bytes),
        Frame::Ping(bytes) => Message::Ping(bytes),
        Frame::Pong(bytes) => Message::Pong(bytes),
        Frame::Close(code) => Message::Close(code.map(|code| CloseFrame { code: WireCode::from(code.0), reason: code.reason().into() })),
    }
}

/// Accepts sockets for ever; tells how each session ended.
async fn serve(hub: Hub, log: MemoryLog, listener: TcpListener, ends: mpsc::UnboundedSender<Result<End, Error>>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let (hub, log, ends) = (hub.clone(), log.clone(), ends.clone());
        tokio::spawn(async move {
            let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(4096);
            let socket = accept_async_with_config(socket, Some(config)).await.unwrap();
            let (sink, stream) = socket.split();
            let sink = sink.with(|frame| std::future::ready(Ok::<_, tungstenite::Error>(to_message(frame))));
            let stream = stream.map(|message| message.map(to_frame));
            let end = hub.connect(orders(), Some(0), log).unwrap().run(stream, sink).await;
            let _test_is_over = ends.send(end);
        });
    }
}

struct Server {
    hub: Hub,
    log: MemoryLog,
    port: u16,
    ends: mpsc::UnboundedReceiver<Result<End, Error>>,
}

async fn server(config: Config) -> Server {
    let (hub, log) = (Hub::new(config), MemoryLog::new(100_000));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, ends) = mpsc::unbounded_channel();
    tokio::spawn(serve(hub.clone(), log.clone(), listener, tell));
    Server { hub, log, port, ends }
}

type Client = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn client(port: u16) -> Client {
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    client_async(format!("ws://127.0.0.1:{port}/"), socket).await.unwrap().0
}

/// Reads events in order up to `last`, answering pings, and says how far it is.
async fn read_upto(client: &mut Client, last: i64, read: &AtomicI64) {
    let mut next = 1;
    while next <= last {
        let Some(Ok(Message::Text(text))) = client.next().await else { panic!("closed at {next}") };
        let value: Value = serde_json::from_str(&text).unwrap();
        if value["type"] == "ping" {
            client.send(Message::text(r#"{"type":"pong"}"#)).await.unwrap();
        } else if value["type"].is_null() {
            assert_eq!(value["id"], next);
            read.store(next, Ordering::Relaxed);
            next += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_three_hundred_sockets_hear_every_event_in_order() {
    let server = server(Config { queue: 1024, ..Config::default() }).await;
    let mut clients = Vec::new();
    for _ in 0..300 {
        let mut client = client(server.port).await;
        clients.push(tokio::spawn(async move {
            read_upto(&mut client, 200, &AtomicI64::new(0)).await;
            client.close(None).await.unwrap();
        }));
    }
    until(|| server.hub.counts().connected == 300).await;
    for id in 1..=200 {
        server.log.push(event(id, "orders.read"));
        server.hub.publish(event(id, "orders.read"));
    }
    for client in clients {
        client.await.unwrap();
    }
    until(|| server.hub.counts().connected == 0).await;
    assert_eq!((server.hub.counts().slow, server.hub.counts().silent), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_a_socket_nobody_reads_is_dropped_and_publishing_does_not_wait() {
    let mut server = server(Config { farewell: Duration::from_millis(200), ..Config::default() }).await;
    let stopped = client(server.port).await;
    let mut reading = client(server.port).await;
    until(|| server.hub.counts().connected == 2).await;
    let read = Arc::new(AtomicI64::new(0));
    let reader = tokio::spawn({
        let read = Arc::clone(&read);
        async move {
            read_upto(&mut reading, 2000, &read).await;
            reading
        }
    });
    let mut longest = Duration::ZERO;
    for id in 1..=2000 {
        let mut large = event(id, "orders.read");
        large.payload = json!({ "note": "长".repeat(5_000) });
        server.log.push(large.clone());
        let start = Instant::now();
        server.hub.publish(large);
        longest = longest.max(start.elapsed());
        until(|| id - read.load(Ordering::Relaxed) < 100).await;
    }
    assert!(matches!(server.ends.recv().await.unwrap(), Ok(End::Closed(CloseCode::SLOW))));
    let _reading = reader.await.unwrap();
    assert_eq!((server.hub.counts().connected, server.hub.counts().slow), (1, 1));
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    drop(stopped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_a_half_open_socket_is_found() {
    // Open, readable, and nobody there: the peer's kernel takes the pings, nothing answers.
    let mut server = server(Config { heartbeat: Duration::from_millis(100), ..Config::default() }).await;
    let _silent = client(server.port).await;
    assert!(matches!(server.ends.recv().await.unwrap(), Ok(End::Closed(CloseCode::SILENT))));
    assert_eq!(server.hub.counts().silent, 1);
}
