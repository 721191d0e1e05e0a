//! A picture is asked of another machine, by an address that a file named.
//!
//! Whoever wrote the file may mean to look into the network that the server stands in.
//! So every address is checked, that of each redirection too, and the connection goes to
//! the very addresses that were checked: names are resolved here, once. No proxy is used,
//! for it would resolve the name again.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{ACCEPT, LOCATION};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, Url};
use zg_base::Reach;
use zg_base::job::RowError;

use crate::fault;

/// How long another machine may take to be reached.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a picture may take, each redirection anew.
const WHOLE: Duration = Duration::from_secs(30);
/// Redirections followed.
const HOPS: usize = 3;
/// The longest address.
pub(crate) const ADDRESS_LIMIT: usize = 2_000;

/// Why a picture was not brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    code: &'static str,
    /// What the other machine said, for people.
    detail: Option<String>,
    /// It may go better later.
    pub(crate) again: bool,
}

impl Missed {
    /// For good.
    pub(crate) const fn for_good(code: &'static str) -> Self {
        Self { code, detail: None, again: false }
    }

    fn unreachable(detail: impl Into<String>, again: bool) -> Self {
        Self { code: "image_unreachable", detail: Some(detail.into()), again }
    }

    /// As a fault of the row that named it.
    pub(crate) fn fault(&self, row: i64, source: &str) -> RowError {
        let plain = fault(row, "image", self.code, Some(source));
        let Some(detail) = &self.detail else { return plain };
        let message = format!("取不到图片（{detail}），请检查地址 · the picture could not be fetched ({detail}): check its address");
        RowError { message, ..plain }
    }
}

/// Fetches pictures.
#[derive(Debug)]
pub(crate) struct Fetcher {
    client: Client,
    reach: Reach,
}

impl Fetcher {
    pub(crate) fn new(reach: Reach) -> Result<Self, Missed> {
        // Another client of this process may have chosen it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .dns_resolver(Resolver(reach))
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("Zhanggui/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Missed::unreachable(error.to_string(), false))?;
        Ok(Self { client, reach })
    }

    /// The bytes at an address, up to `limit`.
    pub(crate) async fn get(&self, address: &str, limit: usize) -> Result<Bytes, Missed> {
        let mut url = check(address, self.reach)?;
        for _ in 0..=HOPS {
            let answer = self.client.get(url.clone()).header(ACCEPT, "image/*").send().await.map_err(|error| missed(&error))?;
            if !answer.status().is_redirection() {
                return body(answer, limit).await;
            }
            let next = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = next.and_then(|location| url.join(location).ok());
            url = check(next.ok_or_else(|| Missed::unreachable(answer.status().as_str(), false))?.as_str(), self.reach)?;
        }
        Err(Missed::unreachable("too many redirections", false))
    }
}

/// An address that may be asked, as far as it can be said before its name is resolved.
pub(crate) fn check(address: &str, reach: Reach) -> Result<Url, Missed> {
    const INVALID: Missed = Missed::for_good("image_address_invalid");
    if address.len() > ADDRESS_LIMIT {
        return Err(INVALID);
    }
    let url = Url::parse(address).map_err(|_| INVALID)?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(INVALID);
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(INVALID)?;
    // A number in any spelling was made an address when the text was parsed.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(ip) if !reach.allows(ip) => Err(Missed::for_good("image_address_private")),
        Ok(_) | Err(_) => Ok(url),
    }
}

async fn body(mut answer: Response, limit: usize) -> Result<Bytes, Missed> {
    let status = answer.status();
    if status != StatusCode::OK {
        let again = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        return Err(Missed::unreachable(format!("HTTP {}", status.as_u16()), again));
    }
    let longer = |length: u64| u64::try_from(limit).is_ok_and(|limit| length > limit);
    if answer.content_length().is_some_and(longer) {
        return Err(Missed::for_good("image_too_large"));
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| missed(&error))? {
        if bytes.len() + chunk.len() > limit {
            return Err(Missed::for_good("image_too_large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// What the way to another machine failed of.
fn missed(error: &reqwest::Error) -> Missed {
    let mut source = std::error::Error::source(error);
    let mut last = None;
    while let Some(cause) = source {
        if cause.downcast_ref::<Private>().is_some() {
            return Missed::for_good("image_address_private");
        }
        last = Some(cause);
        source = cause.source();
    }
    let detail = if error.is_timeout() { "timeout".to_owned() } else { last.map_or_else(|| error.to_string(), ToString::to_string) };
    Missed::unreachable(detail, true)
}

/// The name leads to a machine that is not to be asked.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an address of a private network")]
struct Private;

/// Resolves names to addresses that may be asked. One that may not makes the name useless:
/// nobody with good intent mixes them.
#[derive(Clone, Copy, Debug)]
struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| reach.allows(address.ip())) {
                let found: Addrs = Box::new(found.into_iter());
                return Ok(found);
            }
            let refused: Box<dyn std::error::Error + Send + Sync> = Box::new(Private);
            Err(refused)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(address: &str, reach: Reach) -> &'static str {
        check(address, reach).map_or_else(|missed| missed.code, |_| "")
    }

    #[test]
    fn m8_13_an_address_is_http_without_credentials_and_public() {
        assert_eq!(code("https://example.com/a.png?w=1#x", Reach::Public), "");
        for address in [
            "ftp://example.com/a",
            "file:///etc/passwd",
            "http://",
            "https://me:secret@example.com/",
            "https://me@example.com/",
            "http://a b/",
        ] {
            assert_eq!(code(address, Reach::Anywhere), "image_address_invalid", "{address}");
        }
        assert_eq!(code(&format!("http://example.com/{}", "a".repeat(ADDRESS_LIMIT)), Reach::Public), "image_address_invalid");
        for address in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1:8080/",
            "http://127.0.0.1./",
        ] {
            assert_eq!(code(address, Reach::Public), "image_address_private", "{address}");
            assert_eq!(code(address, Reach::Anywhere), "", "{address}");
        }
    }

    #[tokio::test]
    async fn m8_13_a_name_that_leads_into_the_own_network_is_refused() {
        let refused = Fetcher::new(Reach::Public).unwrap().get("http://localhost:1/a.png", 10).await.unwrap_err();
        assert_eq!((refused.code, refused.again), ("image_address_private", false));
        let tried = Fetcher::new(Reach::Anywhere).unwrap().get("http://localhost:1/a.png", 10).await.unwrap_err();
        assert_eq!((tried.code, tried.again), ("image_unreachable", true));
    }
}
