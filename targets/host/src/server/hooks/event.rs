//! What happens in a server.

use std::fmt;

use super::{CallRecord, Origin};

/// Something that happened in a server. See [`Server::observe`](crate::Server::observe).
///
/// `Display` gives one line of text for a log.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call was executed, answered from a replay cache, or refused.
    Call(CallRecord<'a>),
    /// A connection was accepted.
    Accepted(Origin),
    /// TLS has begun on a connection. From now on, its origin is [`Origin::Tls`].
    #[cfg(feature = "tls")]
    Secured {
        /// The client.
        origin: Origin,
        /// The certificate that the client has proved to have.
        certificate: Option<&'a crate::Certificate>,
    },
    /// TLS failed on a connection, which is closed.
    #[cfg(feature = "tls")]
    NotSecured {
        /// The client.
        origin: Origin,
        /// What failed, and what to do.
        problem: &'a str,
    },
    /// A client has closed or reset its connection, or its side of it, while a worker executes its call.
    ///
    /// The call goes on, and the connection is closed when it has ended. A procedure that waits may end its wait now.
    /// Reported on Unix systems, perhaps more than once.
    Leaving(Origin),
    /// A connection was closed. Each accepted connection is closed once.
    Closed {
        /// The client.
        origin: Origin,
        /// The reason.
        why: Closed,
    },
    /// A message was dropped: it was not executed and has no reply.
    Dropped {
        /// The sender.
        origin: Origin,
        /// The reason.
        why: Dropped,
    },
}

/// Why a connection was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Closed {
    /// The client closed it.
    Client,
    /// The connection failed, for example by a reset.
    Failed,
    /// One message took longer than the [message time-out](crate::Server::message_timeout).
    MessageTimeout,
    /// No call came within the [idle time-out](crate::Server::idle_timeout).
    IdleTimeout,
    /// Another connection needed its [slot](crate::Server::connections).
    MadeRoom,
    /// No [slot](crate::Server::connections) was free, and no other connection could give way.
    NoSlot,
    /// No [access rule](crate::Server::allow) allows the client anything.
    NotAllowed,
    /// The system lacked a resource to watch the connection.
    NotWatched,
    /// [TLS](crate::Server::tls) failed.
    #[cfg(feature = "tls")]
    TlsFailed,
    /// A message did not verify under a [key](crate::Server::keys), or was too large to be verified.
    #[cfg(feature = "keys")]
    Unverified,
    /// The server stopped.
    Stopped,
}

/// Why a message was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dropped {
    /// It is not a call: it is a reply, or too short.
    NotACall,
    /// The call repeats one that was being executed when it arrived.
    InProgress,
    /// No [access rule](crate::Server::allow) allows the sender anything.
    NotAllowed,
    /// It does not verify under a [key](crate::Server::keys).
    #[cfg(feature = "keys")]
    Unverified,
}

impl Closed {
    /// Returns the reason as a word for logs and metrics, such as `idle_timeout`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Failed => "failed",
            Self::MessageTimeout => "message_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::MadeRoom => "made_room",
            Self::NoSlot => "no_slot",
            Self::NotAllowed => "not_allowed",
            Self::NotWatched => "not_watched",
            #[cfg(feature = "tls")]
            Self::TlsFailed => "tls_failed",
            #[cfg(feature = "keys")]
            Self::Unverified => "unverified",
            Self::Stopped => "stopped",
        }
    }
}

impl Dropped {
    /// Returns the reason as a word for logs and metrics, such as `not_a_call`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotACall => "not_a_call",
            Self::InProgress => "in_progress",
            Self::NotAllowed => "not_allowed",
            #[cfg(feature = "keys")]
            Self::Unverified => "unverified",
        }
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => call.fmt(formatter),
            Self::Accepted(origin) => write!(formatter, "{origin}: accepted"),
            #[cfg(feature = "tls")]
            Self::Secured { origin, certificate: None } => write!(formatter, "{origin}: TLS has begun"),
            #[cfg(feature = "tls")]
            Self::Secured { origin, certificate: Some(certificate) } => {
                let certificate = certificate.to_string();
                write!(formatter, "{origin}: TLS has begun, with the certificate of {}", crate::harmless(&certificate))
            }
            #[cfg(feature = "tls")]
            Self::NotSecured { origin, problem } => {
                write!(formatter, "{origin}: TLS failed: {}", crate::harmless(problem))
            }
            Self::Leaving(origin) => write!(formatter, "{origin}: leaving during its call"),
            Self::Closed { origin, why } => write!(formatter, "{origin}: closed: {why}"),
            Self::Dropped { origin, why } => write!(formatter, "{origin}: dropped: {why}"),
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Client => "the client closed the connection",
            Self::Failed => "the connection failed",
            Self::MessageTimeout => "a message took longer than the message time-out",
            Self::IdleTimeout => "no call came within the idle time-out",
            Self::MadeRoom => "another connection needed its slot",
            Self::NoSlot => "no slot was free; allow more connections if this repeats",
            Self::NotAllowed => "no access rule allows this client anything",
            Self::NotWatched => "the system could not watch the connection",
            #[cfg(feature = "tls")]
            Self::TlsFailed => "TLS failed",
            #[cfg(feature = "keys")]
            Self::Unverified => "a message did not verify under a key; check key, suite and side of the client",
            Self::Stopped => "the server stopped",
        })
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotACall => "the message is not a call",
            Self::InProgress => "the call repeats one that was being executed",
            Self::NotAllowed => "no access rule allows this client anything",
            #[cfg(feature = "keys")]
            Self::Unverified => "the message did not verify under a key; check key, suite and side of the client",
        })
    }
}
