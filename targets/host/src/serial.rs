//! A serial port as a transport.

use std::io::{self, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::path::Path;
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
    log: Log,
    framing: PhantomData<F>,
}

impl<F> From<Port> for Serial<F> {
    fn from(port: Port) -> Self {
        Self { port, clock: Clock::new(), log: Log::default(), framing: PhantomData }
    }
}

impl<F> Serial<F> {
    /// Opens a port for this process alone: `baud_rate`, 8 data bits, no parity, 1 stop bit, no flow control.
    ///
    /// # Errors
    /// [`Error::Open`].
    pub fn open(path: &str, baud_rate: u32) -> Result<Self, Error> {
        let failed = |error: serialport::Error| {
            let (is_no_port, is_denied) = (is_no_port(&error), is_denied(&error));
            let error = io::Error::from(error);
            // `serialport` reports a port that this user may not open, or that is in use, as not found.
            let misnamed = error.kind() == ErrorKind::NotFound && (is_denied || Path::new(path).exists());
            let source = if misnamed {
                io::Error::other(error)
            } else if is_no_port {
                io::Error::new(ErrorKind::Unsupported, error)
            } else {
                error
            };
            Error::Open { port: path.into(), source }
        };
        serialport::new(path, baud_rate).open_native().map(Self::from).map_err(failed)
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
            match self.port.read(into) {
                Ok(0) => return Ok(Received::End),
                Ok(length) => return Ok(Received::Bytes(length)),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Received::End),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
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

/// Returns whether a port could not be opened because another program uses it or this user may not.
#[cfg(unix)]
const fn is_denied(_: &serialport::Error) -> bool {
    false
}

#[cfg(windows)]
fn is_denied(error: &serialport::Error) -> bool {
    // ERROR_ACCESS_DENIED has no kind of its own in `serialport`, and its text depends on the system's language.
    io::Error::from_raw_os_error(5).to_string().starts_with(&error.description)
}
