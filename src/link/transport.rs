//! What a carrier of bytes or datagrams must do.

use core::net::SocketAddr;

use super::time::Time;
use crate::framing::Framing;

/// Bytes and a clock: the one thing that a port to another system provides.
///
/// The transport owns the clock because it is the one who waits. Deadlines are instants of that
/// clock, so that waiting again after a stranger's message does not begin anew. Nothing else here knows what time it
/// is, or sleeps; how the transport waits is its own business:
///
/// - the operating system's time-out, as below and in `oncilla-host`;
/// - an interrupt, on bare metal, or an RTOS's tick: [`Stream`](crate::Stream) makes a transport of a stream and a
///   [`Clock`](crate::Clock), which has an example of each.
///
/// The clock never goes back. It may be coarse: a deadline is kept to its tick.
///
/// ```
/// use oncilla::{Received, Time, Transport, framing::Record};
/// use std::io::{self, ErrorKind::{TimedOut, WouldBlock}, Read, Write};
/// use std::net::TcpStream;
/// use std::time::{Duration, Instant};
///
/// struct Socket {
///     stream: TcpStream,
///     start: Instant,
/// }
///
/// impl Socket {
///     /// What the system takes for a time-out: `None` is for ever, and zero an error.
///     fn left(&mut self, deadline: Time) -> Option<Duration> {
///         let left = deadline.since(self.now()).max(Duration::from_micros(1));
///         (deadline != Time::NEVER).then_some(left)
///     }
/// }
///
/// impl Transport for Socket {
///     type Error = io::Error;
///     type Framing = Record;
///
///     fn now(&mut self) -> Time {
///         Time::ZERO.after(self.start.elapsed())
///     }
///
///     fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
///         let left = self.left(deadline);
///         self.stream.set_read_timeout(left)?;
///         match self.stream.read(into) {
///             Ok(0) => Ok(Received::End),
///             Ok(length) => Ok(Received::Bytes(length)),
///             Err(error) if matches!(error.kind(), WouldBlock | TimedOut) => Ok(Received::TimeUp),
///             Err(error) => Err(error),
///         }
///     }
///
///     fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
///         let left = self.left(deadline);
///         self.stream.set_write_timeout(left)?;
///         match self.stream.write(frame) {
///             Err(error) if matches!(error.kind(), WouldBlock | TimedOut) => Ok(0),
///             written => written,
///         }
///     }
/// }
/// # oncilla::program! { mod silent = 0x2000_0001, version 1 {} }
/// # fn main() -> io::Result<()> {
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let stream = TcpStream::connect(listener.local_addr()?)?;
/// # let link = oncilla::Link::new(Socket { stream, start: Instant::now() }, [0; 64], [0; 64]);
/// # let mut client = oncilla::Client::new(link, 1);
/// # let after = Duration::from_millis(20);
/// # client.set_timeout(after);
/// # let silence = silent::Client::new(&mut client).null();
/// # assert!(matches!(silence, Err(oncilla::CallError::TimedOut { after: total, unframed: 0 }) if total == after), "{silence:?}");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transport",
    label = "this does not carry messages",
    note = "`Stream<F, U>` is a transport if `U` implements `Read` and `Write` of embedded-io 0.7; the traits of other versions are other traits",
    note = "with a clock other than `Forever`, `U` must implement `ReadReady` too, and the clock `oncilla::Clock`",
    note = "a board's or system's own carrier implements `oncilla::Transport`; sockets and serial ports of a host are in `oncilla-host`"
)]
pub trait Transport {
    /// What can go wrong below, such as a serial line's framing error or an operating system's error.
    type Error;

    /// How messages are cut out of what is received.
    type Framing: Framing;

    /// The present instant.
    fn now(&mut self) -> Time;

    /// Where what was received last came from, on a carrier with many peers. A server's `authorize` sees
    /// it, and a replay cache tells peers apart by it. `None` by default: there is one, at the other end.
    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    /// Waits for bytes until `deadline`, at least once looking whether some are there, and puts them
    /// at the start of `into`, which is never empty. It does not wait for `into` to be full.
    ///
    /// # Errors
    /// The transport's own. The bytes that came before the error are not lost: they were returned
    /// earlier or are returned later. An error that [`is_noise`](Self::is_noise) does not end a call.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error>;

    /// Whether an error of [`receive`](Self::receive) is noise on the line, such as an overrun, a framing or a parity
    /// error, after which receiving goes on. Asked only on serial framings ([`Framing::NOISY`]), where it is `true` by
    /// default. On other framings every error is returned at once.
    ///
    /// Noise is counted ([`Link::noise`](crate::Link::noise)); the check value of the framing drops the message it hit.
    /// Calls and servers wait on until their deadline. The 251st error in a row is returned, and those after it, so
    /// that a driver that always fails does not loop for ever. Return `false` for errors that end the line, such as an
    /// adapter that was unplugged.
    fn is_noise(&self, error: &Self::Error) -> bool {
        let _ = error;
        true
    }

    /// Hands over `frame`, in one piece where the carrier takes it so, waiting until `deadline` at
    /// most. Returns how many of its bytes were taken: fewer than all when time was up or the
    /// carrier takes no more.
    ///
    /// # Errors
    /// The transport's own.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error>;

    /// Whether it is shown what comes beside messages. Firmware mostly has no use for it, and does not pay for it.
    const BESIDE: bool = false;

    /// Is shown what came beside the messages, on a serial line that carries more than messages, if
    /// [`BESIDE`](Self::BESIDE) says so; pieces of binary log in any case. Does nothing by default.
    fn beside(&mut self, what: Beside<'_>) {
        let _ = what;
    }
}

/// What comes on a serial line beside messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside<'a> {
    /// A piece of text that the other end logged ([`Link::print`](crate::Link::print)), mostly a line, of at most
    /// [`TEXT_MAX`](crate::framing::TEXT_MAX) bytes. It has no check value: what the line garbles is garbled.
    Text(&'a [u8]),
    /// A piece of binary log ([`Link::log`](crate::Link::log)), such as a frame of `defmt`, as it was sent.
    Log(&'a [u8]),
    /// Bytes that are no message: noise, a damaged message, or the prints of a boot loader. Text longer
    /// than its first letter's code in ASCII may have a byte changed to 0. Of more than the receive buffer holds, only the
    /// end is shown.
    Dropped(&'a [u8]),
}

#[diagnostic::do_not_recommend]
impl<T: Transport> Transport for &mut T {
    type Error = T::Error;
    type Framing = T::Framing;

    const BESIDE: bool = T::BESIDE;

    fn now(&mut self) -> Time {
        T::now(self)
    }

    fn peer(&self) -> Option<SocketAddr> {
        T::peer(self)
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        T::receive(self, into, deadline)
    }

    fn is_noise(&self, error: &Self::Error) -> bool {
        T::is_noise(self, error)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        T::send(self, frame, deadline)
    }

    fn beside(&mut self, what: Beside<'_>) {
        T::beside(self, what);
    }
}

/// What waiting for bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes came, at least one.
    Bytes(usize),
    /// The deadline passed.
    TimeUp,
    /// The other end closed; nothing will come any more.
    End,
    /// A datagram of so many bytes came, which `into` cannot hold. The beginning of it is in `into`, the rest is lost.
    /// Where the carrier does not report the size, it is one more than `into` holds.
    ///
    /// A reply ends its call with [`CallError::ReplyTooLarge`](crate::CallError::ReplyTooLarge), a call is refused with
    /// GARBAGE_ARGS. Only carriers of [`Datagram`](crate::framing::Datagram)s
    /// return it; on another it ends the link.
    Oversize(usize),
}
