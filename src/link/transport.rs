//! What a carrier of bytes or datagrams must provide.

use core::net::SocketAddr;

use super::time::Time;
use crate::framing::Framing;

/// Moves bytes over a carrier and reads a clock: what a port to another system implements.
///
/// Most ports need no implementation of their own:
///
/// - On bare metal or an RTOS, [`Stream`](crate::Stream) is a transport over an `embedded-io` stream and a
///   [`Clock`](crate::Clock).
/// - On a host, `oncilla-host` has transports for TCP, UDP, Unix sockets and serial ports.
///
/// The transport owns the clock because only the transport waits. Deadlines are instants of that clock. Therefore a
/// wait that is continued after an unrelated message still ends at the same deadline.
///
/// The clock never goes back. It may be coarse: deadlines are kept to one tick.
///
/// # Example
/// A TCP connection with the time-outs of the operating system:
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
///     /// Returns the time-out for the system: `None` waits for ever, and zero would be an error.
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
/// # let Err(oncilla::CallError::TimedOut { after: total, unframed: 0 }) = silence else { panic!("{silence:?}") };
/// # assert_eq!(total, after);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transport",
    label = "this does not implement `oncilla::Transport`",
    note = "`Stream<F, U>` is a transport if `U` implements `Read` and `Write` of embedded-io 0.7; \
            the traits of other versions are other traits",
    note = "with a clock other than `Forever`, `U` must also implement `ReadReady`, and the clock `oncilla::Clock`",
    note = "implement `oncilla::Transport` for a carrier of your own; `oncilla-host` has sockets and serial ports"
)]
pub trait Transport {
    /// The error of the carrier, such as a framing error or an error of the system.
    type Error;

    /// How messages are delimited on this carrier.
    type Framing: Framing;

    /// Returns the present instant.
    fn now(&mut self) -> Time;

    /// Returns the address of the peer whose bytes were received last.
    ///
    /// For carriers with many peers. The `authorize` function of a [`Table`](crate::Table) sees it, and a
    /// [`SharedReplayCache`](crate::SharedReplayCache) distinguishes peers by it. Returns `None` by default: the
    /// carrier has one peer.
    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    /// Reports whether the datagram that was received last was verified under a key. Only links with keys call it.
    ///
    /// If it was verified, a carrier that sends to the last sender keeps the address of that sender. If not, the carrier
    /// returns to the address that it kept, so a stranger cannot attract messages. Does nothing by default.
    fn settle(&mut self, verified: bool) {
        let _ = verified;
    }

    /// Waits for bytes until `deadline` and writes them to the start of `into`.
    ///
    /// `into` is never empty. Returns as soon as any bytes are there; it does not wait until `into` is full. It checks
    /// for bytes at least once, even if the deadline has passed.
    ///
    /// # Errors
    /// Returns the error of the carrier. Bytes that arrived before the error are not lost: an earlier or a later call
    /// returns them. An error that [`is_noise`](Self::is_noise) does not end a call.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error>;

    /// Returns whether an error of [`receive`](Self::receive) is noise, after which receiving continues.
    ///
    /// Examples are overrun, framing and parity errors of a UART. The default is `true`. Return `false` for errors that
    /// end the line, such as an unplugged adapter. Only asked on serial framings ([`Framing::NOISY`]): on other
    /// framings every error ends the operation.
    ///
    /// The link counts noise ([`Link::noise`](crate::Link::noise)), and the check value of the framing drops the
    /// damaged message. Calls and servers continue to wait until their deadline. After 250 errors in a row each further
    /// error is returned, so that a driver that always fails does not loop for ever.
    fn is_noise(&self, error: &Self::Error) -> bool {
        let _ = error;
        true
    }

    /// Sends `frame` and returns the number of bytes that the carrier accepted.
    ///
    /// Waits until `deadline` at most. Returns fewer bytes than `frame` has if the deadline passed or the carrier
    /// accepts no more. A carrier of datagrams sends the frame in one piece.
    ///
    /// # Errors
    /// Returns the error of the carrier.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error>;

    /// Whether [`beside`](Self::beside) receives text and dropped bytes: `false` by default, which costs no flash.
    const BESIDE: bool = false;

    /// Whether this side calls. Without calls, nothing that arrives is an echo of one.
    #[doc(hidden)]
    const CALLS: bool = true;

    /// Receives what arrives beside the messages on a serial line. Does nothing by default.
    ///
    /// Text and dropped bytes only if [`BESIDE`](Self::BESIDE) is `true`; pieces of binary log in any case. For
    /// example, a host shows or stores the log of the firmware.
    fn beside(&mut self, what: Beside<'_>) {
        let _ = what;
    }
}

/// What arrives on a serial line beside messages.
///
/// # Example
/// ```
/// use oncilla::Beside;
///
/// /// Shows the log of a device, as the body of [`Transport::beside`](oncilla::Transport::beside).
/// fn show(what: Beside<'_>) {
///     match what {
///         Beside::Text(text) => print!("{}", String::from_utf8_lossy(text)),
///         Beside::Log(frame) => println!("binary log: {frame:02x?}"),
///         Beside::Unverified(text) => print!("not under the key: {}", String::from_utf8_lossy(text)),
///         Beside::Dropped(bytes) => eprintln!("{} bytes were dropped", bytes.len()),
///     }
/// }
/// # show(Beside::Text(b"ready\r\n"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside<'a> {
    /// A piece of text from the log of the peer ([`Link::print`](crate::Link::print)).
    ///
    /// It is usually a line, of at most [`TEXT_MAX`](crate::framing::TEXT_MAX) bytes. It has no check value: the line
    /// may have changed it.
    Text(&'a [u8]),
    /// A piece of binary log ([`Link::log`](crate::Link::log)), such as a `defmt` frame, as it was sent.
    Log(&'a [u8]),
    /// Text that is not under the key of a link with keys. Anybody may have sent it.
    ///
    /// On such a link, [`Text`](Self::Text) and [`Log`](Self::Log) were verified.
    Unverified(&'a [u8]),
    /// Bytes that are no message: noise, a damaged message, or the output of a boot loader.
    ///
    /// Text that is longer than the ASCII code of its first letter may have one byte changed to 0. If the bytes exceed
    /// the receive buffer, only the last of them are here.
    Dropped(&'a [u8]),
}

#[diagnostic::do_not_recommend]
impl<T: Transport> Transport for &mut T {
    type Error = T::Error;
    type Framing = T::Framing;

    const BESIDE: bool = T::BESIDE;
    const CALLS: bool = T::CALLS;

    fn now(&mut self) -> Time {
        T::now(self)
    }

    fn peer(&self) -> Option<SocketAddr> {
        T::peer(self)
    }

    fn settle(&mut self, verified: bool) {
        T::settle(self, verified);
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

/// The outcome of waiting for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// This number of bytes was received, at least one.
    Bytes(usize),
    /// The deadline passed.
    TimeUp,
    /// The peer closed the connection: no more bytes will arrive.
    End,
    /// A datagram of this size was received, which `into` cannot hold.
    ///
    /// Its beginning is in `into`, the rest is lost. If the carrier does not report the size, the size is one more
    /// than `into` holds.
    ///
    /// If it is a reply, its call ends with [`CallError::ReplyTooLarge`](crate::CallError::ReplyTooLarge). If it is a
    /// call, it is refused with GARBAGE_ARGS. Only carriers of [`Datagram`](crate::framing::Datagram)s return it; on
    /// another framing it ends the link.
    Oversize(usize),
}
