//! Bytes between an interrupt handler and the program.

use core::{
    fmt::{self, Display, Formatter},
    sync::atomic::{
        AtomicBool, AtomicU8, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use crate::{Receive, Transmit};

/// A queue of `N` bytes with one writer and one reader, such as an interrupt handler and the program.
///
/// A static: handler and program use it without a lock and without `unsafe`. `N` is a power of two. It needs neither
/// compare-and-swap nor a critical section, so it works on every processor with atomic loads and stores. If two
/// handlers write, or two tasks read, bytes may be lost or doubled; nothing else happens.
///
/// The received side of a port is `&'static Ring`, the sending side a [`Sending`].
///
/// # Example
/// ```
/// use oncilla_hal::{Receive, Ring};
///
/// static RECEIVED: Ring<64> = Ring::new();
///
/// /// The handler of the receive interrupt. It takes all bytes, or the interrupt would be raised again at once.
/// fn handler(mut register: impl FnMut() -> Option<u8>) {
///     while let Some(byte) = register() {
///         RECEIVED.push(byte);
///     }
/// }
///
/// let mut bytes = [7].into_iter();
/// handler(|| bytes.next());
/// let mut into = [0; 16];
/// assert_eq!((&RECEIVED).take(&mut into), Ok(1));
/// assert_eq!(into[0], 7);
/// ```
#[derive(Debug)]
pub struct Ring<const N: usize> {
    bytes: [AtomicU8; N],
    /// Bytes ever written, wrapping. Only the writer changes it.
    written: AtomicUsize,
    /// Bytes ever read, wrapping. Only the reader changes it.
    read: AtomicUsize,
    /// Whether a byte was lost. The writer sets it, the reader clears it.
    overrun: AtomicBool,
}

/// Bytes were lost, because the program did not read them in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun {
    /// The number of bytes that the ring holds.
    pub size: usize,
}

impl Display for Overrun {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "bytes were lost: the ring of {} bytes was full; make it larger, or read more often", self.size)
    }
}

impl core::error::Error for Overrun {}

impl<const N: usize> Ring<N> {
    /// Creates an empty ring.
    #[expect(clippy::new_without_default, reason = "a ring is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N.is_power_of_two(), "the size of a ring is a power of two") };
        Self {
            bytes: [const { AtomicU8::new(0) }; N],
            written: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            overrun: AtomicBool::new(false),
        }
    }

    /// Returns the number of bytes in the ring.
    #[must_use]
    pub fn len(&self) -> usize {
        self.written.load(Acquire).wrapping_sub(self.read.load(Acquire))
    }

    /// Returns whether the ring is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the ring is full. A handler may leave bytes in the UART then, and mask its interrupt.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() >= N
    }

    /// Adds a byte and returns `true`. If the ring is full, drops the byte and returns `false`.
    ///
    /// The reader gets [`Overrun`] after the bytes that are in the ring.
    pub fn push(&self, byte: u8) -> bool {
        let added = self.offer(byte);
        if !added {
            self.overrun.store(true, Release);
        }
        added
    }

    /// Records an overrun of the UART itself, which the handler saw in its registers.
    pub fn lose(&self) {
        self.overrun.store(true, Release);
    }

    /// Removes and returns the oldest byte.
    #[must_use]
    pub fn pop(&self) -> Option<u8> {
        let read = self.read.load(Relaxed);
        if self.written.load(Acquire) == read {
            return None;
        }
        let byte = self.slot(read)?.load(Relaxed);
        // The writer may use the place again only after the byte was read.
        self.read.store(read.wrapping_add(1), Release);
        Some(byte)
    }

    fn offer(&self, byte: u8) -> bool {
        let written = self.written.load(Relaxed);
        if written.wrapping_sub(self.read.load(Acquire)) >= N {
            return false;
        }
        let Some(slot) = self.slot(written) else { return false };
        slot.store(byte, Relaxed);
        // The reader sees the new count only after the byte.
        self.written.store(written.wrapping_add(1), Release);
        true
    }

    /// The place of a count. The size is a power of two, so counts may wrap.
    fn slot(&self, count: usize) -> Option<&AtomicU8> {
        self.bytes.get(count & N.wrapping_sub(1))
    }
}

impl<const N: usize> Receive for &Ring<N> {
    type Error = Overrun;

    /// Takes bytes up to the overrun, and reports it afterwards.
    fn take(&mut self, into: &mut [u8]) -> Result<usize, Overrun> {
        let mut count: usize = 0;
        for place in into {
            let Some(byte) = self.pop() else { break };
            *place = byte;
            count = count.wrapping_add(1);
        }
        if count == 0 && self.overrun.load(Acquire) {
            self.overrun.store(false, Release);
            return Err(Overrun { size: N });
        }
        Ok(count)
    }
}

/// The sending side of a port whose interrupt handler empties a ring.
///
/// # Example
/// ```
/// use oncilla_hal::{Ring, Sending, Transmit};
///
/// static TO_SEND: Ring<64> = Ring::new();
///
/// # let registers = (|| {}, || false);
/// // The handler sends `TO_SEND.pop()`, and masks the interrupt when that returns `None`.
/// let mut port = Sending { ring: &TO_SEND, start: registers.0, is_busy: registers.1 };
/// assert_eq!(port.put(b"hello"), Ok(5));
/// assert_eq!(port.is_sent(), Ok(false));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a, const N: usize, S, B> {
    /// Bytes that the handler sends.
    pub ring: &'a Ring<N>,
    /// Unmasks the interrupt that is raised while the UART has room.
    pub start: S,
    /// Returns whether the UART still sends.
    pub is_busy: B,
}

impl<const N: usize, S: FnMut(), B: FnMut() -> bool> Transmit for Sending<'_, N, S, B> {
    type Error = core::convert::Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let count = bytes.iter().take_while(|byte| self.ring.offer(**byte)).count();
        // Also when the ring is full: the handler must run to make room.
        (self.start)();
        Ok(count)
    }

    fn is_sent(&mut self) -> Result<bool, Self::Error> {
        Ok(self.ring.is_empty() && !(self.is_busy)())
    }
}
