//! The steps of the test.

use core::fmt::{self, Display, Formatter};

/// A step of the test. If it is the last one reported, the driver hangs in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The clock advances. A hang: `idle` sleeps and no interrupt ends it.
    Clock,
    /// Nothing is ready when nothing was sent. A hang: the clock stands still, or `read_ready` is wrong and `read` waits.
    Silence,
    /// Empty buffers. A hang: `read` or `write` waits though there is nothing to do.
    EmptyBuffers,
    /// One byte in a buffer of 16. A hang: `write` or `flush` waits for ever, or `read` waits until its buffer is full.
    OneByte,
    /// A read before the byte has arrived. A hang: the byte was lost.
    WaitingRead,
    /// All values of a byte. A hang: `read_ready` is wrong and `read` waits.
    AllValues,
    /// Small buffers. A hang: `read_ready` is wrong and `read` waits. A panic: `read` writes behind its buffer.
    SmallBuffers,
    /// A large buffer. A hang: `read` waits until its buffer is full.
    LargeBuffer,
    /// A long message. A hang: `write` waits for ever when the FIFO is full.
    LongWrite,
    /// The end of `flush`. A hang: `flush` waits for ever.
    Flush,
    /// Times of calls. A hang: `write` or `flush` waits for ever.
    Times,
    /// More bytes than the receiver holds. A hang: `flush` waits for room in the receiver.
    Overrun,
    /// The end of an overrun. A hang: the receiver has stopped.
    AfterOverrun,
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clock => "clock: it advances and `idle` returns",
            Self::Silence => "silence: nothing is ready when nothing was sent",
            Self::EmptyBuffers => "empty buffers: nothing is waited for",
            Self::OneByte => "one byte: it becomes ready and is read",
            Self::WaitingRead => "waiting read: it returns when a byte arrives",
            Self::AllValues => "all values: no byte is changed",
            Self::SmallBuffers => "small buffers: no byte is lost",
            Self::LargeBuffer => "large buffer: `read` does not wait until it is full",
            Self::LongWrite => "long write: all bytes arrive",
            Self::Flush => "flush: the last bit has left",
            Self::Times => "times: nothing waits longer than it must",
            Self::Overrun => "overrun: bytes are not read in time",
            Self::AfterOverrun => "after the overrun: reading works again",
        })
    }
}
