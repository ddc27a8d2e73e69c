//! A connected socket as a transport.

use std::io;
use std::marker::PhantomData;

use oncilla::framing::{Framing, RecordAhead};
use oncilla::{Beside, Received, Time, Transport};

use crate::datagram::{Inbox, is_passing};
use crate::log::Log;
use crate::perhaps::Calls;
#[cfg(feature = "tls")]
use crate::tls::{Opener, Secured, Session};
use crate::waiting::{self, Waiting};

/// A connected TCP, UDP or Unix socket. `F` is the framing of its messages.
///
/// Made by [`From`] of a connected socket of std. The default framing is record marking. Use
/// [`Datagram`](oncilla::framing::Datagram) for UDP, and [`Serial`](oncilla::framing::Serial) for firmware whose serial
/// line QEMU offers as a Unix socket.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// use oncilla::{Client, Link};
/// use oncilla_host::Socket;
/// use std::os::unix::net::UnixStream;
///
/// let (near, far) = UnixStream::pair()?;
/// let far: Socket = far.into();
/// let serving = std::thread::spawn(move || Link::new(far, [0; 512], [0; 512]).serve(&TABLE, &mut Device));
///
/// let near: Socket = near.into();
/// let mut client = Client::new(Link::new(near, [0; 512], [0; 512]), 1);
/// assert_eq!(clock::Client::new(&mut client).now()?, 7);
/// # drop(client);
/// # serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Time.** Receiving and sending block at most until the deadline, to the precision of the system's timer (a few
/// milliseconds). A message is sent in one system call. A message that has arrived whole is received in one. Setting
/// time-outs takes no further system calls while calls have about the same time left.
///
/// **Datagrams.** When the system reports that no program receives on the peer's port (ICMP), the call does not end:
/// the server may be restarting, and the call is retransmitted until its time-out. A datagram that is larger than the
/// buffer is [`Received::Oversize`].
#[derive(Debug)]
pub struct Socket<F = RecordAhead> {
    socket: socket2::Socket,
    waiting: Waiting,
    /// The socket carries datagrams, not a stream.
    datagrams: Option<Inbox>,
    #[cfg(feature = "tls")]
    tls: Option<Box<(Session, Opener)>>,
    /// Report an error when the system reports that no program receives on the peer's port.
    heeds_refusals: bool,
    calls: Calls,
    log: Log,
    framing: PhantomData<F>,
}

impl<F: Framing, S: Into<socket2::Socket>> From<S> for Socket<F> {
    /// Takes a connected socket and sets its blocking mode.
    fn from(socket: S) -> Self {
        let socket = socket.into();
        let is_datagram = socket.r#type().is_ok_and(|kind| kind == socket2::Type::DGRAM);
        Self {
            datagrams: is_datagram.then(Inbox::new),
            #[cfg(feature = "tls")]
            tls: None,
            heeds_refusals: false,
            calls: Calls::default(),
            waiting: Waiting::on(&socket),
            socket,
            log: Log::default(),
            framing: PhantomData,
        }
    }
}

impl<F> Socket<F> {
    /// Passes text, logs and noise beside messages to `show` ([`Beside`]), for a socket that stands for a serial line.
    ///
    /// Without this they are dropped. `show` runs on the thread that waits for a message on the link, and delays it.
    #[must_use]
    pub fn with_log(mut self, show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        self.log = Log::to(show);
        self
    }

    /// Returns the socket, for its addresses and options. Do not change its time-outs and blocking mode.
    pub const fn socket(&self) -> &socket2::Socket {
        &self.socket
    }

    /// States that the socket is a client's. Its errors then state that the call may have been executed.
    pub(crate) const fn of_client(mut self) -> Self {
        self.calls = Calls::Unsent;
        self
    }

    /// Makes a call end when the system reports that no program receives on the peer's port.
    pub(crate) const fn heed_refusals(&mut self) {
        self.heeds_refusals = true;
    }

    /// Sends a datagram. If no program receives it, it is lost and no error: a later datagram may reach one.
    fn send_datagram(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        // The system may report here that an earlier datagram reached no program, and does not send this one.
        for _ in 0..2 {
            match self.waiting.send(&self.socket, frame, deadline) {
                Err(error) if is_passing(&error) => {}
                result => return result,
            }
        }
        Ok(frame.len())
    }
}

impl<F: Framing> Transport for Socket<F> {
    type Error = io::Error;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.waiting.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        #[cfg(feature = "tls")]
        let tls = &mut self.tls;
        let Self { socket, waiting, datagrams, heeds_refusals, calls, .. } = self;
        let received = waiting.receive(&*socket, deadline, |flags| {
            if let Some(inbox) = datagrams {
                return match inbox.take_from_peer(&*socket, into, flags) {
                    Err(error) if is_passing(&error) && !*heeds_refusals => Ok(None),
                    taken => Ok(taken?.received(into.len())),
                };
            }
            #[cfg(feature = "tls")]
            if let Some(tls) = tls {
                let (session, opener) = &mut **tls;
                let opened = session.receive(opener, into, |room| waiting::receive(socket, room, flags))?;
                return Ok(opened.map(received_bytes));
            }
            Ok(Some(received_bytes(waiting::receive(socket, into, flags)?)))
        });
        Ok(received.map_err(|error| calls.explain(error))?.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let sent = match self.datagrams {
            Some(_) => self.send_datagram(frame, deadline)?,
            #[cfg(feature = "tls")]
            None if self.tls.is_some() => self.send_sealed(frame, deadline)?,
            None => self.waiting.send(&self.socket, frame, deadline)?,
        };
        if sent == frame.len() {
            self.calls.sent();
        }
        Ok(sent)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.log.show(what);
    }
}

/// Returns what a stream received. No bytes are its end.
const fn received_bytes(length: usize) -> Received {
    match length {
        0 => Received::End,
        length => Received::Bytes(length),
    }
}

#[cfg(feature = "tls")]
impl<F: Framing> From<Secured> for Socket<F> {
    fn from(Secured { socket, session, opener }: Secured) -> Self {
        let mut socket = Self::from(socket);
        socket.tls = Some(Box::new((session, opener)));
        socket
    }
}

#[cfg(feature = "tls")]
impl<F> Socket<F> {
    /// Seals a frame and sends it, until the deadline. Returns the number of bytes that was sent.
    fn send_sealed(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let Some(tls) = &self.tls else { return Ok(0) };
        let (session, _) = &**tls;
        let sealed = session.seal(frame)?;
        let sent = self.waiting.send(&self.socket, &sealed, deadline);
        if !matches!(sent, Ok(sent) if sent == sealed.len()) {
            session.break_off();
        }
        Ok(match sent? {
            sent if sent == sealed.len() => frame.len(),
            // Sealed bytes cannot be taken back. So a part of the frame counts as sent, also when none of it was.
            sent => sent.clamp(1, frame.len().saturating_sub(1).max(1)),
        })
    }
}

#[cfg(feature = "tls")]
impl<F> Drop for Socket<F> {
    fn drop(&mut self) {
        if let Some(tls) = &self.tls {
            // The peer may be gone.
            let _ = waiting::send(&self.socket, &tls.0.farewell(), waiting::NOW);
        }
    }
}
