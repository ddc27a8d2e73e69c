//! Bytes on their way from an interrupt handler to the program.

use core::sync::atomic::Ordering::{Acquire, Release};
use core::sync::atomic::{AtomicU8, Ordering::Relaxed, compiler_fence};

/// Bytes a ring holds.
///
/// A power of two below 256, so that the counters may wrap. While the program is busy the link stays readable for these and
/// what the UART itself holds: 48 bytes with a PL011, 4 ms at 115 200 baud.
const SIZE: usize = 32;

/// A queue with one writer (the interrupt handler) and one reader (the program).
///
/// One core runs both, so only the compiler can reorder their accesses: fences for it are enough, and the
/// barrier instructions that acquiring loads and releasing stores would cost are not needed.
pub struct Ring {
    bytes: [AtomicU8; SIZE],
    /// Bytes ever written, modulo 256. Only the writer changes it.
    written: AtomicU8,
    /// Bytes ever read, modulo 256. Only the reader changes it.
    read: AtomicU8,
}

impl Ring {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "a ring is a static, which a default cannot make")]
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        Self { bytes: [const { AtomicU8::new(0) }; SIZE], written: AtomicU8::new(0), read: AtomicU8::new(0) }
    }

    #[inline]
    fn len(&self) -> usize {
        usize::from(self.written.load(Relaxed).wrapping_sub(self.read.load(Relaxed)))
    }

    /// Whether there is nothing to take.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a byte has no place.
    #[must_use]
    #[inline]
    pub fn is_full(&self) -> bool {
        self.len() >= SIZE
    }

    /// Adds a byte. The caller has seen that the ring is not full.
    #[inline]
    pub fn push(&self, byte: u8) {
        let written = self.written.load(Relaxed);
        self.slot(written).store(byte, Relaxed);
        // The byte is in its place before the reader is told of it.
        compiler_fence(Release);
        self.written.store(written.wrapping_add(1), Relaxed);
    }

    /// Takes the oldest byte.
    #[must_use]
    #[inline]
    pub fn pop(&self) -> Option<u8> {
        if self.is_empty() {
            return None;
        }
        compiler_fence(Acquire);
        let read = self.read.load(Relaxed);
        let byte = self.slot(read).load(Relaxed);
        // The byte is out of its place before the writer may use the place again.
        compiler_fence(Release);
        self.read.store(read.wrapping_add(1), Relaxed);
        Some(byte)
    }

    #[inline]
    fn slot(&self, count: u8) -> &AtomicU8 {
        // Never out of bounds, which the compiler sees: no panic is linked for it.
        &self.bytes[usize::from(count) % SIZE]
    }
}
