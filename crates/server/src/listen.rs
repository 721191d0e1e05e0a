//! Listeners: which app answers on which address, with limits, and a drain at the end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::FutureExt as _;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::config::Config;

/// Limits of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// For a request's headers to arrive.
    pub headers: Duration,
    /// For requests in flight to end when the server stops.
    pub drain: Duration,
}

impl Limits {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            connections: config.http.connections,
            headers: Duration::from_secs(config.http.header_seconds),
            drain: Duration::from_secs(config.http.drain_seconds),
        }
    }
}

/// How long a connection made just before the end may take to ask its first question.
const FRESH: Duration = Duration::from_secs(1);

/// Largest size of a request's head.
const HEAD_LIMIT: usize = 64 * 1024;

/// The apps that answer at one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Apps {
    store: bool,
    admin: bool,
    ops: bool,
}

impl Apps {
    /// Does a path belong to an app that answers here?
    fn answer(self, path: &str) -> bool {
        let below = |prefix: &str| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        if ["/healthz", "/readyz", "/metrics"].contains(&path) {
            self.ops
        } else if below("/admin") || below("/api/v1/admin") {
            self.admin
        } else if below("/ws") || below("/files") || below("/api/v1/openapi.json") {
            self.store || self.admin
        } else {
            self.store
        }
    }
}

/// Binds every address of the configuration.
pub(crate) fn bind(config: &Config) -> anyhow::Result<Vec<Bound>> {
    let mut wanted: BTreeMap<SocketAddr, Apps> = BTreeMap::new();
    for address in &config.listen.store {
        wanted.entry(*address).or_default().store = true;
    }
    for address in &config.listen.admin {
        wanted.entry(*address).or_default().admin = true;
    }
    for address in &config.listen.ops {
        wanted.entry(*address).or_default().ops = true;
    }
    let mut bound = Vec::new();
    for (address, apps) in wanted {
        match listener(address) {
            Ok(listener) => bound.push(Bound { listener, apps }),
            // A machine without IPv6 still has 127.0.0.1.
            Err(error) if address.is_ipv6() && error.kind() == std::io::ErrorKind::AddrNotAvailable => {
                tracing::warn!(%address, "this machine has no such address; it is left out");
            }
            Err(error) => return Err(error).with_context(|| format!("{address} can't be listened on")),
        }
    }
    anyhow::ensure!(!bound.is_empty(), "there is no address to listen on; set listen.store");
    Ok(bound)
}

/// An address that is listened on.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    apps: Apps,
}

impl Bound {
    /// All apps at one address.
    ///
    /// # Errors
    /// If it can't be listened on.
    pub fn everything(address: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { listener: listener(address)?, apps: Apps { store: true, admin: true, ops: true } })
    }

    /// Where it listens, the port found if none was named.
    ///
    /// # Errors
    /// If the socket is gone.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// `[::]` takes IPv4 as well.
fn listener(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    TcpListener::from_std(socket.into())
}

/// Serves until told to stop, then lets requests in flight end.
pub async fn serve(bound: Vec<Bound>, router: Router, limits: Limits, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(HEAD_LIMIT)
        // Who has said all it will say still hears the answer.
        .half_close(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEAD_LIMIT).unwrap_or(u32::MAX))
        .keep_alive_interval(Some(Duration::from_secs(20)));
    let accepting: Vec<_> = bound
        .into_iter()
        .map(|bound| tokio::spawn(accept(bound, router.clone(), builder.clone(), Arc::clone(&places), connections.clone(), stop.clone())))
        .collect();
    for task in accepting {
        if let Err(error) = task.await {
            tracing::error!(error = &error as &dyn std::error::Error, "a listener ended");
        }
    }
    connections.close();
    if tokio::time::timeout(limits.drain, connections.wait()).await.is_err() {
        tracing::warn!("requests were still running when the time to drain was over");
    }
}

async fn accept(
    bound: Bound,
    router: Router,
    builder: Builder<TokioExecutor>,
    places: Arc<Semaphore>,
    connections: TaskTracker,
    stop: CancellationToken,
) {
    let Bound { listener, apps } = bound;
    let door = Door { apps, router, builder, connections, stop: stop.clone() };
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => door.open(stream, peer, place),
                // Out of descriptors, or a peer that was gone at once: others may still come.
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
                    tokio::task::yield_now().await;
                }
            },
            () = stop.cancelled() => break,
        }
    }
    // Who was connected by the kernel and waits to be let in would be broken off by closing now.
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => door.open(stream, peer, place),
            Err(_) => return,
        }
    }
}

/// Where connections come in.
struct Door {
    apps: Apps,
    router: Router,
    builder: Builder<TokioExecutor>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Door {
    fn open(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        // Answers are small and wanted now.
        let _ = stream.set_nodelay(true);
        let (router, apps, stop) = (self.router.clone(), self.apps, self.stop.clone());
        let asked = Arc::new(Notify::new());
        let service = service_fn({
            let asked = Arc::clone(&asked);
            move |request: Request<Incoming>| {
                asked.notify_one();
                answer(router.clone(), apps, peer, request)
            }
        });
        let connection = self.builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        self.connections.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    let first = tokio::time::timeout(FRESH, asked.notified());
                    tokio::select! {
                        ended = connection.as_mut() => ended,
                        _ = first => {
                            // What is being answered is answered; nothing new is read.
                            connection.as_mut().graceful_shutdown();
                            connection.await
                        }
                    }
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, %peer, "a connection ended early");
            }
            drop(place);
        });
    }
}

async fn answer(
    router: Router,
    apps: Apps,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, std::convert::Infallible> {
    if !apps.answer(request.uri().path()) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    }
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_each_app_answers_only_where_it_listens() {
        let admin = Apps { admin: true, ..Apps::default() };
        assert!(admin.answer("/admin/orders") && admin.answer("/api/v1/admin/orders") && admin.answer("/ws"));
        assert!(!admin.answer("/") && !admin.answer("/api/v1/store/products") && !admin.answer("/metrics"));
        let store = Apps { store: true, ..Apps::default() };
        assert!(store.answer("/") && store.answer("/zh-CN/p/tea") && !store.answer("/admin") && !store.answer("/healthz"));
        assert!(store.answer("/administration"));
    }
}
