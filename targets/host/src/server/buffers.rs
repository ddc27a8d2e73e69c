//! The buffers of a connection, which grow with its messages, and the memory that all of them may take.

use oncilla::framing::RecordAhead;

/// Bytes of each buffer of a connection without a large message. Most calls and replies fit.
const START: usize = 1024;

/// A receive buffer and a transmit buffer.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pub(super) rx: Vec<u8>,
    pub(super) tx: Vec<u8>,
}

/// The sizes of a connection's buffers, framing included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    start: [usize; 2],
    max: [usize; 2],
}

impl Sizes {
    /// Returns the sizes for calls of at most `call` bytes and replies of at most `reply` bytes.
    pub(super) fn new(call: usize, reply: usize) -> Self {
        let max = [RecordAhead::buffer(call), RecordAhead::buffer(reply)];
        Self { start: max.map(|max| max.min(START)), max }
    }

    /// Returns the framing of a connection whose receive buffer grows to its largest size.
    pub(super) fn framing(&self) -> RecordAhead {
        RecordAhead::growing(self.max[0] - RecordAhead::buffer(0))
    }

    /// Returns the largest size of a receive buffer.
    #[cfg(feature = "keys")]
    pub(super) const fn rx_max(&self) -> usize {
        self.max[0]
    }

    /// Allocates the buffers of a new connection.
    pub(super) fn buffers(&self) -> Buffers {
        let [rx, tx] = self.start.map(|size| vec![0; size]);
        Buffers { rx, tx }
    }

    /// Doubles the receive buffer, up to its largest size. Returns false if there is no memory.
    pub(super) fn grow_rx(&self, rx: &mut Vec<u8>, memory: &mut Memory) -> bool {
        resize(rx, (2 * rx.len()).min(self.max[0]), memory)
    }

    /// Makes room for a reply of `length` bytes, if the largest reply has that many. Returns false if there is no
    /// memory.
    pub(super) fn grow_tx(&self, tx: &mut Vec<u8>, length: usize, memory: &mut Memory) -> bool {
        let size = RecordAhead::buffer(length).min(self.max[1]);
        size <= tx.len() || resize(tx, size, memory)
    }

    /// Returns whether one of the buffers is larger than at the start.
    pub(super) fn is_grown(&self, buffers: &Buffers) -> bool {
        self.grown(buffers) > 0
    }

    /// Returns both buffers to their size at the start.
    pub(super) fn shrink(&self, Buffers { rx, tx }: &mut Buffers, memory: &mut Memory) {
        for (buffer, start) in [rx, tx].into_iter().zip(self.start) {
            memory.give(buffer.len() - start);
            buffer.truncate(start);
            buffer.shrink_to_fit();
        }
    }

    /// Returns the memory of a connection that ends.
    pub(super) fn give(&self, buffers: &Buffers, memory: &mut Memory) {
        memory.give(self.grown(buffers));
    }

    fn grown(&self, buffers: &Buffers) -> usize {
        (buffers.rx.len() - self.start[0]) + (buffers.tx.len() - self.start[1])
    }
}

/// Lengthens a buffer to `size` bytes. Returns false if the server's limit or the system has no memory for it.
fn resize(buffer: &mut Vec<u8>, size: usize, memory: &mut Memory) -> bool {
    let more = size - buffer.len();
    if !memory.take(more) {
        return false;
    }
    if buffer.try_reserve_exact(more).is_err() {
        memory.give(more);
        return false;
    }
    buffer.resize(size, 0);
    true
}

/// The memory by which all buffers together have grown.
#[derive(Debug)]
pub(super) struct Memory {
    taken: usize,
    max: usize,
}

impl Memory {
    pub(super) const fn new(max: usize) -> Self {
        Self { taken: 0, max }
    }

    const fn take(&mut self, bytes: usize) -> bool {
        let left = self.max - self.taken;
        if bytes <= left {
            self.taken += bytes;
        }
        bytes <= left
    }

    const fn give(&mut self, bytes: usize) {
        self.taken -= bytes;
    }
}
