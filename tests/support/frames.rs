//! Framings driven by hand: messages to frames, and bytes to what is found in them.

use oncilla::framing::{CobsWith, Crc32, Datagram, Framing, Progress, Record, RecordAhead, SerialWith};
use oncilla::message::Form;

/// The size that each framing asks of a buffer.
pub trait Sized: Framing {
    /// Bytes of buffer for messages of at most `message` bytes.
    fn buffer(message: usize) -> usize;
}

macro_rules! sized {
    ($($framing:ident $(<$crc:ident>)?)*) => {$(
        impl$(<$crc: Crc32>)? Sized for $framing$(<$crc>)? {
            fn buffer(message: usize) -> usize {
                Self::buffer(message)
            }
        }
    )*};
}

sized! { CobsWith<C> SerialWith<C> Datagram Record RecordAhead }

/// What a framing found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A whole message.
    Message(Vec<u8>),
    /// The beginning of a message that was too large, and the bytes it had.
    Oversize(Vec<u8>, u32),
    /// A whole message in the short form.
    Short(Vec<u8>),
    /// Text between messages.
    Text(Vec<u8>),
    /// So many bytes that are nothing of these.
    Dropped(usize),
}

/// Seals a message in a buffer that is exactly as large as the framing says.
///
/// # Panics
/// When the framing's own size does not do.
pub fn seal<F: Sized>(message: &[u8]) -> Vec<u8> {
    seal_in::<F>(Form::Full, message)
}

/// The same for a message in one of the two forms, from an end that knows no peer.
///
/// # Panics
/// When the framing's own size does not do.
pub fn seal_in<F: Sized>(form: Form, message: &[u8]) -> Vec<u8> {
    seal_marked::<F>(F::default().mark(form), message)
}

/// The same for a message with this mark in its check value.
///
/// # Panics
/// When the framing's own size does not do.
pub fn seal_marked<F: Sized>(mark: u32, message: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0xee; F::buffer(message.len())];
    let room = F::room(&mut buffer);
    assert!(room.len() >= message.len(), "room for {} of {} bytes", room.len(), message.len());
    room[..message.len()].copy_from_slice(message);
    F::seal_marked(&mut buffer, message.len(), mark).expect("a message that fits its room is sealed").to_vec()
}

/// A framing and its receive buffer.
pub struct Receiver<F> {
    pub framing: F,
    pub buffer: Vec<u8>,
    /// Whether it looks for what is beside messages.
    beside: bool,
    /// The size that the buffer may grow to.
    largest: usize,
}

impl<F: Framing> Receiver<F> {
    /// A receiver with a buffer of so many bytes.
    pub fn new(buffer: usize) -> Self {
        Self { framing: F::default(), buffer: vec![0xee; buffer], beside: false, largest: buffer }
    }

    /// The same, which also looks for what is beside messages.
    #[allow(dead_code)] // Not every test does.
    pub fn of_all(buffer: usize) -> Self {
        Self { beside: true, ..Self::new(buffer) }
    }

    /// What is found before more bytes are wanted.
    pub fn find(&mut self, found: &mut Vec<Found>) {
        loop {
            let buffer = &mut self.buffer;
            let progress = if self.beside { self.framing.next_of_all(buffer) } else { self.framing.next(buffer) };
            let part = |start: usize, length: usize| self.buffer[start..start + length].to_vec();
            found.push(match progress {
                Progress::More => return,
                Progress::Message { start, length } => match self.framing.form() {
                    Form::Full => Found::Message(part(start, length)),
                    Form::Short => Found::Short(part(start, length)),
                },
                Progress::Oversize { start, length, size } => Found::Oversize(part(start, length), size),
                Progress::Text { start, length } => Found::Text(part(start, length)),
                // A byte of them may be another now.
                Progress::Dropped { start, length } => Found::Dropped(part(start, length).len()),
            });
        }
    }

    /// Offers bytes as one read of a carrier that has exactly them ready, and again while the window
    /// takes only a part.
    ///
    /// # Panics
    /// When the window is empty, so that the bytes could never be received.
    pub fn feed(&mut self, bytes: &[u8], found: &mut Vec<Found>) {
        let mut rest = bytes;
        self.find(found);
        while !rest.is_empty() {
            if self.framing.window(&mut self.buffer).is_empty() {
                let size = self.largest.min(2 * self.buffer.len());
                self.buffer.resize(size, 0xee);
            }
            let window = self.framing.window(&mut self.buffer);
            assert!(!window.is_empty(), "nowhere to put {} bytes", rest.len());
            let length = window.len().min(rest.len());
            window[..length].copy_from_slice(&rest[..length]);
            self.framing.filled(length);
            rest = &rest[length..];
            self.find(found);
        }
    }
}

impl Receiver<RecordAhead> {
    /// A receiver whose buffer is as small as can be, and grows to so many bytes.
    #[allow(dead_code)] // Not every test uses it.
    pub fn growing(largest: usize) -> Self {
        let framing = RecordAhead::growing(largest - RecordAhead::buffer(0));
        Self { framing, largest, ..Self::new(RecordAhead::BUFFER_MIN) }
    }
}

/// Messages that are whole.
pub fn messages<M: AsRef<[u8]>>(messages: impl IntoIterator<Item = M>) -> Vec<Found> {
    messages.into_iter().map(|message| Found::Message(message.as_ref().to_vec())).collect()
}

/// What is found in a stream that arrives in chunks.
pub fn receive<'c, F: Framing>(buffer: usize, chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Found> {
    let mut receiver = Receiver::<F>::new(buffer);
    let mut found = Vec::new();
    for chunk in chunks {
        receiver.feed(chunk, &mut found);
    }
    found
}
