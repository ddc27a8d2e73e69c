//! Captured traffic: the messages in captures and on tapped lines, and captures that Wireshark opens.
//!
//! `file` reads packets, `packet` finds datagrams and TCP segments in them, `stream` puts segments in order, `records`
//! finds messages in a stream, and `network` joins these. `line` finds messages among the bytes of a serial line, with the
//! marks that `session` knows. `sealed` recognizes the messages of keyed links on a network, and `keyed` opens them by a link key. `writer`
//! writes messages as a capture.
//!
//! The bytes come from strangers: sizes and counts are limited, and what cannot be read is counted.

mod file;
mod keyed;
mod line;
mod network;
mod packet;
mod records;
mod sealed;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use file::{FileError, Packets};
pub use keyed::{Opened, Opener};
pub use line::{Beside, Found, Line, Side, unstuff};
pub use network::Network;
pub use writer::Writer;

/// What carried a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    Tcp,
    Udp,
    /// A serial line. Its short headers were made long.
    Serial,
}

impl fmt::Display for Carrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Serial => "serial",
        })
    }
}

/// Where a message comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Socket(SocketAddr),
    /// A serial port.
    Port(Arc<str>),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(address) => address.fmt(formatter),
            Self::Port(name) => formatter.write_str(name),
        }
    }
}

/// A captured message, a call or a reply in the full form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub time: Time,
    pub from: Place,
    pub to: Place,
    pub carrier: Carrier,
    pub bytes: Vec<u8>,
    /// How many bytes at the end were not captured.
    pub missing: usize,
    /// The key under which it was sealed, if it was opened.
    pub key: Option<u16>,
}

/// The time of a message since 1970, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Duration);

impl Time {
    /// The end of the year 9999. Later times cannot be written.
    const LAST: Duration = Duration::from_secs(253_402_300_799);

    /// Creates a time. Times after the year 9999 become its end.
    pub fn new(since_1970: Duration) -> Self {
        Self(since_1970.min(Self::LAST))
    }

    pub fn now() -> Self {
        Self::new(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default())
    }

    pub const fn since_1970(self) -> Duration {
        self.0
    }

    /// Returns the time since `earlier`, or zero if that is later.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_micros(SystemTime::UNIX_EPOCH + self.0).fmt(formatter)
    }
}
