//! What goes over a socket, without saying which socket.

use bytes::Bytes;
use serde::Serialize;

/// UTF-8 text in shared bytes: cloning copies a pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Bytes);

impl Text {
    /// A value as JSON.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self(serde_json::to_vec(value).expect("JSON values and structs with text keys always encode").into())
    }

    /// A text known at build time.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// The bytes, without copying.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// As a string slice.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("every way to make a Text starts from UTF-8")
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl TryFrom<Bytes> for Text {
    type Error = std::str::Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Self::Error> {
        std::str::from_utf8(&bytes)?;
        Ok(Self(bytes))
    }
}

/// A message of a WebSocket.
///
/// Protocol pings are answered by the WebSocket library, not here; to the hub
/// they are a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(Text),
    /// Bytes. The hub sends none and accepts none.
    Binary(Bytes),
    /// A protocol ping.
    Ping(Bytes),
    /// A protocol pong.
    Pong(Bytes),
    /// The end, with its reason if one was given.
    Close(Option<CloseCode>),
}

/// Why a connection ends (RFC 6455 §7.4; from 4000 on, ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// All done.
    pub const NORMAL: Self = Self(1000);
    /// The server goes down; come again.
    pub const GOING_AWAY: Self = Self(1001);
    /// Something other than text came.
    pub const UNSUPPORTED: Self = Self(1003);
    /// The text was not JSON with a `type`.
    pub const INVALID: Self = Self(1007);
    /// The text was too long.
    pub const TOO_BIG: Self = Self(1009);
    /// The server failed; come again.
    pub const INTERNAL: Self = Self(1011);
    /// Nothing was heard for too many beats; come again.
    pub const SILENT: Self = Self(4000);
    /// The peer read too slowly; come again.
    pub const SLOW: Self = Self(4001);
    /// No longer signed in: do not come again.
    pub const SIGNED_OUT: Self = Self(4003);

    /// A word for logs, metrics and the close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NORMAL => "normal",
            Self::GOING_AWAY => "going away",
            Self::UNSUPPORTED => "unsupported",
            Self::INVALID => "invalid",
            Self::TOO_BIG => "too big",
            Self::INTERNAL => "internal",
            Self::SILENT => "silent",
            Self::SLOW => "slow",
            Self::SIGNED_OUT => "signed out",
            Self(_) => "other",
        }
    }
}
