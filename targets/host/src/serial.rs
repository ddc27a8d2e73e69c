//! A serial port as a transport.

use std::io::{self, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::time::Duration;

#[cfg(unix)]
use nix::errno::Errno;
use oncilla::framing::{self, Framing};
use oncilla::{Beside, Received, Time, Transport};
#[cfg(windows)]
use serialport::COMPort as Port;
use serialport::SerialPort;
#[cfg(unix)]
use serialport::TTYPort as Port;

use crate::Error;
use crate::log::Log;
use crate::patience::Clock;
use crate::perhaps::Calls;
use crate::ports::{Refusal, find, help};
use crate::waiting::is_pause;

/// The number of bytes that a port accepts without blocking when it has room for any.
const CHUNK: usize = 256;

/// The shortest time-out of a port. Windows takes a time-out of zero as no limit.
const SHORTEST: Duration = if cfg!(windows) { Duration::from_millis(1) } else { Duration::ZERO };

/// A serial port, such as `/dev/ttyUSB0`, `COM3` or a pseudo-terminal. `F` is the framing of its messages.
///
/// The default framing is COBS with a CRC-32 and, with devices that support it, the short form. Made by
/// [`open`](Self::open), or by [`From`] of a port with other settings. Receiving and sending block at most until the
/// deadline. A port that is hung up, for example by pulling a USB plug, is the end of the stream. Restarts of the
/// device are detected by the links of a [`Connector`](crate::Connector), not by this transport.
#[derive(Debug)]
pub struct Serial<F = framing::Serial> {
    port: Port,
    clock: Clock,
    calls: Calls,
    log: Log,
    framing: PhantomData<F>,
}

impl<F> From<Port> for Serial<F> {
    fn from(port: Port) -> Self {
        Self { port, clock: Clock::new(), calls: Calls::default(), log: Log::default(), framing: PhantomData }
    }
}

impl<F> Serial<F> {
    /// Opens a port for this process alone: `baud_rate`, 8 data bits, no parity, 1 stop bit, no flow control.
    ///
    /// `port` is a name, such as `/dev/ttyUSB0` or `COM3`, or selects the port of a USB device by the numbers of its
    /// vendor and product and its serial number: `usb=2e8a:000a:E6614C311B`, or `usb=2e8a:000a` where only one is
    /// plugged in. [`ports`](crate::ports) lists both. `usb=0403:6010:FT4ABC#1` selects the USB interface 1 of a device
    /// that has several ports.
    ///
    /// **Exclusive.** On Unix the port is locked with TIOCEXCL, which refuses it to all other programs except those of root,
    /// and with `flock`, which stops other programs that use `flock`.
    ///
    /// # Errors
    /// [`Error::Open`]. It names the program that uses the port, the group to join, or the ports that exist.
    pub fn open(port: &str, baud_rate: u32) -> Result<Self, Error> {
        let path = find(port)?;
        let failed = |error: serialport::Error| {
            let refusal = refusal(&path, &error);
            let is_no_port = is_no_port(&error);
            let error = io::Error::from(error);
            // `serialport` reports a port that is in use as not found.
            let source = match refusal {
                Some(Refusal::InUse(_)) => io::Error::new(ErrorKind::ResourceBusy, error),
                None if is_no_port => io::Error::new(ErrorKind::Unsupported, error),
                None if error.kind() == ErrorKind::NotFound => io::Error::other(error),
                _ => error,
            };
            Error::Open { port: port.into(), source, help: refusal.and_then(help) }
        };
        serialport::new(&path, baud_rate).open_native().map(Self::from).map_err(failed)
    }

    /// Passes text and logs of the device, and noise on the line, to `show` ([`Beside`]). Without this they are
    /// dropped.
    ///
    /// `show` runs on the thread that waits for a message on the link, and delays it. While no thread waits, the bytes
    /// stay in the system's buffer, and are lost if it overflows.
    #[must_use]
    pub fn with_log(self, show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        Self { log: Log::to(show), ..self }
    }

    /// States that the port is a client's. Its errors then state that the call may have been executed.
    pub(crate) fn of_client(self) -> Self {
        Self { calls: Calls::Unsent, ..self }
    }

    /// Returns the port. Do not change its time-out, which this transport sets.
    pub const fn port(&mut self) -> &mut Port {
        &mut self.port
    }

    /// Makes the next wait of the port last until the deadline. Returns whether any time is left.
    fn wait_until(&mut self, deadline: Time) -> io::Result<bool> {
        let left = if deadline == Time::NEVER { Duration::MAX } else { deadline.since(self.clock.now()) };
        self.port.set_timeout(left.max(SHORTEST))?;
        Ok(!left.is_zero())
    }

    /// Returns how many bytes to ask the system for: here it returns those that have arrived.
    #[cfg(unix)]
    const fn wanted(&self, room: usize) -> usize {
        room
    }

    /// Returns how many bytes to ask the system for: those that have arrived, or 1 to wait for.
    ///
    /// Windows returns what has arrived to a request for more. Wine waits for all of it.
    #[cfg(windows)]
    fn wanted(&self, room: usize) -> usize {
        // An error is reported by the read.
        let arrived = self.port.bytes_to_read().unwrap_or_default();
        usize::try_from(arrived).unwrap_or(room).max(1).min(room)
    }
}

impl<F: Framing> Transport for Serial<F> {
    type Error = io::Error;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            let time_left = self.wait_until(deadline)?;
            let length = self.wanted(into.len());
            match self.port.read(&mut into[..length]) {
                Ok(0) => return Ok(Received::End),
                Ok(length) => return Ok(Received::Bytes(length)),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Received::End),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(self.calls.explain(error)),
            }
            if !time_left {
                return Ok(Received::TimeUp);
            }
        }
    }

    /// Returns false: the system reports no noise, only a port that is gone.
    fn is_noise(&self, _: &io::Error) -> bool {
        false
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let mut sent = 0;
        while sent < frame.len() {
            let time_left = self.wait_until(deadline)?;
            let rest = &frame[sent..];
            match self.port.write(&rest[..rest.len().min(CHUNK)]) {
                // Windows reports a time-out as no bytes.
                Ok(0) if !time_left => break,
                Ok(length) => sent += length,
                Err(error) if is_pause(&error) => {
                    if !time_left {
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        if sent == frame.len() {
            self.calls.sent();
        }
        Ok(sent)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.log.show(what);
    }
}

/// Returns whether a port could not be opened because it is none.
#[cfg(unix)]
fn is_no_port(error: &serialport::Error) -> bool {
    // ENOTTY has no kind in `serialport`.
    error.description == Errno::ENOTTY.desc()
}

#[cfg(windows)]
const fn is_no_port(_: &serialport::Error) -> bool {
    false
}

/// Returns why a port could not be opened, where it is known.
#[cfg(unix)]
fn refusal<'p>(path: &'p str, error: &serialport::Error) -> Option<Refusal<'p>> {
    match error.kind() {
        serialport::ErrorKind::Io(ErrorKind::NotFound) => Some(Refusal::Missing),
        serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => Some(Refusal::Denied(path)),
        serialport::ErrorKind::NoDevice => Some(Refusal::InUse(path)),
        _ => None,
    }
}

/// Returns why a port could not be opened, where it is known.
#[cfg(windows)]
fn refusal<'p>(path: &'p str, error: &serialport::Error) -> Option<Refusal<'p>> {
    // ERROR_ACCESS_DENIED has no kind of its own in `serialport`, and its text depends on the system's language. Windows
    // reports it for ports that another program uses.
    let is_denied = io::Error::from_raw_os_error(5).to_string().starts_with(&error.description);
    match error.kind() {
        serialport::ErrorKind::NoDevice if is_denied => Some(Refusal::InUse(path)),
        serialport::ErrorKind::NoDevice => Some(Refusal::Missing),
        _ => None,
    }
}
