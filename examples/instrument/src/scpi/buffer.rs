//! A queue of bytes.

/// Bytes in order, in fixed memory.
#[derive(Debug)]
pub struct Buffer<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Buffer<N> {
    pub const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub const fn room(&self) -> usize {
        N.saturating_sub(self.length)
    }

    /// Adds as many bytes as fit, and returns their number.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let free = self.bytes.get_mut(self.length..).unwrap_or_default();
        let count = free.len().min(bytes.len());
        for (place, byte) in free.iter_mut().zip(bytes) {
            *place = *byte;
        }
        self.length = self.length.wrapping_add(count);
        count
    }

    /// Removes the first bytes.
    pub fn drop_first(&mut self, count: usize) {
        let count = count.min(self.length);
        for from in count..self.length {
            let byte = self.bytes.get(from).copied().unwrap_or(0);
            if let Some(place) = self.bytes.get_mut(from.wrapping_sub(count)) {
                *place = byte;
            }
        }
        self.length = self.length.wrapping_sub(count);
    }

    /// Moves the first bytes to `into`, and returns their number.
    pub fn take(&mut self, into: &mut [u8]) -> usize {
        let count = self.length.min(into.len());
        for (place, byte) in into.iter_mut().zip(self.bytes()) {
            *place = *byte;
        }
        self.drop_first(count);
        count
    }

    /// Removes the bytes after the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    pub fn clear(&mut self) {
        self.length = 0;
    }

    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub const fn len(&self) -> usize {
        self.length
    }
}
