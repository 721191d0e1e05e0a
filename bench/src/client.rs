//! One connection, kept open, as a browser or a program keeps it.

use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A user with a connection.
pub(crate) struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
    pub(crate) key: Option<String>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, key: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self { address, sender: open(address).await?, key: key.map(str::to_owned) })
    }

    /// Sends and reads the whole answer; a closed connection is opened anew once.
    pub(crate) async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<(StatusCode, Bytes)> {
        self.keyed(method, path, body, None).await
    }

    pub(crate) async fn keyed(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        idempotency: Option<&str>,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        if self.sender.is_closed() || self.sender.ready().await.is_err() {
            self.sender = open(self.address).await?;
        }
        let mut request = Request::builder().method(method).uri(path).header("host", self.address.to_string());
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if let Some(key) = idempotency {
            request = request.header("idempotency-key", key);
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let response: Response<_> = self.sender.send_request(request.body(Full::new(bytes))?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// The answer as JSON; anything but success is an error that shows it.
    pub(crate) async fn json(&mut self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let (status, bytes) = self.send(method.clone(), path, body).await?;
        anyhow::ensure!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&bytes));
        if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes).context("an answer in JSON") }
    }
}

async fn open(address: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("nobody answers at {address}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
