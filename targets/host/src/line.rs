//! Clients, links and endpoints on serial lines.

use oncilla::framing::{self, Framing};
use oncilla::{Endpoint, Link, Table, Transport};

use crate::Connector;
use crate::connect::random;
#[cfg(feature = "serial")]
use crate::{Error, Serial};

/// A client on a serial port, with its own buffers.
#[cfg(feature = "serial")]
pub type SerialClient = oncilla::Client<Serial, Box<[u8]>>;

/// Opens a serial port and returns a client, with the defaults of [`Connector`].
///
/// ```no_run
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// use std::time::Duration;
///
/// let mut client = oncilla_host::serial("/dev/ttyUSB0", 115_200)?;
/// client.set_timeout(Duration::from_secs(2));
/// println!("{}", clock::Client::new(&mut client).now()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// In a test, [`pipe`](crate::pipe) or a pseudo-terminal stands for the port:
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// use oncilla::{Link, framing::Serial};
/// use oncilla_host::Connector;
///
/// let (firmware, host) = oncilla_host::pipe::<Serial>();
/// let serving = std::thread::spawn(move || {
///     Link::with_boot_number(firmware, [0; 128], [0; 128], 1).serve(&TABLE, &mut Device)
/// });
/// let mut client = oncilla::Client::new(Connector::new().link(host), 1);
/// assert_eq!(clock::Client::new(&mut client).now()?, 7);
/// # drop(client);
/// # serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Connector::serial`].
#[cfg(feature = "serial")]
pub fn serial(path: &str, baud_rate: u32) -> Result<SerialClient, Error> {
    Connector::new().serial(path, baud_rate)
}

/// # Serial lines
/// A serial line loses and damages bytes, and either peer may restart alone. Therefore links on serial lines use
/// [`framing::Serial`] with a random boot number, whatever [`framing`](Self::framing) was set:
///
/// - **Headers.** A device that supports the short form is called in it after the exchange of hellos. A device with
///   plain [`Cobs`](framing::Cobs) is called in the full form. It drops four hellos of 20 bytes, and the first call
///   waits 0.2 s.
/// - **Lost calls.** A call without a reply is retransmitted until its total time-out ([`oncilla::Retry`]).
/// - **Restarts.** When the device restarts, the call in progress ends with
///   [`CallError::Restarted`](oncilla::CallError::Restarted) and [`serve_next`](oncilla::Link::serve_next) returns
///   [`Served::Restart`](oncilla::Served::Restart). Both can be called again. When this program restarts, the device
///   sees another boot number.
impl<F: Framing> Connector<F> {
    /// Opens a serial port and returns a client. [`Serial::open`] describes the settings of the port.
    ///
    /// Nothing is sent yet, so an absent device is no error here. The first call reports it, within its time-out.
    ///
    /// # Errors
    /// [`Error::Open`]. [`Error::Size`] when the buffer is too large.
    #[cfg(feature = "serial")]
    pub fn serial(&self, path: &str, baud_rate: u32) -> Result<SerialClient, Error> {
        self.check()?;
        Ok(oncilla::Client::new(self.link(Serial::open(path, baud_rate)?.of_client()), random()))
    }

    /// Returns a link on a serial line, with two buffers and a random boot number.
    ///
    /// Use it for a client with other parts, or to [serve](Link::serve) one device. The transport is a
    /// [`Serial`](crate::Serial), or a [`Socket`](crate::Socket) when QEMU offers its serial line as one.
    pub fn link<T: Transport<Framing = framing::Serial>>(&self, transport: T) -> Link<T, Box<[u8]>> {
        let (rx, tx) = self.buffers();
        Link::with_boot_number(transport, rx, tx, random())
    }

    /// Returns an [`Endpoint`] on a serial line: it calls the device and serves `table` to it.
    ///
    /// The link is made by [`link`](Self::link), the first xid is random.
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
