//! Two cores over memory that both see.

use core::{
    convert::Infallible,
    sync::atomic::{
        AtomicU8, AtomicU32,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use crate::{Receive, Transmit};

/// Bytes from one core to the other.
#[derive(Debug)]
#[repr(C)]
struct Lane<const N: usize> {
    /// Bytes ever written, wrapping. Only the writer changes it.
    written: AtomicU32,
    /// Bytes ever read, wrapping. Only the reader changes it.
    read: AtomicU32,
    bytes: [AtomicU8; N],
}

impl<const N: usize> Lane<N> {
    const fn new() -> Self {
        Self { written: AtomicU32::new(0), read: AtomicU32::new(0), bytes: [const { AtomicU8::new(0) }; N] }
    }

    /// The size, which `Shared::new` has checked.
    const SIZE: u32 = N as u32;

    /// The place of a count. Whatever the other core has written there, it is within the lane.
    fn slot(&self, count: u32) -> Option<&AtomicU8> {
        self.bytes.get((count & Self::SIZE.wrapping_sub(1)) as usize)
    }

    fn write(&self, bytes: &[u8]) -> usize {
        let (written, read) = (self.written.load(Relaxed), self.read.load(Acquire));
        // A count that is out of range is of a core that has just restarted, or of one that is broken: nothing is written.
        let room = Self::SIZE.saturating_sub(written.wrapping_sub(read));
        let mut next = written;
        for (byte, _) in bytes.iter().zip(0..room) {
            let Some(slot) = self.slot(next) else { break };
            slot.store(*byte, Relaxed);
            next = next.wrapping_add(1);
        }
        // The reader sees the new count only after the bytes.
        self.written.store(next, Release);
        next.wrapping_sub(written) as usize
    }

    fn take(&self, into: &mut [u8]) -> usize {
        let (written, read) = (self.written.load(Acquire), self.read.load(Relaxed));
        let there = written.wrapping_sub(read);
        if there > Self::SIZE {
            // As above. The bytes of the lane are of no known age: all are dropped.
            self.read.store(written, Release);
            return 0;
        }
        let mut next = read;
        for (place, _) in into.iter_mut().zip(0..there) {
            let Some(slot) = self.slot(next) else { break };
            *place = slot.load(Relaxed);
            next = next.wrapping_add(1);
        }
        // The writer may use the places again only after the bytes were read.
        self.read.store(next, Release);
        next.wrapping_sub(read) as usize
    }

    fn is_empty(&self) -> bool {
        self.written.load(Acquire) == self.read.load(Acquire)
    }
}

/// Memory that two cores see: a lane of `N` bytes in each direction.
///
/// One core has it as a static, in a section at an address that both know; the other gets a reference from that address. All
/// accesses are atomic, so neither core can break the memory of the other; what a broken core writes is noise. `N` is a power
/// of two, and at least the size of the largest frame, since a hello does not wait for room. The layout is that of C: the lane to the second core, then the lane to the first, each with the 32-bit counts of
/// bytes written and read, and its bytes. It is the same for cores of 32 and 64 bits, and of one byte order.
///
/// The memory must be without cache, or coherent. If one core loads before the other has started, its static must be
/// initialised first: let the core with the static start the other.
///
/// Use the framing [`Serial`](oncilla::framing::Serial) with a boot number. A core that restarts alone leaves a part of a
/// message in the lane; its check value drops that, and the boot number shows the restart. A call under way ends in
/// `CallError::Restarted` or at its time-out.
///
/// # Example
/// ```
/// use oncilla::{Clock, Transport, framing::Serial};
/// use oncilla_hal::{Line, Shared};
///
/// // In firmware: `#[unsafe(link_section = ".shared")]`, at an address that the linker scripts of both cores have.
/// static SHARED: Shared<1024> = Shared::new();
///
/// # fn raise_interrupt_of_the_other_core() {}
/// /// The first core. Its mailbox wakes the other one.
/// fn first(clock: impl Clock) -> impl Transport {
///     Line::<Serial, _, _>::new(SHARED.first(raise_interrupt_of_the_other_core), clock)
/// }
///
/// /// The second core: `SHARED` is `&*(0x2400_0000 as *const Shared<1024>)` there.
/// fn second(shared: &'static Shared<1024>, clock: impl Clock) -> impl Transport {
///     Line::<Serial, _, _>::new(shared.second(raise_interrupt_of_the_other_core), clock)
/// }
/// ```
#[derive(Debug)]
#[repr(C)]
pub struct Shared<const N: usize> {
    to_second: Lane<N>,
    to_first: Lane<N>,
}

impl<const N: usize> Shared<N> {
    /// Creates empty lanes.
    #[expect(clippy::new_without_default, reason = "it is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N.is_power_of_two() && N <= 1 << 31, "the size of a lane is a power of two, 2^31 at most") };
        Self { to_second: Lane::new(), to_first: Lane::new() }
    }

    /// Returns the end of the first core. `wake` is called after bytes were written; it wakes the other core.
    ///
    /// Use each end once: two writers of a lane damage each other's messages.
    pub const fn first<W: FnMut()>(&self, wake: W) -> End<'_, N, W> {
        End { out: &self.to_second, into: &self.to_first, wake }
    }

    /// Returns the end of the second core. See [`first`](Self::first).
    pub const fn second<W: FnMut()>(&self, wake: W) -> End<'_, N, W> {
        End { out: &self.to_first, into: &self.to_second, wake }
    }
}

/// The end of one core, as a port. Made by [`Shared::first`] and [`Shared::second`].
#[derive(Debug)]
pub struct End<'a, const N: usize, W> {
    out: &'a Lane<N>,
    into: &'a Lane<N>,
    wake: W,
}

impl<const N: usize, W> Receive for End<'_, N, W> {
    type Error = Infallible;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        Ok(self.into.take(into))
    }
}

impl<const N: usize, W: FnMut()> Transmit for End<'_, N, W> {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let count = self.out.write(bytes);
        (self.wake)();
        Ok(count)
    }

    /// Returns `true`: the bytes are where the other core finds them, and a sender need not wait until it has.
    fn is_sent(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}

impl<const N: usize, W> End<'_, N, W> {
    /// Returns whether something was received. A handler or an idle loop asks before it sleeps.
    #[must_use]
    pub fn has_received(&self) -> bool {
        !self.into.is_empty()
    }
}
