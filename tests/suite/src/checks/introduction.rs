//! Introducing oneself to a board by hand, on lines where calls are for one pair of boot numbers.

use std::vec::Vec;

use oncilla::Transport;
use oncilla::framing::Framing;

use super::carrier::{Carrier, On};
use super::marks;

/// The marks of messages between this end and a board.
#[derive(Clone, Copy, Debug)]
pub struct Introduction {
    own: u32,
    /// Those of what is sent and what comes; none as long as it is not known whether the board introduces itself.
    marks: Option<[u32; 2]>,
}

impl Introduction {
    pub const fn new(own: u32) -> Self {
        Self { own, marks: None }
    }

    /// Whether hello should be said.
    pub fn is_due<F: Carrier>(&self) -> bool {
        F::ON == On::Introduced && self.marks.is_none()
    }

    /// The board does not introduce itself.
    pub const fn give_up(&mut self) {
        self.marks = Some([0; 2]);
    }

    /// A hello in its frame, which wants an answer.
    pub fn hello(&self) -> Vec<u8> {
        let mut message = Vec::from([0x81]);
        message.extend([self.own, 0, 1 << 14].into_iter().flat_map(u32::to_be_bytes));
        seal::<oncilla::framing::Serial>(marks::SHORT, &message)
    }

    /// A message to the board in its frame.
    pub fn frame<T: Transport>(&self, message: &[u8]) -> Vec<u8> {
        seal::<T::Framing>(self.marks.map_or(0, |[sent, _]| sent), message)
    }

    /// The standard message in what came between two zeros, if it is one of the board's.
    pub fn open(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        let (mark, message) = marks::find(frame)?;
        match message[..] {
            [0x80..=0x9f, a, b, c, d, ..] if mark == marks::SHORT && message.len() >= 13 => {
                let board = u32::from_be_bytes([a, b, c, d]);
                self.marks = Some([marks::between(self.own, board), marks::between(board, self.own)]);
                None
            }
            _ => (Some(mark) == self.marks.map(|[_, comes]| comes)).then_some(message),
        }
    }
}

fn seal<F: Framing>(mark: u32, message: &[u8]) -> Vec<u8> {
    let mut buffer = std::vec![0; message.len() + message.len() / 64 + 64];
    F::room(&mut buffer)[..message.len()].copy_from_slice(message);
    F::seal_marked(&mut buffer, message.len(), mark).unwrap_or_default().to_vec()
}
