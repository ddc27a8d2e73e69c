//! The carriers that a board can be reached over.

use std::error::Error;
use std::vec::Vec;

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead, Serial};
use oncilla::{Link, Peer, Transport};

/// What a carrier is like, and which of them a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Every carrier.
    Any,
    /// Those on which messages come in their order: connections and lines.
    Ordered,
    /// Connections with record marks.
    Connection,
    /// Datagrams.
    Datagrams,
    /// Serial lines.
    Line,
    /// Serial lines whose ends introduce themselves.
    Introduced,
}

impl On {
    /// Whether a check that is about `self` is about the carrier `which`.
    pub(super) fn is(self, which: Self) -> bool {
        match self {
            Self::Any => true,
            Self::Ordered => which != Self::Datagrams,
            Self::Line => matches!(which, Self::Line | Self::Introduced),
            _ => self == which,
        }
    }
}

/// A framing that the checks know.
pub trait Carrier: Framing + 'static {
    /// What carriers with it are like.
    const ON: On;

    /// A link with a boot number, where that is known.
    fn link<T: Transport<Framing = Self>>(transport: T, rx: Vec<u8>, tx: Vec<u8>, _boot: u32) -> Link<T, Vec<u8>> {
        Link::new(transport, rx, tx)
    }

    /// The other end, where it introduces itself.
    fn peer<T: Transport<Framing = Self>>(_link: &mut Link<T, Vec<u8>>) -> Option<Peer> {
        None
    }
}

impl Carrier for Record {
    const ON: On = On::Connection;
}

impl Carrier for RecordAhead {
    const ON: On = On::Connection;
}

impl Carrier for Datagram {
    const ON: On = On::Datagrams;
}

impl Carrier for Cobs {
    const ON: On = On::Line;
}

impl Carrier for Serial {
    const ON: On = On::Introduced;

    fn link<T: Transport<Framing = Self>>(transport: T, rx: Vec<u8>, tx: Vec<u8>, boot: u32) -> Link<T, Vec<u8>> {
        Link::with_boot_number(transport, rx, tx, boot)
    }

    fn peer<T: Transport<Framing = Self>>(link: &mut Link<T, Vec<u8>>) -> Option<Peer> {
        link.peer()
    }
}

/// A transport over which checks can run: any of this framing.
pub trait Reach: Transport<Framing: Carrier, Error: Error + Send + Sync + 'static> + 'static {}

impl<T: Transport<Framing: Carrier, Error: Error + Send + Sync + 'static> + 'static> Reach for T {}
