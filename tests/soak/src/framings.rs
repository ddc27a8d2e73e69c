//! The framings that calls go over.

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead, Serial};
use oncilla::{Link, Transport};

use crate::faults::Carried;
use crate::frames::Sized;

/// A framing, and what differs between them here.
pub trait Soaked: Sized + Carried {
    /// Frames whose check value or length was wrong.
    fn refused(&self) -> u32 {
        // Of others than serial lines the system sees to that, below.
        0
    }

    /// Whether calls go in the short form.
    fn is_short<T: Transport<Framing = Self>>(_: &mut Link<T, Vec<u8>>) -> bool {
        false
    }

    /// A link as one of two ends makes it.
    fn link<T: Transport<Framing = Self>>(transport: T, rx: Vec<u8>, tx: Vec<u8>, _: u64) -> Link<T, Vec<u8>> {
        Link::new(transport, rx, tx)
    }
}

impl Soaked for Datagram {}
impl Soaked for Record {}
impl Soaked for RecordAhead {}

impl Soaked for Cobs {
    fn refused(&self) -> u32 {
        self.dropped()
    }
}

/// With short headers.
impl Soaked for Serial {
    fn refused(&self) -> u32 {
        self.dropped()
    }

    fn is_short<T: Transport<Framing = Self>>(link: &mut Link<T, Vec<u8>>) -> bool {
        link.peer().is_some()
    }

    fn link<T: Transport<Framing = Self>>(transport: T, rx: Vec<u8>, tx: Vec<u8>, boot: u64) -> Link<T, Vec<u8>> {
        Link::with_boot_number(transport, rx, tx, boot as u32)
    }
}
