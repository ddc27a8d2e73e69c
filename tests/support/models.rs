//! Framings as simple as can be, on growing vectors: what the real ones must agree with.

use oncilla::framing::{Framing, Record, TEXT, TEXT_MAX};

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
        while let Some((record, size, length)) = whole_record(&self.stream) {
            self.stream.drain(..length);
            // Four bytes are for a mark.
            found.push(if size + 4 <= self.capacity {
                Found::Message(record)
            } else {
                Found::Oversize(record[..record.len().min(KEPT)].to_vec(), size as u32)
            });
        }
        found
    }

    /// Whether the beginning of a record has come and its end has not.
    pub fn is_amid(&self) -> bool {
        !self.stream.is_empty()
    }
}

/// The first record of a stream, if it is whole; its size, in which an empty fragment before the last counts as a byte;
/// and its bytes with the marks.
fn whole_record(stream: &[u8]) -> Option<(Vec<u8>, usize, usize)> {
    let (mut record, mut size, mut rest) = (Vec::new(), 0, stream);
    loop {
        let (mark, after) = rest.split_first_chunk::<4>()?;
        let mark = u32::from_be_bytes(*mark);
        let (fragment, after) = after.split_at_checked((mark & 0x7fff_ffff) as usize)?;
        record.extend(fragment);
        rest = after;
        let last = mark >> 31 == 1;
        size += fragment.len().max(usize::from(!last));
        if last {
            return Some((record, size, stream.len() - rest.len()));
        }
    }
}

/// Cuts frames out of a stream. It keeps all that came since the last zero.
#[derive(Default)]
pub struct CobsModel {
    pub capacity: usize,
    /// Whether messages may be in the short form.
    pub short: bool,
    /// Whether it tells of what is beside messages.
    pub beside: bool,
    pub frame: Vec<u8>,
    pub dropped: u32,
}

impl CobsModel {
    /// Takes more of the stream; gives what is found in it now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Found> {
        bytes.iter().filter_map(|&byte| self.take(byte)).collect()
    }

    fn take(&mut self, byte: u8) -> Option<Found> {
        if byte != 0 {
            self.frame.push(byte);
            return None;
        }
        let frame = core::mem::take(&mut self.frame);
        if frame.is_empty() {
            return None;
        }
        // The buffer holds a frame and its last zero.
        let fits = frame.len() < self.capacity;
        match checked(&frame).filter(|_| fits) {
            Some((message, 0)) => return Some(Found::Message(message)),
            Some((message, SHORT_MARK)) if self.short => return Some(Found::Short(message)),
            _ => {}
        }
        match frame.split_first() {
            Some((&TEXT, text)) if self.beside && fits && text.len() <= TEXT_MAX => Some(Found::Text(text.to_vec())),
            _ => {
                self.dropped += 1;
                // Of a buffer of some size, the beginning of a message in the full form that it cannot hold is kept.
                if let (false, true, Some((message, 0))) = (fits, self.capacity > 32, checked(&frame)) {
                    return Some(Found::Oversize(message[..28].to_vec(), message.len() as u32));
                }
                self.beside.then_some(Found::Dropped(frame.len()))
            }
        }
    }
}

/// By what the check value of a message in the short form differs.
pub const SHORT_MARK: u32 = 0x5348_4f52;

/// The message in a frame, and by what its check value differs from the plain one.
fn checked(frame: &[u8]) -> Option<(Vec<u8>, u32)> {
    let mut message = unstuffed(frame)?;
    let check = message.split_off(message.len().checked_sub(4)?);
    let check = u32::from_le_bytes(check.try_into().ok()?);
    let plain = oncilla::framing::crc32(&message);
    Some((message, check ^ plain))
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
