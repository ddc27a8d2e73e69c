//! Framings as simple as can be, on growing vectors: what the real ones must agree with.

use oncilla::framing::{Framing, Record};

use crate::frames::Found;

/// What is kept of a record that is too large: a reader's smallest buffer holds it and a mark.
pub const KEPT: usize = Record::BUFFER_MIN - 4;

/// Cuts records out of a stream. It keeps all that came.
pub struct RecordModel {
    pub capacity: usize,
    pub stream: Vec<u8>,
}

impl RecordModel {
    /// Takes more of the stream; gives what is found in it now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Found> {
        self.stream.extend(bytes);
        let mut found = Vec::new();
        while let Some((record, length)) = whole_record(&self.stream) {
            self.stream.drain(..length);
            // Four bytes are for a mark.
            found.push(if record.len() + 4 <= self.capacity {
                Found::Message(record)
            } else {
                Found::Oversize(record[..record.len().min(KEPT)].to_vec(), record.len() as u32)
            });
        }
        found
    }

    /// Whether the beginning of a record has come and its end has not. Fragments without bytes are no
    /// beginning: nothing of them is kept.
    pub fn is_amid(&self) -> bool {
        let mut rest = &self.stream[..];
        while let Some(after) = rest.strip_prefix(&[0; 4]) {
            rest = after;
        }
        !rest.is_empty()
    }
}

/// The first record of a stream, if it is whole, and its bytes with the marks.
fn whole_record(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut record, mut rest) = (Vec::new(), stream);
    loop {
        let (mark, after) = rest.split_first_chunk::<4>()?;
        let mark = u32::from_be_bytes(*mark);
        let (fragment, after) = after.split_at_checked((mark & 0x7fff_ffff) as usize)?;
        record.extend(fragment);
        rest = after;
        if mark >> 31 == 1 {
            return Some((record, stream.len() - rest.len()));
        }
    }
}

/// Cuts frames out of a stream. It keeps all that came since the last zero.
pub struct CobsModel {
    pub capacity: usize,
    pub frame: Vec<u8>,
    pub dropped: u32,
}

impl CobsModel {
    /// Takes more of the stream; gives what is found in it now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        for &byte in bytes {
            if byte != 0 {
                self.frame.push(byte);
                continue;
            }
            let frame = core::mem::take(&mut self.frame);
            // The buffer holds a frame and its last zero.
            let message = if frame.len() < self.capacity { checked(&frame) } else { None };
            match message {
                Some(message) => found.push(Found::Message(message)),
                None => self.dropped += u32::from(!frame.is_empty()),
            }
        }
        found
    }
}

/// The message in a frame, if the check value is right.
fn checked(frame: &[u8]) -> Option<Vec<u8>> {
    let mut message = unstuffed(frame)?;
    let check = message.split_off(message.len().checked_sub(4)?);
    (oncilla::framing::crc32(&message).to_le_bytes()[..] == check).then_some(message)
}

/// What a frame was before it was stuffed.
fn unstuffed(frame: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), frame);
    while let Some((code, after)) = rest.split_first() {
        let (block, after) = after.split_at_checked(usize::from(*code) - 1)?;
        bytes.extend(block);
        if *code < 255 && !after.is_empty() {
            bytes.push(0);
        }
        rest = after;
    }
    Some(bytes)
}
