//! A serial port as a transport.

use std::io::{self, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::path::Path;
use std::time::Duration;

use oncilla::framing::{self, Framing};
use oncilla::{Beside, Received, Time, Transport};
use serialport::{SerialPort, TTYPort};

use crate::Error;
use crate::log::Log;
use crate::patience::Clock;
use crate::waiting::is_pause;

/// Bytes that a port which takes any at all takes without blocking.
const CHUNK: usize = 256;

/// A serial port, such as `/dev/ttyUSB0` or a pseudo-terminal, whose messages are framed by `F`: COBS with a CRC-32,
/// with short headers where the other end takes them, unless said otherwise.
///
/// Made by [`open`](Self::open), or by [`From`] of a port with settings of its own. It blocks at most
/// until the deadline that it is given. A port that is hung up, as by pulling a USB plug, is the end. That the
/// device has restarted is no matter of the port: [`Connector`](crate::Connector) makes links that notice it.
#[derive(Debug)]
pub struct Serial<F = framing::Serial> {
    port: TTYPort,
    clock: Clock,
    log: Log,
    framing: PhantomData<F>,
}

impl<F> From<TTYPort> for Serial<F> {
    fn from(port: TTYPort) -> Self {
        Self { port, clock: Clock::new(), log: Log::default(), framing: PhantomData }
    }
}

impl<F> Serial<F> {
    /// Opens a port, for no other process at the same time, with eight data bits, no parity, one stop
    /// bit, no flow control, and so many bits a second.
    ///
    /// # Errors
    /// [`Error::Open`].
    pub fn open(path: &str, baud_rate: u32) -> Result<Self, Error> {
        let failed = |error: serialport::Error| {
            let error = io::Error::from(error);
            // A port that this user may not open, or that is in use, is told as one that is not there.
            let misnamed = error.kind() == ErrorKind::NotFound && Path::new(path).exists();
            let source = if misnamed { io::Error::other(error) } else { error };
            Error::Open { port: path.into(), source }
        };
        serialport::new(path, baud_rate).open_native().map(Self::from).map_err(failed)
    }

    /// The same port, which shows `show` what comes beside messages: text and binary logs of the device, and bytes that
    /// are neither ([`Beside`]). Without it that is dropped.
    ///
    /// `show` is called by whoever waits for a message on the link, while it waits, and keeps it waiting; what comes
    /// while nobody waits is shown later, or lost when the system's buffer overflows.
    #[must_use]
    pub fn with_log(self, show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        Self { log: Log::to(show), ..self }
    }

    /// The port itself. Its time-out is this transport's.
    pub const fn port(&mut self) -> &mut TTYPort {
        &mut self.port
    }

    /// Lets the next wait of the port last until the deadline. Returns whether there is any time.
    fn wait_until(&mut self, deadline: Time) -> io::Result<bool> {
        let left = if deadline == Time::NEVER { Duration::MAX } else { deadline.since(self.clock.now()) };
        self.port.set_timeout(left)?;
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

    /// The system reports no noise: its errors are of a port that is gone.
    fn is_noise(&self, _: &io::Error) -> bool {
        false
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let mut sent = 0;
        while sent < frame.len() {
            let time_left = self.wait_until(deadline)?;
            let rest = &frame[sent..];
            match self.port.write(&rest[..rest.len().min(CHUNK)]) {
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
