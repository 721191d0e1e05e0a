//! Where RabbitMQ is, and connections to it.

use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Channel, Connection, ConnectionProperties};

use crate::address::without_password;
use crate::error::Error;

/// For a connection with its greetings.
const CONNECT: Duration = Duration::from_secs(5);

/// For an answer, a confirmation too.
const ANSWER: Duration = Duration::from_secs(30);

/// How often a connection is looked at while an answer is awaited.
const LOOK: Duration = Duration::from_millis(50);

/// Silence for twice as long ends a connection, in seconds. Half as often something is sent.
const HEARTBEAT: u16 = 30;

/// What the channel of a connection is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// Sending: RabbitMQ confirms what it has taken.
    Confirms,
    /// Consuming: acknowledgements count when they are committed.
    Transactions,
}

/// The address of one server.
pub(super) struct Server {
    uri: AMQPUri,
    address: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.address).finish()
    }
}

impl Server {
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let address = without_password(url);
        match parse(url) {
            Ok(uri) => Ok(Self { uri, address }),
            Err(reason) => Err(Error::Url { url: address, reason }),
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// A connection with a channel.
    pub(super) async fn connect(&self, mode: Mode) -> Result<(Connection, Channel), Error> {
        // Whoever looks at RabbitMQ's list of connections reads this.
        let name = match mode {
            Mode::Confirms => "celery-rs sender",
            Mode::Transactions => "celery-rs worker",
        };
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connecting = async {
            let connection = Connection::connect_uri(self.uri.clone(), properties).await?;
            let channel = connection.create_channel().await?;
            match mode {
                Mode::Confirms => channel.confirm_select(ConfirmSelectOptions::default()).await?,
                Mode::Transactions => channel.tx_select().await?,
            }
            Ok((connection, channel))
        };
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(error)) => {
                let error: lapin::Error = error;
                let words = error.to_string();
                Err(if words.contains("ACCESS_REFUSED") {
                    self.error(format!("the user `{}` or its password was refused", self.uri.authority.userinfo.username))
                } else {
                    self.error(words)
                })
            }
            Err(_) => Err(self.error(format!("no connection within {} s", CONNECT.as_secs()))),
        }
    }

    /// Waits for an answer as long as is sensible.
    pub(super) async fn answer<T>(&self, connection: &Connection, answer: impl Future<Output = lapin::Result<T>>) -> Result<T, Error> {
        self.within(connection, answer).await?.map_err(|error| self.failed(&error))
    }

    /// The same, with a refusal as it is. What is asked while the connection breaks may never be
    /// answered, so that is looked at as well.
    pub(super) async fn within<T>(&self, connection: &Connection, answer: impl Future<Output = T>) -> Result<T, Error> {
        let lost = async {
            let mut looks = tokio::time::interval(LOOK);
            while connection.status().connected() {
                looks.tick().await;
            }
            // What is known already goes before.
            looks.tick().await;
        };
        tokio::select! {
            biased;
            answer = tokio::time::timeout(ANSWER, answer) => answer.map_err(|_| self.silent()),
            () = lost => Err(self.error("the connection was lost".to_owned())),
        }
    }

    fn silent(&self) -> Error {
        self.error(format!("no answer within {} s; it may be short of memory or of disk", ANSWER.as_secs()))
    }

    pub(super) fn failed(&self, error: &lapin::Error) -> Error {
        self.error(error.to_string())
    }

    pub(super) fn error(&self, reason: String) -> Error {
        Error::RabbitMq { address: self.address.clone(), reason }
    }
}

/// `amqp://[user[:password]@]host[:port][/vhost][?heartbeat=seconds]`, or `amqps://` for TLS.
fn parse(url: &str) -> Result<AMQPUri, String> {
    let (scheme, rest) = url.split_once("://").ok_or("is no address: give amqp://host")?;
    let scheme = match scheme {
        "amqp" | "pyamqp" => AMQPScheme::AMQP,
        "amqps" => AMQPScheme::AMQPS,
        other => return Err(format!("is no address of a RabbitMQ: it begins with amqp:// or amqps://, not {other}://")),
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, vhost) = rest.split_once('/').unwrap_or((rest, ""));
    let (userinfo, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = match userinfo.split_once(':') {
        Some((user, password)) => (user, password),
        None if userinfo.is_empty() => ("guest", "guest"),
        None => (userinfo, ""),
    };
    let (host, port) = match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None | Some("") => scheme.default_port(),
        Some(port) => port.parse().map_err(|_| format!("has `{port}` where the port should stand"))?,
    };
    let heartbeat = match query.split('&').find_map(|pair| pair.strip_prefix("heartbeat=")) {
        None => HEARTBEAT,
        Some(seconds) => seconds.parse().map_err(|_| format!("has the heartbeat `{seconds}`, which is no number of seconds"))?,
    };
    let vhost = decode(vhost)?;
    Ok(AMQPUri {
        scheme,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo { username: decode(user)?, password: decode(password)? },
            host: if host.is_empty() { "127.0.0.1".to_owned() } else { decode(host)? },
            port,
        },
        // As kombu reads it: nothing is the default one.
        vhost: if vhost.is_empty() { "/".to_owned() } else { vhost },
        query: AMQPQueryString { heartbeat: Some(heartbeat), ..AMQPQueryString::default() },
    })
}

/// Undoes `%41`.
fn decode(text: &str) -> Result<String, String> {
    let broken = || "has a `%` that two hexadecimal digits and a text in UTF-8 do not follow".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(broken)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(broken());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| broken())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (String, String, String, u16, String) {
        let AMQPUri { authority: AMQPAuthority { userinfo, host, port }, vhost, .. } = parse(url).unwrap();
        (userinfo.username, userinfo.password, host, port, vhost)
    }

    fn owned((user, password, host, port, vhost): (&str, &str, &str, u16, &str)) -> (String, String, String, u16, String) {
        (user.to_owned(), password.to_owned(), host.to_owned(), port, vhost.to_owned())
    }

    #[test]
    fn addresses_are_read_as_kombu_reads_them() {
        let cases = [
            ("amqp://", ("guest", "guest", "127.0.0.1", 5672, "/")),
            ("amqp://host", ("guest", "guest", "host", 5672, "/")),
            ("amqps://host/", ("guest", "guest", "host", 5671, "/")),
            ("amqp://host//", ("guest", "guest", "host", 5672, "/")),
            ("amqp://me:p%40s%2Fs:x@host:1/%2Fshop", ("me", "p@s/s:x", "host", 1, "/shop")),
            ("pyamqp://me@[::1]:7/shop?heartbeat=5", ("me", "", "::1", 7, "shop")),
            ("amqp://%E5%A5%BD:b@host/a%20b", ("好", "b", "host", 5672, "a b")),
        ];
        for (url, expected) in cases {
            assert_eq!(parts(url), owned(expected), "{url}");
        }
        assert_eq!(parse("amqp://host?heartbeat=7").unwrap().query.heartbeat, Some(7));
    }

    #[test]
    fn an_address_that_is_none_is_refused_without_its_password() {
        for (url, word) in [
            ("amqp://me:secret@host:port/x", "`port`"),
            ("amqp://me:secret%4@host", "hexadecimal"),
            ("amqp://me:secret@host/%C3", "UTF-8"),
            ("amqp://me:secret@host?heartbeat=often", "`often`"),
            ("http://me:secret@host", "amqp://"),
            ("host", "amqp://host"),
        ] {
            let refused = Server::new(url).unwrap_err().to_string();
            assert!(refused.contains(word) && !refused.contains("secret"), "{refused}");
        }
        let server = Server::new("amqp://me:secret@host").unwrap();
        assert_eq!(format!("{server:?}"), "Server(\"amqp://me:**@host\")");
    }
}
