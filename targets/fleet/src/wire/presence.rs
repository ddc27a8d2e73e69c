//! Retained documents: devices, gateways, caps.

use std::fmt;
use std::str::FromStr;

use serde_derive::{Deserialize, Serialize};

use super::{Document, Hash, Name, hash, text};

/// What a gateway says of a device: `F/presence/D`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Whether calls reach the device.
    pub state: PresenceState,
    /// The gateway that serves the device, or claims it.
    pub gateway: Name,
    /// The session of the gateway. Another one means that the gateway has restarted since.
    pub session: Session,
    /// The number of the claim. The highest is the owner's.
    pub term: u64,
    /// Since when the state lasts, in ms of Unix time.
    pub since: u64,
    /// The boot number of the device, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<u32>,
    /// The groups of the device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Name>,
    /// The programs that the device serves, as far as the gateway knows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Served>,
    /// The hash of the description of its interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Hash>,
    /// Why the device is away, for people.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "text::read")]
    pub reason: String,
}

/// Whether calls reach a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PresenceState {
    /// The gateway serves the device.
    Online,
    /// A gateway is about to serve the device.
    Claiming,
    /// The gateway does not reach the device.
    Away,
}

/// A program of a device, with ranges of its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The number of the program.
    #[serde(with = "program")]
    pub program: u32,
    /// Its name in the interface.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "text::read")]
    pub name: String,
    /// Its versions: ranges of the lowest and the highest one.
    pub versions: Vec<(u32, u32)>,
}

impl Served {
    /// Returns whether the device has this version.
    #[must_use]
    pub fn has(&self, version: u32) -> bool {
        self.versions.iter().any(|&(low, high)| (low..=high).contains(&version))
    }

    /// Returns the highest version that the device has among `low..=high`.
    #[must_use]
    pub fn highest(&self, low: u32, high: u32) -> Option<u32> {
        let highest = |&(first, last): &(u32, u32)| {
            let version = last.min(high);
            (version >= first && version >= low).then_some(version)
        };
        self.versions.iter().filter_map(highest).max()
    }
}

impl Presence {
    /// Returns a program of the device.
    #[must_use]
    pub fn program(&self, program: u32) -> Option<&Served> {
        self.programs.iter().find(|served| served.program == program)
    }
}

/// What a gateway says of itself: `F/gateway/W`. Its last will says that it is offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayState {
    /// Whether the gateway is connected.
    pub state: Online,
    /// Random, and another one after each start and each new connection that lost devices.
    pub session: Session,
    /// Since when, in ms of Unix time. A last will cannot have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// Whether it has published the states of all queued calls that it has delivered or ended, since it is connected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
    /// The version of the gateway's program.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "text::read")]
    pub version: String,
}

/// Whether a gateway is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Online {
    /// It is.
    Online,
    /// It is not.
    Offline,
}

/// The highest version of a program that callers may use: `F/cap/P`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The version.
    pub highest: u32,
}

impl Document for Presence {}
impl Document for GatewayState {}
impl Document for Cap {}

/// The random number of a gateway's session: 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Session(pub u64);

impl fmt::Display for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({self})")
    }
}

impl FromStr for Session {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 8];
        hash::from_hex(text, &mut bytes).ok_or("a session has 16 small hexadecimal digits")?;
        Ok(Self(u64::from_be_bytes(bytes)))
    }
}

impl TryFrom<String> for Session {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Session> for String {
    fn from(session: Session) -> Self {
        session.to_string()
    }
}

/// A program in JSON: the text of topics.
pub(super) mod program {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::super::{program_from, program_text};

    pub fn serialize<S: Serializer>(program: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&program_text(*program))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        program_from(&text).ok_or_else(|| D::Error::custom("a program is written as 0x20000042"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONLINE: &str = r#"{"state":"online","gateway":"west","session":"00000000000000ff","term":3,"since":1790000000123,
        "boot":77,"groups":["ovens"],"programs":[{"program":"0x20000042","name":"thermostat","versions":[[1,2],[4,4]]}],
        "description":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","later":[1]}"#;

    #[test]
    fn presence_is_parsed_and_written() {
        let presence = Presence::parse(ONLINE.as_bytes()).unwrap();
        assert_eq!(presence.session, Session(255));
        assert_eq!(presence.description, Some(Hash::of(b"abc")));
        assert_eq!(Presence::parse(&presence.to_bytes()), Ok(presence));
    }

    #[test]
    fn versions_may_have_gaps() {
        let presence = Presence::parse(ONLINE.as_bytes()).unwrap();
        let served = presence.program(0x2000_0042).unwrap();
        assert!(served.has(2) && !served.has(3) && served.has(4));
        assert_eq!(served.highest(1, 9), Some(4));
        assert_eq!(served.highest(1, 3), Some(2));
        assert_eq!(served.highest(3, 3), None);
        assert_eq!(served.highest(5, 9), None);
        assert_eq!(served.highest(2, 1), None);
    }

    #[test]
    fn documents_are_bounded_and_strict() {
        let large = format!("{ONLINE}{}", " ".repeat(DOCUMENT_MAX));
        assert!(Presence::parse(large.as_bytes()).unwrap_err().to_string().contains("at most 65536"));
        for bad in [
            &b"\xff"[..],
            b"",
            b"null",
            b"{}",
            br#"{"state":"online","gateway":"a/b","session":"00000000000000ff","term":3,"since":1}"#,
            br#"{"state":"online","gateway":"a","session":"ff","term":3,"since":1}"#,
            br#"{"state":"online","gateway":"a","session":"00000000000000ff","term":-1,"since":1}"#,
        ] {
            assert!(Presence::parse(bad).is_err());
        }
        let deep = [&b"{\"state\":"[..], &b"[".repeat(60_000)].concat();
        assert!(Cap::parse(&deep).is_err());
    }

    use super::super::DOCUMENT_MAX;
}
