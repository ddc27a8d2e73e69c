//! Messages in a byte stream with record marking (RFC 5531 §11).
//!
//! The stream may be captured from its middle on.

use super::sealed::begins;
use crate::sealed::Sealed;

/// Bytes of a mark.
const MARK: usize = 4;
/// The bytes that identify a message.
///
/// They are its xid, its type, and the RPC version or the status of the reply.
const KNOWN_BY: usize = 12;
/// The least useful part of a message: the bytes before the credential.
const OF_USE: usize = 24;
/// The shortest message: a call that is denied for its credential.
const SHORTEST: usize = 20;
const LAST: u32 = 1 << 31;

/// Receives a message, and how many bytes at its end are missing.
pub type Take<'t> = dyn FnMut(Vec<u8>, usize) + 't;

/// Finds the messages in one direction of a stream.
///
/// The first bytes identify a message, so other protocols yield none. After lost bytes, the search continues at the
/// next piece that begins like a record.
#[derive(Debug)]
pub struct Records {
    /// The largest message that is kept whole.
    largest: usize,
    /// Whether the place of the next byte in its record is known.
    in_step: bool,
    /// A piece out of step that is too short to show what it is.
    short: Vec<u8>,
    /// The bytes of the mark so far.
    mark: Vec<u8>,
    message: Vec<u8>,
    missing: usize,
    /// Bytes of the present fragment that are still to come.
    left: usize,
    /// Whether the message is known to be one.
    known: bool,
    /// Whether the stream is a keyed link, whose messages look like noise.
    sealed: bool,
}

impl Records {
    /// Creates the state for a stream, from its beginning or from its middle on.
    pub fn new(largest: usize, from_beginning: bool) -> Self {
        let (short, mark, message) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            largest,
            in_step: from_beginning,
            short,
            mark,
            message,
            missing: 0,
            left: 0,
            known: false,
            sealed: false,
        }
    }

    /// Returns the number of bytes that are kept.
    pub fn size(&self) -> usize {
        self.message.len()
    }

    /// Takes a piece of the stream.
    pub fn push(&mut self, piece: &[u8], take: &mut Take<'_>) {
        if self.in_step {
            return self.read(piece, take);
        }
        let joined = [&self.short, piece].concat();
        self.short.clear();
        for piece in [&*joined, piece] {
            match is_record(piece, self.sealed) {
                Some(true) => {
                    self.in_step = true;
                    return self.read(piece, take);
                }
                None => {
                    self.short = piece.to_vec();
                    return;
                }
                Some(false) => {}
            }
        }
    }

    /// States that so many bytes are missing before the next piece.
    pub fn skip(&mut self, count: usize, take: &mut Take<'_>) {
        if count > self.left || self.message.len() < OF_USE {
            return self.lose();
        }
        self.left -= count;
        self.missing += count;
        self.end_fragment(take);
    }

    fn read(&mut self, mut piece: &[u8], take: &mut Take<'_>) {
        while !piece.is_empty() && self.in_step {
            let is_body = self.left > 0;
            let wanted = if is_body { self.left } else { MARK - self.mark.len() };
            let (bytes, rest) = piece.split_at(wanted.min(piece.len()));
            piece = rest;
            if is_body {
                let room = if self.missing > 0 { 0 } else { self.largest.saturating_sub(self.message.len()) };
                let kept = bytes.get(..room).unwrap_or(bytes);
                self.message.extend_from_slice(kept);
                self.missing += bytes.len() - kept.len();
                self.left -= bytes.len();
            } else {
                self.mark.extend_from_slice(bytes);
                let Some(mark) = self.mark() else { return };
                self.left = (mark & !LAST) as usize;
            }
            self.end_fragment(take);
        }
    }

    /// Checks the received part of a message, and passes it on when it is complete.
    fn end_fragment(&mut self, take: &mut Take<'_>) {
        let is_end = self.left == 0 && self.mark().is_some_and(|mark| mark & LAST != 0);
        if !self.known && (self.message.len() >= KNOWN_BY || is_end) {
            self.known = is_message(&self.message).unwrap_or(false) || self.is_sealed();
            if !self.known {
                return self.lose();
            }
        }
        if self.left == 0 {
            self.mark.clear();
        }
        if is_end {
            self.known = false;
            take(std::mem::take(&mut self.message), std::mem::take(&mut self.missing));
        }
    }

    /// Returns the mark of the present fragment, once it is whole.
    fn mark(&self) -> Option<u32> {
        self.mark.first_chunk().map(|mark| u32::from_be_bytes(*mark))
    }

    fn lose(&mut self) {
        *self = Self { sealed: self.sealed, ..Self::new(self.largest, false) };
    }

    /// Returns whether the message that is being received is one of a keyed link.
    fn is_sealed(&mut self) -> bool {
        // All of these are one fragment.
        let size = self.mark().filter(|mark| mark & LAST != 0).map(|mark| (mark & !LAST) as usize);
        let first = self.message.first().copied().unwrap_or_default();
        self.sealed |= size.is_some_and(|size| begins(first, size));
        self.sealed
    }
}

/// Returns whether a piece begins with a record, perhaps of a keyed link. `None` if it is too short.
fn is_record(piece: &[u8], sealed: bool) -> Option<bool> {
    match piece.split_first_chunk::<MARK>() {
        None => None,
        Some((mark, _)) if ((u32::from_be_bytes(*mark) & !LAST) as usize) < SHORTEST => Some(false),
        Some((mark, message)) => {
            let size = (u32::from_be_bytes(*mark) & !LAST) as usize;
            // A sealed message is a segment of its own, as a rule.
            let is_sealed = sealed && mark[0] & 0x80 != 0 && size == message.len() && Sealed::parse(message).is_some();
            if is_sealed { Some(true) } else { is_message(message) }
        }
    }
}

/// Returns whether bytes begin like a call or a reply. `None` if they are too few.
pub fn is_message(bytes: &[u8]) -> Option<bool> {
    let word = |at: usize| bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word));
    Some(matches!((word(4)?, word(8)?), (0, 2) | (1, 0 | 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(xid: u32, arguments: usize) -> Vec<u8> {
        let words = [xid, 0, 2, 100_000, 2, 3, 0, 0, 0, 0];
        words.into_iter().flat_map(u32::to_be_bytes).chain(std::iter::repeat_n(7, arguments)).collect()
    }

    fn fragment(bytes: &[u8], last: bool) -> Vec<u8> {
        [&(bytes.len() as u32 | if last { LAST } else { 0 }).to_be_bytes(), bytes].concat()
    }

    fn found(records: &mut Records, pieces: &[&[u8]]) -> Vec<(Vec<u8>, usize)> {
        let mut found = Vec::new();
        pieces.iter().for_each(|piece| records.push(piece, &mut |message, missing| found.push((message, missing))));
        found
    }

    #[test]
    fn messages_are_found_however_they_are_cut() {
        let (one, two) = (call(1, 8), call(2, 60));
        let crumbs: Vec<u8> = one.chunks(1).flat_map(|byte| fragment(byte, false)).chain(fragment(&[], true)).collect();
        let halves = [fragment(&two[..13], false), fragment(&two[13..14], false), fragment(&two[14..], true)].concat();
        let stream = [fragment(&one, true), crumbs, fragment(&two, true), halves].concat();
        for size in [1, 2, 3, 7, 16, 1000] {
            let mut records = Records::new(1 << 20, true);
            let pieces: Vec<_> = stream.chunks(size).collect();
            let all = [one.clone(), one.clone(), two.clone(), two.clone()].map(|message| (message, 0));
            assert_eq!(found(&mut records, &pieces), all, "{size}");
        }
    }

    #[test]
    fn messages_of_a_keyed_link_are_found_after_its_handshake() {
        let sealed = |first: u8, size: usize| [vec![first], vec![0xa5; size - 1]].concat();
        let (hello, data) = (sealed(1, 43), sealed(0x80, 60));
        let mut records = Records::new(1 << 20, true);
        let stream = [fragment(&hello, true), fragment(&data, true), fragment(&data, true)].concat();
        let pieces: Vec<_> = stream.chunks(7).collect();
        assert_eq!(found(&mut records, &pieces), [(hello, 0), (data.clone(), 0), (data.clone(), 0)]);
        // After a gap, at the next segment that is a message.
        records.skip(1000, &mut |_, _| unreachable!());
        let piece = fragment(&data, true);
        assert_eq!(
            found(&mut records, &[b"....................", &piece, &piece]),
            [(data.clone(), 0), (data.clone(), 0)]
        );
        // Without a handshake it may be anything.
        assert_eq!(found(&mut Records::new(1 << 20, true), &[&piece, &piece]), []);
    }

    #[test]
    fn the_middle_of_a_stream_and_gaps_cost_no_later_message() {
        let (one, two) = (call(1, 8), call(2, 60));
        let mut records = Records::new(1 << 20, false);
        let (first, second) = (fragment(&one, true), fragment(&two, true));
        assert_eq!(found(&mut records, &[&first[20..], &second, &second[..50]]), [(two.clone(), 0)]);
        // Bytes that are missing within a message: what follows them is left out.
        let mut messages = Vec::new();
        records.skip(10, &mut |message, missing| messages.push((message, missing)));
        assert_eq!(messages, []);
        assert_eq!(found(&mut records, &[&second[60..], &first]), [(two[..46].to_vec(), 54), (one.clone(), 0)]);
        assert_eq!(found(&mut records, &[&first[..40]]), []);
        records.skip(12, &mut |message, missing| messages.push((message, missing)));
        assert_eq!(messages, [(one[..36].to_vec(), 12)]);
        assert_eq!(found(&mut records, &[&first]), [(one.clone(), 0)]);
        // A gap of unknown content, and a piece that is too short to show what it is.
        records.skip(1000, &mut |_, _| unreachable!());
        let pieces = [b"....................", &first[..5], &first[5..12], &first[12..]];
        assert_eq!(found(&mut records, &pieces), [(one, 0)]);
    }

    #[test]
    fn large_records_are_cut_and_other_protocols_are_none() {
        let large = call(1, 5000);
        let mut records = Records::new(100, true);
        let all = found(&mut records, &[&fragment(&large, true), &fragment(&call(2, 0), true)]);
        assert_eq!(all, [(large[..100].to_vec(), 4940), (call(2, 0), 0)]);
        for stream in [
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_slice(),
            &[0; 100],
            &[0xff; 100],
            &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(found(&mut Records::new(100, true), &[stream, stream]), []);
            assert_eq!(found(&mut Records::new(100, false), &[stream, stream]), []);
        }
    }
}
