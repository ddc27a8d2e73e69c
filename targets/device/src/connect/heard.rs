//! The bytes that a device sent during the last call, for errors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The largest number of bytes kept: a greeting, a page of errors, or several frames.
const KEPT: usize = 4096;

/// The first bytes that were received since the last call began. Clones share them.
#[derive(Clone, Default)]
pub struct Heard {
    bytes: Arc<Mutex<Vec<u8>>>,
    replies: Arc<AtomicUsize>,
}

impl Heard {
    /// Forgets the bytes: a call begins.
    pub fn clear(&self) {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps bytes that were received, up to the limit.
    pub fn add(&self, bytes: &[u8]) {
        let mut kept = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(kept.len());
        kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Counts a reply, also one that refuses the call.
    pub fn reply(&self) {
        self.replies.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of replies to all calls so far.
    pub fn replies(&self) -> usize {
        self.replies.load(Ordering::Relaxed)
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_kept() {
        let heard = Heard::default();
        for _ in 0..3 {
            heard.add(&[1; 3000]);
        }
        assert_eq!(heard.bytes(), [1; KEPT]);
        heard.clear();
        heard.add(b"SSH");
        assert_eq!(heard.bytes(), b"SSH");
    }
}
