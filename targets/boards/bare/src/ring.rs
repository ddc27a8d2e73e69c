//! Bytes from an interrupt handler to the program.

use core::sync::atomic::Ordering::{Acquire, Release};
use core::sync::atomic::{AtomicU8, Ordering::Relaxed, compiler_fence};

/// Bytes that a ring holds.
///
/// A power of two below 256, so that the counters may wrap. While the program is busy, bytes wait here and in the
/// UART: 48 bytes with a PL011, 4 ms at 115 200 baud.
const SIZE: usize = 32;

/// A queue with one writer (the interrupt handler) and one reader (the program).
///
/// Both run on one core, so only the compiler can reorder their accesses. Fences for the compiler are enough;
/// acquiring loads and releasing stores would add barrier instructions.
pub struct Ring {
    bytes: [AtomicU8; SIZE],
    /// Bytes ever written, modulo 256. Only the writer changes it.
    written: AtomicU8,
    /// Bytes ever read, modulo 256. Only the reader changes it.
    read: AtomicU8,
}

impl Ring {
    /// Creates an empty ring.
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

    /// Returns whether the ring is empty.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the ring is full.
    #[must_use]
    #[inline]
    pub fn is_full(&self) -> bool {
        self.len() >= SIZE
    }

    /// Adds a byte. Call it only when the ring is not full.
    #[inline]
    pub fn push(&self, byte: u8) {
        let written = self.written.load(Relaxed);
        self.slot(written).store(byte, Relaxed);
        // The byte must be in its place before the reader sees the new count.
        compiler_fence(Release);
        self.written.store(written.wrapping_add(1), Relaxed);
    }

    /// Removes and returns the oldest byte.
    #[must_use]
    #[inline]
    pub fn pop(&self) -> Option<u8> {
        if self.is_empty() {
            return None;
        }
        compiler_fence(Acquire);
        let read = self.read.load(Relaxed);
        let byte = self.slot(read).load(Relaxed);
        // The byte must be read before the writer may reuse its place.
        compiler_fence(Release);
        self.read.store(read.wrapping_add(1), Relaxed);
        Some(byte)
    }

    #[inline]
    fn slot(&self, count: u8) -> &AtomicU8 {
        // The compiler knows that this is within bounds, so it links no panic.
        &self.bytes[usize::from(count) % SIZE]
    }
}
