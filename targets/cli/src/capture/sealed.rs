//! Messages of keyed links among the traffic of a network.
//!
//! A sealed message looks like noise. On a connection, the record of a HELLO or of a CHALLENGE shows that the link has a
//! key. Among datagrams these show it, or two messages in a row whose counters follow each other.

use std::collections::HashMap;

use oncilla::keys::{ForwardSecret, Light, Suite};

use super::packet::Ends;
use crate::sealed::{Kind, Sealed};

/// The largest number of directions between two sockets that are remembered.
const FLOWS_MAX: usize = 4096;
/// How many zeros the random part of a HELLO or CHALLENGE may have. More show another protocol.
const ZEROS_MAX: usize = 4;
/// More than the largest message that any peer states, in bytes.
const LARGEST_MAX: u32 = 1 << 30;
/// The sizes of the messages that begin a session.
const HELLOS: [usize; 2] = [Light::HELLO, ForwardSecret::HELLO];
const CHALLENGES: [usize; 2] = [Light::CHALLENGE, ForwardSecret::CHALLENGE];

/// Returns whether a message of this size and first byte begins a session.
pub fn begins(first: u8, size: usize) -> bool {
    first == 1 && HELLOS.contains(&size) || first == 2 && CHALLENGES.contains(&size)
}

/// Recognizes sealed datagrams.
#[derive(Debug, Default)]
pub struct SealedDatagrams(HashMap<Ends, Flow>);

/// The datagrams from one socket to another.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    is_keyed: bool,
    /// The first byte and the counter of the last message that may be DATA.
    last: Option<(u8, u32)>,
}

impl SealedDatagrams {
    /// Returns whether a datagram is a message of a keyed link.
    pub fn is_sealed(&mut self, ends: Ends, bytes: &[u8]) -> bool {
        let Some(sealed) = Sealed::parse(bytes) else { return false };
        let first = bytes.first().copied().unwrap_or_default();
        if self.0.len() >= FLOWS_MAX && !self.0.contains_key(&ends) {
            self.0.clear();
        }
        match sealed.kind {
            Kind::Hello { .. } | Kind::Challenge => {
                let is_keyed = is_likely(bytes);
                if is_keyed {
                    let back = Ends { from: ends.to, to: ends.from };
                    for ends in [ends, back] {
                        self.0.entry(ends).or_default().is_keyed = true;
                    }
                }
                is_keyed
            }
            Kind::Open { .. } => self.0.get(&ends).is_some_and(|flow| flow.is_keyed),
            Kind::FromOpener(data) | Kind::FromAcceptor(data) => {
                let flow = self.0.entry(ends).or_default();
                let before = data.counter.checked_sub(1).map(|counter| (first, counter));
                flow.is_keyed |= before.is_some() && flow.last == before;
                flow.last = Some((first, data.counter));
                flow.is_keyed
            }
        }
    }
}

/// Returns whether a datagram with the size of a HELLO or a CHALLENGE is probably one.
fn is_likely(bytes: &[u8]) -> bool {
    // What follows the clear parts is random.
    let random = bytes.get(bytes.len().saturating_sub(32)..).unwrap_or_default();
    let zeros = random.iter().filter(|&&byte| byte == 0).count();
    // In the light suite, the size of the largest message is in the clear.
    let at = match bytes.len() {
        Light::HELLO => 7,
        Light::CHALLENGE => 6,
        _ => return zeros <= ZEROS_MAX,
    };
    let largest = bytes.get(at..).and_then(<[u8]>::first_chunk).map(|largest| u32::from_be_bytes(*largest));
    zeros <= ZEROS_MAX && largest.is_some_and(|largest| (1..LARGEST_MAX).contains(&largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(from: u16, to: u16) -> Ends {
        let at = |port| ([192, 0, 2, 1], port).into();
        Ends { from: at(from), to: at(to) }
    }

    fn data(first: u8, counter: u8) -> Vec<u8> {
        [&[first, 0, 0, 0, counter][..], &[0xa5; 20]].concat()
    }

    #[test]
    fn a_handshake_or_two_counters_show_a_keyed_link() {
        let mut datagrams = SealedDatagrams::default();
        let hello = [&[1, 0, 7, 1, 2, 3, 4, 0, 0, 4, 0][..], &[0x5a; 32]].concat();
        assert!(!datagrams.is_sealed(ends(1, 2), &data(0x80, 0)));
        assert!(datagrams.is_sealed(ends(1, 2), &hello));
        assert!(datagrams.is_sealed(ends(1, 2), &data(0x80, 9)) && datagrams.is_sealed(ends(2, 1), &data(0xc0, 3)));
        // Without a handshake.
        assert!(!datagrams.is_sealed(ends(3, 4), &data(0x80, 8)));
        assert!(datagrams.is_sealed(ends(3, 4), &data(0x80, 9)));
        assert!(!datagrams.is_sealed(ends(4, 3), &data(0xc0, 9)));
    }

    #[test]
    fn other_protocols_are_no_keyed_links() {
        let mut datagrams = SealedDatagrams::default();
        // A question of DNS whose number begins with 1, with the size of a HELLO.
        let question = b"\x01\x07\x01\0\0\x01\0\0\0\0\0\0\x0eaaaaaaaaaaaaaa\x07example\x03org\0\0\x01\0\x01";
        assert_eq!(question.len(), 44);
        for size in [35, 43] {
            assert!(!datagrams.is_sealed(ends(1, 53), &question[..size]), "{size}");
        }
        for counter in [7, 7, 6, 9] {
            assert!(!datagrams.is_sealed(ends(5, 6), &data(0x80, counter)));
        }
        // The same counters with another first byte, as QUIC and RTP have.
        assert!(!datagrams.is_sealed(ends(5, 6), &data(0x90, 10)));
    }
}
