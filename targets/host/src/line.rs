//! Links, clients and endpoints on serial lines.

use oncilla::framing::{self, Framing};
use oncilla::{Endpoint, Link, Table, Transport};

use crate::Connector;
use crate::connect::random;
#[cfg(feature = "serial")]
use crate::{Error, Serial};

/// A client on a serial port, with buffers of its own.
#[cfg(feature = "serial")]
pub type SerialClient = oncilla::Client<Serial, Box<[u8]>>;

/// A client on a serial port with the defaults of [`Connector`]: `serial("/dev/ttyUSB0", 115_200)`.
///
/// # Errors
/// As [`Connector::serial`].
#[cfg(feature = "serial")]
pub fn serial(path: &str, baud_rate: u32) -> Result<SerialClient, Error> {
    Connector::new().serial(path, baud_rate)
}

/// Serial lines lose and garble bytes and have a program at either end that may restart alone, so there is more to
/// agree on than on a connection: [`framing::Serial`] with a random boot number, whatever framing was said before.
///
/// - A device that takes short headers is called with them once it has introduced itself; one that speaks plain
///   [`Cobs`](framing::Cobs) is called in the standard form, at the cost of four hellos of 20 bytes that it drops, and
///   of 0.2 s before the first call.
/// - A call that loses its reply is sent again until the total time-out ([`oncilla::Retry`]).
/// - When the device restarts, the call under way ends with [`CallError::Restarted`](oncilla::CallError::Restarted)
///   and [`serve_next`](oncilla::Link::serve_next) with [`Served::Restart`](oncilla::Served::Restart), and both go on.
///   When this program restarts, the device sees another boot number.
impl<F: Framing> Connector<F> {
    /// Opens a serial port and makes a client, see [`Serial::open`].
    ///
    /// Nothing is sent yet, so it does not tell whether anybody is there: the first call does, within its time-out.
    ///
    /// # Errors
    /// [`Error::Open`].
    #[cfg(feature = "serial")]
    pub fn serial(&self, path: &str, baud_rate: u32) -> Result<SerialClient, Error> {
        Ok(oncilla::Client::new(self.link(Serial::open(path, baud_rate)?), random()))
    }

    /// A link on a serial line, with two buffers and a random boot number: for a client of any sort, or to
    /// [serve](Link::serve) one device. The transport is a [`Serial`](crate::Serial), or a
    /// [`Socket`](crate::Socket) where QEMU offers its serial line as one.
    pub fn link<T: Transport<Framing = framing::Serial>>(&self, transport: T) -> Link<T, Box<[u8]>> {
        let (rx, tx) = self.buffers();
        Link::with_boot_number(transport, rx, tx, random())
    }

    /// An [`Endpoint`] on a serial line, which calls the device and serves `table` to it; see [`link`](Self::link).
    /// Its first xid is random.
    ///
    /// ```no_run
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Host;
    /// # impl clock::Service for Host { fn now(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Host> = oncilla::table![clock::program()];
    /// use oncilla::{Beside, ReplayCache};
    /// use oncilla_host::{Connector, Serial, harmless};
    ///
    /// let port = Serial::open("/dev/ttyUSB0", 115_200)?.with_log(|what| {
    ///     if let Beside::Text(text) = what {
    ///         print!("{}", harmless(&String::from_utf8_lossy(text)));
    ///     }
    /// });
    /// let endpoint = Connector::new().endpoint(port, &TABLE, Host);
    /// endpoint.with_replay(ReplayCache::<4, 64>::new()).serve()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn endpoint<S, T: Transport<Framing = framing::Serial>>(
        &self,
        transport: T,
        table: &'static Table<S>,
        state: S,
    ) -> Endpoint<S, T, Box<[u8]>> {
        Endpoint::new(self.link(transport), table, state, random())
    }
}
