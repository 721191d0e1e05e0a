//! What operators see of a running process: logs, and traces where they are asked for.
//!
//! Secrets never come here: no header, body, cookie or token is ever logged, and
//! URLs with credentials are shown without them.

use std::time::Duration;

use anyhow::Context as _;
use axum::body::Body;
use axum::middleware::Next;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{Config, LogFormat};

/// How long the collector may take.
const COLLECTOR: Duration = Duration::from_secs(10);

/// Logs and traces of this process, until [`Telemetry::end`].
pub(crate) struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Begins to log, and to trace if the configuration names a collector.
pub(crate) fn start(config: &Config) -> anyhow::Result<Telemetry> {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log.format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    let lines = lines.with_filter(filter(config)?);
    let traces = config.telemetry.otlp_endpoint.as_deref().map(provider).transpose()?;
    let spans = traces.as_ref().map(|traces| {
        let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("zhanggui"));
        // The collector's own requests are no requests of ours.
        layer
            .with_filter(LevelFilter::INFO)
            .with_filter(tracing_subscriber::filter::filter_fn(|metadata| metadata.target().starts_with("zg_")))
    });
    tracing_subscriber::registry().with(lines).with(spans).try_init().context("another logger is at work")?;
    Ok(Telemetry { traces })
}

/// Which lines are logged.
pub(crate) fn filter(config: &Config) -> anyhow::Result<EnvFilter> {
    let level = &config.log.level;
    // The migrator tells of every look at the database; what it did is told in one line, by `open`.
    EnvFilter::try_new(format!("sea_orm_migration=warn,{level}"))
        .with_context(|| format!("log.level: `{level}` is no level; examples are `info` and `warn,zg_orders=debug`"))
}

fn provider(endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let client = Collector { runtime: tokio::runtime::Handle::current(), client: reqwest::Client::builder().timeout(COLLECTOR).build()? };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(endpoint)
        .build()
        .with_context(|| format!("telemetry.otlp_endpoint: {endpoint}"))?;
    let resource = Resource::builder()
        .with_service_name("zhanggui")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Hangs a request's span below the caller's, which the header `traceparent` names
/// (W3C Trace Context, section 3.2).
pub(crate) async fn continue_trace(request: Request<Body>, next: Next) -> Response<Body> {
    let caller = TraceContextPropagator::new().extract(&HeaderExtractor(request.headers()));
    // By its full name: `anyhow` has a method of that name for results.
    opentelemetry::context::FutureExt::with_context(next.run(request), caller).await
}

impl Telemetry {
    /// Sends what is still to be sent.
    pub(crate) async fn end(self) {
        let Some(traces) = self.traces else { return };
        // It waits for the collector: not on the runtime that speaks to it.
        let ended = tokio::task::spawn_blocking(move || traces.shutdown_with_timeout(Duration::from_secs(5))).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces were not delivered");
        }
    }
}

/// Speaks to the collector on the runtime of the program: spans are exported from
/// a thread that has none.
#[derive(Clone, Debug)]
struct Collector {
    runtime: tokio::runtime::Handle,
    client: reqwest::Client,
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let sending = self.client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let answered = self.runtime.spawn(async move {
            let answer = sending.send().await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, bytes) = answered.await??;
        let mut response = Response::new(bytes);
        *response.status_mut() = status;
        Ok(response)
    }
}
