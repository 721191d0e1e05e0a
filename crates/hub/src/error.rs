//! What can go wrong.

/// Any error, as sockets and logs have them.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// An error of a session.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As many sessions are open as the configuration allows. Try again later.
    #[error("too many live connections")]
    Full,
    /// The hub is shutting down. Try another node, or later.
    #[error("live connections are closing down")]
    ShuttingDown,
    /// The socket failed.
    #[error("the socket failed")]
    Socket(#[source] Source),
    /// The log of events could not be read; the peer was told to come again.
    #[error("the log of events could not be read")]
    Log(#[source] Source),
}
