//! What a driver can do wrong.

use core::fmt::{self, Display, Formatter};

/// Something that a driver or a clock does wrong. Its text states what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The clock does not advance.
    ClockStands,
    /// The clock went back.
    ClockWentBack {
        /// Microseconds before.
        from: u64,
        /// Microseconds afterwards.
        to: u64,
    },
    /// `idle` returned after its deadline.
    IdleLate {
        /// Microseconds after the deadline.
        micros: u64,
    },
    /// `read_ready` returned `true`, and `read` returned nothing.
    ReadyWithoutBytes,
    /// `read_ready` never returned `true` after a byte was sent.
    NeverReady,
    /// `read_ready` took long.
    ReadyWaits {
        /// Microseconds that it took.
        micros: u64,
    },
    /// Bytes arrived that were not sent, or arrived twice.
    BytesOfNobody,
    /// `read` returned 0 though its buffer was not empty and the stream has no end.
    ZeroWhileEmpty,
    /// `read` returned more bytes than its buffer has.
    ReadMore {
        /// The size of the buffer.
        buffer: usize,
        /// The number of bytes that it returned.
        returned: usize,
    },
    /// `read` changed its buffer behind the bytes that it returned.
    WroteBehind {
        /// The number of bytes that it returned.
        returned: usize,
    },
    /// `read` returned an error, though the line was quiet before.
    ReadFailed,
    /// `write` accepted nothing of a buffer that was not empty.
    WroteNothing,
    /// `write` accepted more bytes than it was given.
    WroteMore {
        /// The number of bytes that it was given.
        given: usize,
        /// The number of bytes that it returned.
        returned: usize,
    },
    /// `write` or `flush` returned an error.
    WriteFailed,
    /// `write` waited longer than its bytes take.
    SlowWrite {
        /// The number of bytes that it accepted.
        bytes: usize,
        /// Microseconds that it took.
        micros: u64,
    },
    /// `flush` returned before the last byte had left.
    FlushEarly {
        /// The number of bytes that had not left.
        missing: usize,
    },
    /// A byte arrived with another value.
    Changed {
        /// The byte that was sent.
        sent: u8,
        /// The byte that arrived.
        received: u8,
    },
    /// Bytes did not arrive though each was read in time.
    Lost {
        /// The number of bytes that were sent.
        sent: usize,
        /// The number of bytes that arrived.
        received: usize,
    },
    /// Bytes were not in the order in which they were sent.
    Disordered,
    /// After lost bytes, `read` returned errors without end.
    ErrorStays,
}

impl Fault {
    /// Returns the first difference of what was sent and what arrived.
    pub(super) fn of(sent: &[u8], received: &[u8]) -> Self {
        let differ = sent.iter().zip(received).find(|(sent, received)| sent != received);
        match differ {
            // A missing byte shifts the rest.
            Some((_, next)) if received.len() < sent.len() && sent.contains(next) => {
                Self::Lost { sent: sent.len(), received: received.len() }
            }
            Some((&sent, &received)) => Self::Changed { sent, received },
            None if received.len() > sent.len() => Self::BytesOfNobody,
            None => Self::Lost { sent: sent.len(), received: received.len() },
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockStands => f.write_str("the clock does not advance: start its timer"),
            Self::ClockWentBack { from, to } => {
                write!(f, "the clock went back from {from} to {to} us: extend its counter to 64 bits, as `Counter` does")
            }
            Self::IdleLate { micros } => write!(
                f,
                "`idle` returned {micros} us after its deadline: set a timer to the deadline, or tick, or do not sleep"
            ),
            Self::ReadyWithoutBytes => f.write_str(
                "`read_ready` returned true and `read` returned no byte: a call would end as at the end of the stream; \
                 wrap the stream in `Ready` or `ReadsReady`",
            ),
            Self::NeverReady => f.write_str(
                "`read_ready` stayed false after a byte was sent: connect the two pins, check the clocks of the UART, or \
                 do without `read_ready`: fill a `Ring` by the interrupt",
            ),
            Self::ReadyWaits { micros } => {
                write!(f, "`read_ready` took {micros} us: it must not wait; deadlines are late by this time")
            }
            Self::BytesOfNobody => f.write_str(
                "bytes arrived that were not sent, or twice: is another device on the line, or is the ring read by two?",
            ),
            Self::ZeroWhileEmpty => f.write_str(
                "`read` returned 0 while nothing had arrived: with `Forever` a link takes that for the end; use \
                 `Line` with `Ready` or `ReadsReady`, or `Blocking` around one of them",
            ),
            Self::ReadMore { buffer, returned } => {
                write!(f, "`read` returned {returned} bytes for a buffer of {buffer}: the driver is unusable; use `Nb`")
            }
            Self::WroteBehind { returned } => write!(
                f,
                "`read` returned {returned} bytes and changed the buffer behind them: more bytes may be lost; use `Nb`"
            ),
            Self::ReadFailed => {
                f.write_str("`read` returned an error on a quiet line: check baud rate, parity and stop bits")
            }
            Self::WroteNothing => f.write_str(
                "`write` returned 0 for bytes: a message would be cut there; use `Line` with `Nb`, `Ready` or `ReadsReady`",
            ),
            Self::WroteMore { given, returned } => {
                write!(f, "`write` returned {returned} for {given} bytes: the driver is unusable; use `Nb`")
            }
            Self::WriteFailed => f.write_str("`write` or `flush` returned an error: see the documentation of the HAL"),
            Self::SlowWrite { bytes, micros } => write!(
                f,
                "`write` took {micros} us for {bytes} bytes: is the baud rate right? It waits longer than the line does"
            ),
            Self::FlushEarly { missing } => write!(
                f,
                "`flush` returned {missing} bytes before the last one had left: harmless on a full-duplex line; on \
                 RS-485 the end of a frame is cut off"
            ),
            Self::Changed { sent, received } => write!(
                f,
                "the byte {sent:#04x} arrived as {received:#04x}: set 8 data bits, no parity, no flow control by XON and \
                 XOFF, no conversion of line ends"
            ),
            Self::Lost { sent, received } => write!(
                f,
                "{received} of {sent} bytes arrived, though each was read in time: `read` drops bytes that do not fit its \
                 buffer, or the driver is slower than the line; fill a `Ring` by the interrupt"
            ),
            Self::Disordered => f.write_str(
                "bytes that were not read in time came out of order: the driver's buffer is damaged by an overrun",
            ),
            Self::ErrorStays => f.write_str(
                "after lost bytes, `read` returns errors without end: clear the error flags of the chip; the link \
                 gives up after 250 of them",
            ),
        }
    }
}
