//! A client of instruments.

mod error;
mod mapper;
mod options;
mod service;

use std::fmt;
use std::string::String;
use std::time::{Duration, Instant};
use std::vec::Vec;

use oncilla_host::Connector;

use crate::interface::{
    CreateLinkParms, DeviceError, DeviceGenericParms, DeviceLockParms, DeviceReadParms, DeviceWriteParms,
    device_async_version as async_channel, device_core_version as core_channel,
};
use crate::{ErrorCode, flags, reason};
pub use error::Error;
pub use options::Options;
pub use service::ServiceRequests;

/// How much longer than the instrument a call waits.
const MARGIN: Duration = Duration::from_secs(3);

/// A connection to an instrument, with one link.
///
/// ```no_run
/// use oncilla_vxi11::Client;
///
/// let mut meter = Client::open("192.0.2.7", "inst0")?;
/// println!("{}", meter.query("*IDN?")?);
/// meter.write("CONF:VOLT 10")?;
/// let volts: f64 = meter.query("READ?")?.parse()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Dropping it destroys the link. [`Options`] has the time-outs, and what some instruments need.
pub struct Client {
    options: Options,
    host: String,
    device: String,
    link: Open,
}

/// An open link.
struct Open {
    core: oncilla_host::Client,
    lid: i32,
    abort_port: u16,
    /// The most bytes in one `device_write`.
    write_max: usize,
    core_port: u16,
}

/// A procedure of the core channel whose arguments are the generic ones.
type Generic = fn(
    &mut core_channel::Client<&mut oncilla_host::Client>,
    DeviceGenericParms,
) -> Result<DeviceError, oncilla::CallError<std::io::Error>>;

impl Client {
    /// Opens a link to a device of a host, such as `inst0`.
    ///
    /// # Errors
    /// [`Error`]. The port mapper of the host returns no port, the host refuses the connection, or the device does not
    /// accept the link.
    pub fn open(host: &str, device: &str) -> Result<Self, Error> {
        Options::new().open(host, device)
    }

    /// Returns options, to open a link with some of them: `Client::options().core_port(1024).open("192.0.2.7", "inst0")`.
    #[must_use]
    pub const fn options() -> Options {
        Options::new()
    }

    /// Sets the time-out of the instrument for later calls.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.options.timeout = timeout;
    }

    /// Writes a message, in as many parts as the instrument requires.
    ///
    /// # Errors
    /// [`Error::Instrument`], for instance with [`ErrorCode::TIMED_OUT`] or [`ErrorCode::LOCKED`]; or the call failed.
    pub fn write(&mut self, message: impl AsRef<[u8]>) -> Result<(), Error> {
        let message = message.as_ref();
        self.revive()?;
        match self.write_parts(message) {
            // The instrument has forgotten the link, so it has taken nothing of this message.
            Err(Error::Instrument { code: ErrorCode::INVALID_LINK, .. }) if self.options.reopens_links => {
                self.reopen()?;
                self.write_parts(message)
            }
            written => written,
        }
    }

    fn write_parts(&mut self, message: &[u8]) -> Result<(), Error> {
        let mut rest = message;
        let (end, mut timeout) = (self.end(), self.options.timeout);
        while !rest.is_empty() {
            let (part, later) = rest.split_at(rest.len().min(self.link.write_max));
            let flags = self.lock_flag() | if later.is_empty() { flags::END } else { 0 };
            let (io_timeout, lock_timeout) = (milliseconds(timeout), milliseconds(self.options.lock_timeout));
            let parameters = DeviceWriteParms { lid: self.link.lid, io_timeout, lock_timeout, flags, data: part };
            let written = self.core_within(timeout).device_write(parameters).map_err(Error::call("device_write"))?;
            check("device_write", written.error)?;
            let taken = part.len().min(written.size as usize);
            if taken == 0 {
                return Err(Error::Instrument { operation: "device_write", code: ErrorCode::IO });
            }
            rest = rest.get(taken..).unwrap_or_default();
            if !rest.is_empty() {
                let late = Error::Instrument { operation: "device_write", code: ErrorCode::TIMED_OUT };
                timeout = self.left(end).ok_or(late)?;
            }
        }
        Ok(())
    }

    /// Reads a response to its end, or to the [end character](Options::end_character).
    ///
    /// # Errors
    /// [`Error::Read`] has the bytes that came before the error; or the call failed. An instrument that returns a little
    /// again and again has the time-out for the whole response.
    pub fn read(&mut self) -> Result<Vec<u8>, Error> {
        let (_, lock_timeout) = self.timeouts();
        let character = self.options.end_character;
        let flags = self.lock_flag() | if character.is_some() { flags::TERM_CHAR } else { 0 };
        let parameters = DeviceReadParms {
            lid: self.link.lid,
            request_size: self.options.read_size,
            io_timeout: 0,
            lock_timeout,
            flags,
            term_char: character.unwrap_or(0).into(),
        };
        let (limit, end) = (self.options.response_max, self.end());
        let mut timeout = self.options.timeout;
        let mut received = Vec::new();
        loop {
            let mut core = self.core_within(timeout);
            let parameters = DeviceReadParms { io_timeout: milliseconds(timeout), ..parameters.clone() };
            let read = core.device_read(parameters).map_err(Error::call("device_read"))?;
            received.extend_from_slice(read.data);
            let (error, reasons) = (ErrorCode(read.error), read.reason);
            if error != ErrorCode::NONE {
                return Err(Error::Read { code: error, received });
            }
            if reasons & (reason::END | reason::CHAR) != 0 {
                return Ok(received);
            }
            if received.len() > limit {
                return Err(Error::TooLarge { limit });
            }
            // Also an instrument that returns a little again and again, or nothing without an error, has this time only.
            match self.left(end) {
                Some(left) => timeout = left,
                None => return Err(Error::Read { code: ErrorCode::TIMED_OUT, received }),
            }
        }
    }

    /// Writes a query, and returns the response as text, without the end of its line.
    ///
    /// # Errors
    /// Those of [`write`](Self::write) and [`read`](Self::read), and [`Error::NotText`].
    pub fn query(&mut self, message: &str) -> Result<String, Error> {
        self.write(message)?;
        let mut text = String::from_utf8(self.read()?).map_err(|error| Error::NotText(error.into_bytes()))?;
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
        Ok(text)
    }

    /// Returns the status byte, by a serial poll.
    ///
    /// # Errors
    /// [`Error::Instrument`], or the call failed.
    pub fn status_byte(&mut self) -> Result<u8, Error> {
        let parameters = self.generic();
        let status = self.core().device_readstb(parameters).map_err(Error::call("device_readstb"))?;
        check("device_readstb", status.error)?;
        Ok(status.stb)
    }

    /// Triggers the instrument.
    ///
    /// # Errors
    /// [`Error::Instrument`], or the call failed.
    pub fn trigger(&mut self) -> Result<(), Error> {
        self.operate("device_trigger", |client, parameters| client.device_trigger(parameters))
    }

    /// Clears the input and the output of the instrument.
    ///
    /// # Errors
    /// [`Error::Instrument`], or the call failed.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.operate("device_clear", |client, parameters| client.device_clear(parameters))
    }

    /// Puts the instrument into the remote state.
    ///
    /// # Errors
    /// [`Error::Instrument`], or the call failed.
    pub fn remote(&mut self) -> Result<(), Error> {
        self.operate("device_remote", |client, parameters| client.device_remote(parameters))
    }

    /// Puts the instrument into the local state.
    ///
    /// # Errors
    /// [`Error::Instrument`], or the call failed.
    pub fn local(&mut self) -> Result<(), Error> {
        self.operate("device_local", |client, parameters| client.device_local(parameters))
    }

    fn operate(&mut self, operation: &'static str, procedure: Generic) -> Result<(), Error> {
        let parameters = self.generic();
        let done = procedure(&mut self.core(), parameters).map_err(Error::call(operation))?;
        check(operation, done.error)
    }

    /// Locks the instrument for this link. Waits for the lock of another link as [`Options::lock_timeout`] says.
    ///
    /// # Errors
    /// [`Error::Instrument`] with [`ErrorCode::LOCKED`], also if this link has the lock; or the call failed.
    pub fn lock(&mut self) -> Result<(), Error> {
        let (_, lock_timeout) = self.timeouts();
        let parameters = DeviceLockParms { lid: self.link.lid, flags: self.lock_flag(), lock_timeout };
        let done = self.core().device_lock(parameters).map_err(Error::call("device_lock"))?;
        check("device_lock", done.error)
    }

    /// Frees the lock.
    ///
    /// # Errors
    /// [`Error::Instrument`] with [`ErrorCode::NOT_LOCKED`] if this link does not have it; or the call failed.
    pub fn unlock(&mut self) -> Result<(), Error> {
        let lid = self.link.lid;
        let done = self.core().device_unlock(lid).map_err(Error::call("device_unlock"))?;
        check("device_unlock", done.error)
    }

    /// Connects to the abort channel, so that another thread can end a call of this client that waits.
    ///
    /// # Errors
    /// The instrument refuses the connection.
    pub fn aborter(&self) -> Result<Aborter, Error> {
        let connector = Connector::new().buffer(256).connect_timeout(self.options.connect_timeout);
        let channel = connector.tcp((self.host.as_str(), self.link.abort_port)).map_err(Error::Connect)?;
        Ok(Aborter { channel, lid: self.link.lid })
    }

    /// Opens the link again, on another connection.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn reopen(&mut self) -> Result<(), Error> {
        self.link = Open::new(&self.options, &self.host, &self.device)?;
        Ok(())
    }

    /// Opens the link again if the instrument has closed the connection.
    ///
    /// A call that does nothing shows it. After a message that was lost it would be unknown whether it was executed.
    fn revive(&mut self) -> Result<(), Error> {
        if self.options.reopens_links && self.core().null().is_err() {
            self.reopen()?;
        }
        Ok(())
    }

    /// The core channel, with the time-out of the next call.
    fn core(&mut self) -> core_channel::Client<&mut oncilla_host::Client> {
        self.core_within(self.options.timeout)
    }

    /// The core channel for a call for which the instrument has this time-out.
    fn core_within(&mut self, timeout: Duration) -> core_channel::Client<&mut oncilla_host::Client> {
        let lock_timeout = self.options.lock_timeout;
        // Observation B.4.6: more than the sum of both.
        self.link.core.set_timeout(timeout.saturating_add(lock_timeout).saturating_add(MARGIN));
        core_channel::Client::new(&mut self.link.core)
    }

    /// The time-outs of the instrument in milliseconds: for the operation, and for a lock.
    fn timeouts(&self) -> (u32, u32) {
        (milliseconds(self.options.timeout), milliseconds(self.options.lock_timeout))
    }

    /// Returns when an operation that begins now must have ended, with the time-out of a lock before it.
    fn end(&self) -> Option<Instant> {
        Instant::now().checked_add(self.options.timeout.saturating_add(self.options.lock_timeout))
    }

    /// Returns the time-out of the next call of an operation, or `None` if its time is over.
    fn left(&self, end: Option<Instant>) -> Option<Duration> {
        let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        (!left.is_zero()).then_some(left.min(self.options.timeout))
    }

    fn lock_flag(&self) -> i32 {
        if self.options.lock_timeout.is_zero() { 0 } else { flags::WAIT_LOCK }
    }

    fn generic(&self) -> DeviceGenericParms {
        let (io_timeout, lock_timeout) = self.timeouts();
        DeviceGenericParms { lid: self.link.lid, flags: self.lock_flag(), lock_timeout, io_timeout }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // The instrument also frees the link when the connection ends.
        self.link.core.set_timeout(Duration::from_secs(1));
        let _ = core_channel::Client::new(&mut self.link.core).destroy_link(self.link.lid);
    }
}

impl Open {
    fn new(options: &Options, host: &str, device: &str) -> Result<Self, Error> {
        let core_port = match options.core_port {
            Some(port) => port,
            None => mapper::core_port(options, host)?,
        };
        let connector = Connector::new().connect_timeout(options.connect_timeout);
        let connector = connector.message_max(options.message_max());
        let mut core = connector.tcp((host, core_port)).map_err(Error::Connect)?;
        core.set_timeout(options.timeout.saturating_add(MARGIN));
        let parameters = CreateLinkParms { client_id: 0, lock_device: false, lock_timeout: 0, device };
        let link = core_channel::Client::new(&mut core).create_link(parameters).map_err(Error::call("create_link"))?;
        check("create_link", link.error)?;
        let write_max = options.write_size.unwrap_or(link.max_recv_size).clamp(1, options::WRITE_MAX) as usize;
        Ok(Self { core, lid: link.lid, abort_port: link.abort_port, write_max, core_port })
    }
}

/// The abort channel of a [`Client`], for another thread.
pub struct Aborter {
    channel: oncilla_host::Client,
    lid: i32,
}

impl Aborter {
    /// Ends the call of the client that is in progress, if there is one. That call returns [`ErrorCode::ABORTED`].
    ///
    /// # Errors
    /// [`Error::Instrument`], or the call failed.
    pub fn abort(&mut self) -> Result<(), Error> {
        let done =
            async_channel::Client::new(&mut self.channel).abort(self.lid).map_err(Error::call("device_abort"))?;
        check("device_abort", done.error)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { options, host, device, link } = self;
        let mut client = formatter.debug_struct("Client");
        client.field("host", host).field("device", device).field("lid", &link.lid).field("options", options).finish()
    }
}

impl fmt::Debug for Aborter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Aborter").field("lid", &self.lid).finish_non_exhaustive()
    }
}

/// Separates the errors of the instrument.
const fn check(operation: &'static str, error: i32) -> Result<(), Error> {
    match error {
        0 => Ok(()),
        error => Err(Error::Instrument { operation, code: ErrorCode(error) }),
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
