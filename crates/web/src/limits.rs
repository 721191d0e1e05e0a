//! What a request may ask for before anybody looks at it, and how long it may take.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use http_body::{Frame, SizeHint};

use crate::Problem;

/// The longest address, in bytes.
const ADDRESS: usize = 8 * 1024;
/// A body earns a second for so many bytes: an upload may take its time, a trickle may not.
const BYTES_A_SECOND: u64 = 16 * 1024;

/// What no route would answer.
pub(crate) fn refused(request: &Request) -> Option<Problem> {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if !known.contains(request.method()) {
        return Some(Problem::new(StatusCode::NOT_IMPLEMENTED, "method_unknown"));
    }
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if ADDRESS < address {
        return Some(Problem::new(StatusCode::URI_TOO_LONG, "address_too_long"));
    }
    let expects = request.headers().get(header::EXPECT);
    if expects.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Some(Problem::new(StatusCode::EXPECTATION_FAILED, "expectation_unknown"));
    }
    None
}

/// Answers within the time, which a body that arrives prolongs. Too late is the
/// caller's fault (408) if the body was awaited, else ours (503).
pub(crate) async fn in_time(request: Request, next: Next, limit: Duration) -> Response {
    let arriving = Arc::new(Arriving::default());
    let watched = Arc::clone(&arriving);
    let mut answer = std::pin::pin!(next.run(request.map(|body| Body::new(Watched { body, arriving: watched }))));
    let began = Instant::now();
    loop {
        let allowed = limit + Duration::from_secs(arriving.bytes.load(Ordering::Relaxed) / BYTES_A_SECOND);
        match tokio::time::timeout(allowed.saturating_sub(began.elapsed()), &mut answer).await {
            Ok(response) => return response,
            Err(_) if began.elapsed() < limit + Duration::from_secs(arriving.bytes.load(Ordering::Relaxed) / BYTES_A_SECOND) => {}
            Err(_) if arriving.awaited.load(Ordering::Relaxed) => {
                let mut response = Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout").into_response();
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                return response;
            }
            Err(_) => return Problem::unavailable("timeout").retry_after(5).into_response(),
        }
    }
}

/// How the body of a request is coming in.
#[derive(Debug, Default)]
struct Arriving {
    /// Somebody wants more of it, and it is not there.
    awaited: AtomicBool,
    bytes: AtomicU64,
}

struct Watched {
    body: Body,
    arriving: Arc<Arriving>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.arriving.awaited.store(polled.is_pending(), Ordering::Relaxed);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let more = frame.data_ref().map_or(0, Bytes::len);
            self.arriving.bytes.fetch_add(more.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
