//! Messages of keyed links, as a reader without the key sees them.

use std::fmt;

use oncilla::keys::{ForwardSecret, Light, Suite};
use serde_json::{Map, Value};

/// A message of a keyed link: its kind, place, counter and size. Nothing is decrypted or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub kind: Kind,
    /// The size of the whole message in bytes.
    pub size: usize,
}

/// The kinds of messages, with what is in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Hello { key: u16 },
    Challenge,
    Open { key: u16, data: Data },
    FromOpener(Data),
    FromAcceptor(Data),
}

/// The clear part of a sealed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// The number of the place, and 32 more for every second session in it.
    pub place: u8,
    pub counter: u32,
    /// Bytes of the call, the reply or the log in it.
    pub content: usize,
}

/// Sizes of a HELLO and a CHALLENGE, and of an OPEN without its DATA, in each suite.
const HELLOS: [usize; 2] = [Light::HELLO, ForwardSecret::HELLO];
const CHALLENGES: [usize; 2] = [Light::CHALLENGE, ForwardSecret::CHALLENGE];
// The longer one first: the DATA of a longer message may follow the shorter one.
const OPENS: [usize; 2] = [ForwardSecret::OPEN, Light::OPEN];

/// Bytes of DATA beside the content: first byte, counter, kind and tag.
const DATA: usize = 1 + 4 + 1 + 16;

impl Sealed {
    /// Parses a message. Returns `None` for one that no keyed link sends.
    ///
    /// A message without keys may look like one of these by chance; check first that it is none.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let (&first, rest) = message.split_first()?;
        let size = message.len();
        let key = || Some(u16::from_be_bytes(*rest.first_chunk()?));
        let kind = match first {
            1 if HELLOS.contains(&size) => Kind::Hello { key: key()? },
            2 if CHALLENGES.contains(&size) => Kind::Challenge,
            3 => {
                let data = OPENS.iter().find_map(|&front| Data::parse(message.get(front..)?));
                Kind::Open { key: key()?, data: data? }
            }
            128..=191 => Kind::FromOpener(Data::parse(message)?),
            192..=255 => Kind::FromAcceptor(Data::parse(message)?),
            _ => return None,
        };
        Some(Self { kind, size })
    }

    /// Returns the kind, as the protocol names it.
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Hello { .. } => "HELLO",
            Kind::Challenge => "CHALLENGE",
            Kind::Open { .. } => "OPEN",
            Kind::FromOpener(_) | Kind::FromAcceptor(_) => "DATA",
        }
    }
}

impl Sealed {
    /// Returns what is known, for programs.
    pub fn json(&self) -> Map<String, Value> {
        let (key, data) = match self.kind {
            Kind::Hello { key } => (Some(key), None),
            Kind::Challenge => (None, None),
            Kind::Open { key, data } => (Some(key), Some(data)),
            Kind::FromOpener(data) | Kind::FromAcceptor(data) => (None, Some(data)),
        };
        let mut value = Map::new();
        value.insert("kind".into(), self.name().into());
        value.insert("size".into(), self.size.into());
        value.extend(key.map(|key| ("key".into(), key.into())));
        if let Some(Data { place, counter, content }) = data {
            value.insert("place".into(), place.into());
            value.insert("counter".into(), counter.into());
            value.insert("sealed_bytes".into(), content.into());
        }
        value
    }
}

impl Data {
    fn parse(message: &[u8]) -> Option<Self> {
        let (&[first, a, b, c, d], _) = message.split_first_chunk::<5>()?;
        let content = message.len().checked_sub(DATA)?;
        let counter = u32::from_be_bytes([a, b, c, d]);
        (first >= 128).then_some(Self { place: first & 0x3f, counter, content })
    }
}

impl fmt::Display for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "place {}, counter {}, {} bytes sealed", self.place, self.counter, self.content)
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self.kind {
            Kind::Hello { key } => write!(formatter, "{name} of a keyed link, key {key}"),
            Kind::Challenge => write!(formatter, "{name} of a keyed link"),
            Kind::Open { key, data } => write!(formatter, "{name} of a keyed link, key {key}, {data}"),
            Kind::FromOpener(data) => write!(formatter, "{name} of a keyed link, from its opener, {data}"),
            Kind::FromAcceptor(data) => write!(formatter, "{name} of a keyed link, from its acceptor, {data}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(first: u8, size: usize) -> Vec<u8> {
        let mut message = vec![0; size];
        message[..3].copy_from_slice(&[first, 0, 7]);
        message
    }

    #[test]
    fn messages_are_described_without_a_key() {
        let text = |message: &[u8]| Sealed::parse(message).map(|sealed| sealed.to_string());
        for size in HELLOS {
            assert_eq!(text(&message(1, size)).as_deref(), Some("HELLO of a keyed link, key 7"));
        }
        for size in CHALLENGES {
            assert_eq!(text(&message(2, size)).as_deref(), Some("CHALLENGE of a keyed link"));
        }
        let mut data = message(0x85, 26);
        data[1..5].copy_from_slice(&[0, 0, 0, 3]);
        let words = "DATA of a keyed link, from its opener, place 5, counter 3, 4 bytes sealed";
        assert_eq!(text(&data).as_deref(), Some(words));
        for front in OPENS {
            let open = [message(3, front), data.clone()].concat();
            let words = "OPEN of a keyed link, key 7, place 5, counter 3, 4 bytes sealed";
            assert_eq!(text(&open).as_deref(), Some(words));
        }
        for (first, size) in [(0, 43), (1, 44), (2, 43), (3, 60), (4, 43), (0x80, 21), (0xff, 5), (1, 4)] {
            assert_eq!(text(&message(first, size)), None, "{first} {size}");
        }
        assert_eq!(text(&[]), None);
    }
}
