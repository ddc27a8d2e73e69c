//! What a peer sends, cut into packets and checked before the MQTT library takes it.
//!
//! `mqtt-protocol-core` trusts three things that a peer decides: that a publication with an acknowledgement has a number
//! (its acknowledgement is built with `unwrap`), that CONNACK comes once (a second one changes the limit below which
//! publications in flight are counted), and that CONNACK comes first. [`Screen`] checks them. It also limits a packet
//! before memory is taken for it.

use std::borrow::Cow;
use std::fmt;

/// The largest number of bytes of a packet's type, flags and length (MQTT 5, §2.1.1).
const HEADER_MAX: usize = 5;

/// Why a packet is refused. The connection cannot be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The length of the packet is not one.
    Length,
    /// The packet is larger than the limit.
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A publication is shorter than its topic, or has no number although it must be acknowledged (§2.2.1).
    Publication,
    /// The first packet is another one than CONNACK.
    NotAccepted,
    /// CONNACK came twice.
    AcceptedTwice,
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => formatter.write_str("the length of a packet has more than 4 bytes"),
            Self::TooLarge { size, limit } => {
                write!(formatter, "a packet has {size} bytes, and at most {limit} are received")
            }
            Self::Publication => formatter.write_str("a publication has the number 0, or is shorter than its topic"),
            Self::NotAccepted => formatter.write_str("its first packet is not CONNACK"),
            Self::AcceptedTwice => formatter.write_str("it sent CONNACK twice"),
        }
    }
}

impl std::error::Error for Malformed {}

/// Cuts what a broker sends into packets, and refuses those that the MQTT library fails on.
#[derive(Debug)]
pub struct Screen {
    limit: usize,
    /// The begin of a packet whose rest has not arrived.
    begun: Vec<u8>,
    /// Whether CONNACK has come.
    accepted: bool,
}

impl Screen {
    /// Returns the screen of a new connection to a broker, for packets of at most this many bytes.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit: usize::try_from(limit).unwrap_or(usize::MAX), begun: Vec::new(), accepted: false }
    }

    /// Takes the next whole packet from the front of `bytes`. Returns nothing when its rest has not arrived.
    ///
    /// # Errors
    /// [`Malformed`]: the connection must end.
    pub fn next<'b>(&mut self, bytes: &mut &'b [u8]) -> Result<Option<Cow<'b, [u8]>>, Malformed> {
        let Some(packet) = self.cut(bytes)? else { return Ok(None) };
        self.check(&packet)?;
        Ok(Some(packet))
    }

    fn cut<'b>(&mut self, bytes: &mut &'b [u8]) -> Result<Option<Cow<'b, [u8]>>, Malformed> {
        if self.begun.is_empty() {
            let packet = match self.size(bytes)?.and_then(|size| bytes.split_at_checked(size)) {
                Some((packet, rest)) => {
                    *bytes = rest;
                    packet
                }
                None => {
                    self.begun.extend_from_slice(bytes);
                    *bytes = &[];
                    return Ok(None);
                }
            };
            return Ok(Some(packet.into()));
        }
        // The header first, since it has the size.
        while self.size(&self.begun)?.is_none() {
            let Some((byte, rest)) = bytes.split_first() else { return Ok(None) };
            self.begun.push(*byte);
            *bytes = rest;
        }
        let size = self.size(&self.begun)?.unwrap_or_default();
        let (more, rest) = bytes.split_at(size.saturating_sub(self.begun.len()).min(bytes.len()));
        self.begun.extend_from_slice(more);
        *bytes = rest;
        let whole = self.begun.len() >= size;
        Ok(whole.then(|| std::mem::take(&mut self.begun).into()))
    }

    /// Returns the size of the packet that begins with these bytes, if its header is there.
    fn size(&self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let Some((header, length)) = header(bytes)? else { return Ok(None) };
        let size = header + length;
        if size > self.limit {
            return Err(Malformed::TooLarge { size, limit: self.limit });
        }
        Ok(Some(size))
    }

    fn check(&mut self, packet: &[u8]) -> Result<(), Malformed> {
        let Some((first, header)) = packet.first().copied().zip(header(packet)?) else { return Ok(()) };
        match (first >> 4, self.accepted) {
            (CONNACK, false) => self.accepted = true,
            (CONNACK, true) => return Err(Malformed::AcceptedTwice),
            (_, false) => return Err(Malformed::NotAccepted),
            // Quality of service 0 has no number, and 3 is refused by the library.
            (PUBLISH, true) if first & 0b110 != 0 => {
                let number = number(packet.get(header.0..).unwrap_or_default());
                number.filter(|number| *number != 0).ok_or(Malformed::Publication)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The types of packets that are checked (MQTT 5, §2.1.2).
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;

/// Returns the lengths of a packet's header and of what follows it, if the header is there.
fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let mut length = 0;
    for (index, byte) in bytes.iter().enumerate().take(HEADER_MAX).skip(1) {
        length |= usize::from(byte & 0x7f) << (7 * (index - 1));
        if byte & 0x80 == 0 {
            return Ok(Some((index + 1, length)));
        }
    }
    if bytes.len() < HEADER_MAX { Ok(None) } else { Err(Malformed::Length) }
}

/// Returns the number of a publication, which follows its topic.
fn number(body: &[u8]) -> Option<u16> {
    let (length, rest) = body.split_first_chunk()?;
    let number = rest.get(usize::from(u16::from_be_bytes(*length))..)?.first_chunk()?;
    Some(u16::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTED: &[u8] = &[0x20, 3, 0, 0, 0];

    /// Takes parts one after another; returns the packets.
    fn take(parts: &[&[u8]]) -> Result<Vec<Vec<u8>>, Malformed> {
        let mut screen = Screen::new(400);
        let mut packets = Vec::new();
        for part in [&[ACCEPTED], parts].concat() {
            let mut bytes = part;
            while let Some(packet) = screen.next(&mut bytes)? {
                packets.push(packet.into_owned());
            }
            assert!(bytes.is_empty());
        }
        Ok(packets.split_off(1))
    }

    fn publication(flags: u8, number: u16, payload: usize) -> Vec<u8> {
        let mut body = [b"\0\x03a/b", &number.to_be_bytes()[..], &[0]].concat();
        body.resize(body.len() + payload, 7);
        let length = body.len();
        let header = match length {
            0..128 => vec![0x30 | flags, length as u8],
            _ => vec![0x30 | flags, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8],
        };
        [header, body].concat()
    }

    #[test]
    fn packets_are_the_same_however_they_arrive() {
        let packets = [publication(2, 1, 3), vec![0xd0, 0], publication(4, 513, 300), publication(0, 0, 0)];
        let stream = packets.concat();
        assert_eq!(take(&[&stream]).unwrap(), packets);
        let bytes: Vec<_> = stream.chunks(1).collect();
        assert_eq!(take(&bytes).unwrap(), packets);
        for cut in 0..stream.len() {
            assert_eq!(take(&[&stream[..cut], &stream[cut..]]).unwrap(), packets, "{cut}");
        }
    }

    #[test]
    fn a_publication_that_needs_a_number_has_one() {
        for flags in [2, 4, 0xa, 0xc] {
            assert_eq!(take(&[&publication(flags, 0, 9)]), Err(Malformed::Publication), "{flags}");
        }
        assert_eq!(take(&[&[0x32, 4, 0, 3, b'a', b'b']]), Err(Malformed::Publication));
        assert_eq!(take(&[&[0x32, 0]]), Err(Malformed::Publication));
        // One without an acknowledgement has none.
        assert_eq!(take(&[&publication(0, 0, 9)]).unwrap().len(), 1);
    }

    #[test]
    fn a_broker_accepts_first_and_once() {
        assert_eq!(take(&[ACCEPTED]), Err(Malformed::AcceptedTwice));
        let mut screen = Screen::new(400);
        assert_eq!(screen.next(&mut &[0xd0, 0][..]), Err(Malformed::NotAccepted));
    }

    #[test]
    fn what_is_too_large_is_refused_by_its_header() {
        assert_eq!(take(&[&[0x30, 0x90, 3]]), Err(Malformed::TooLarge { size: 403, limit: 400 }));
        assert_eq!(take(&[&[0x30, 0x8d, 3]]), Ok(Vec::new()));
        let all = [0x30, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(take(&[&all]), Err(Malformed::TooLarge { size: 0x0fff_ffff + 5, limit: 400 }));
        assert_eq!(take(&[&all[..2], &[0xff; 3]]), Err(Malformed::Length));
    }
}
