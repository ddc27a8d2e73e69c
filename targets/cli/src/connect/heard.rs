//! The bytes that a device sent during the last call, for errors.

use std::sync::{Arc, Mutex, PoisonError};

/// The largest number of bytes kept: a greeting, a page of errors, or several frames.
const KEPT: usize = 4096;

/// The first bytes that were received since the last call began. Clones share them.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// Forgets the bytes: a call begins.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps bytes that were received, up to the limit.
    pub fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(kept.len());
        kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
