//! Time-outs, and what some instruments need.

use std::string::String;
use std::time::Duration;

use super::{Client, Error, Open};

/// The most bytes in one `device_write`, whatever the instrument accepts.
pub(super) const WRITE_MAX: u32 = 1 << 16;

/// The largest message beside its data.
const HEADERS: usize = 128;

/// How a [`Client`] connects, and how long it waits.
///
/// Each of the last five is for a habit of real instruments.
///
/// | option | for instruments |
/// |---|---|
/// | [`core_port`](Self::core_port) | whose core channel has a fixed port, perhaps behind a router, without a port mapper |
/// | [`mapper_over_tcp`](Self::mapper_over_tcp) | whose port mapper is not on UDP |
/// | [`unmarked_mapper_replies`](Self::unmarked_mapper_replies) | whose port mapper does not set the bit of the last fragment in its replies on TCP |
/// | [`reopen_links`](Self::reopen_links) | that forget links, or close a connection that was idle for some time |
/// | [`write_size`](Self::write_size) | that take fewer bytes in one call than they state |
///
/// Nothing is needed for a `maxRecvSize` of a few hundred bytes, which the standard does not allow.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) timeout: Duration,
    pub(super) lock_timeout: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) end_character: Option<u8>,
    pub(super) read_size: u32,
    pub(super) response_max: usize,
    pub(super) core_port: Option<u16>,
    pub(super) mapper: Mapper,
    pub(super) reopens_links: bool,
    pub(super) write_size: Option<u32>,
}

/// How the port mapper is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mapper {
    Udp,
    Tcp,
    /// On TCP, where each fragment is taken for the last.
    Unmarked,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// Returns the options of [`Client::open`].
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            lock_timeout: Duration::ZERO,
            connect_timeout: Duration::from_secs(5),
            end_character: None,
            read_size: 1 << 16,
            response_max: 1 << 28,
            core_port: None,
            mapper: Mapper::Udp,
            reopens_links: false,
            write_size: None,
        }
    }

    /// Opens a link to a device of a host.
    ///
    /// # Errors
    /// As [`Client::open`].
    pub fn open(self, host: &str, device: &str) -> Result<Client, Error> {
        let link = Open::new(&self, host, device)?;
        Ok(Client { options: self, host: String::from(host), device: String::from(device), link })
    }

    /// Sets how long the instrument may take for each operation. The default is ten seconds.
    ///
    /// It is for a whole message or response, in however many calls: large waveforms may need more. A query has it twice.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long each operation waits for the lock of another link. By default it fails at once.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// Sets how long connecting may take. The default is five seconds.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Ends each read at this byte, as well as at the end of the response.
    #[must_use]
    pub const fn end_character(mut self, byte: u8) -> Self {
        self.end_character = Some(byte);
        self
    }

    /// Sets the number of bytes that one `device_read` requests, at most 65 536. A response may take several.
    #[must_use]
    pub const fn read_size(mut self, bytes: u32) -> Self {
        self.read_size = if bytes > 1 << 16 { 1 << 16 } else { bytes };
        self
    }

    /// Sets the largest response in bytes. The default is 256 MiB.
    #[must_use]
    pub const fn response_max(mut self, bytes: usize) -> Self {
        self.response_max = bytes;
        self
    }

    /// Connects to this port, and does not ask the port mapper.
    #[must_use]
    pub const fn core_port(mut self, port: u16) -> Self {
        self.core_port = Some(port);
        self
    }

    /// Asks the port mapper over TCP. The default is UDP, where a call is repeated if it is lost.
    #[must_use]
    pub const fn mapper_over_tcp(mut self) -> Self {
        self.mapper = Mapper::Tcp;
        self
    }

    /// Asks the port mapper over TCP, and takes its first fragment for the whole reply.
    #[must_use]
    pub const fn unmarked_mapper_replies(mut self) -> Self {
        self.mapper = Mapper::Unmarked;
        self
    }

    /// Opens a link again that the instrument has dropped, before a message is written.
    ///
    /// A null call before each message shows whether the connection is there, which takes one more round trip. Locks,
    /// and the state that the instrument kept by link, are lost with the old link. A message is never written twice.
    #[must_use]
    pub const fn reopen_links(mut self) -> Self {
        self.reopens_links = true;
        self
    }

    /// Sets the number of bytes in one `device_write`, instead of the number that the instrument states.
    #[must_use]
    pub const fn write_size(mut self, bytes: u32) -> Self {
        self.write_size = Some(bytes);
        self
    }

    /// The size of the largest call and reply.
    pub(super) fn message_max(&self) -> usize {
        HEADERS.saturating_add(self.read_size.max(WRITE_MAX) as usize)
    }
}
