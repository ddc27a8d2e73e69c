//! Topics.

use std::fmt;

use super::{Correlation, Hash, Name, NameError};

/// The name of the shared subscription of gateways: `$share/oncilla/…`.
pub const SHARE: &str = "oncilla";

/// What a topic is for. Its text begins with the name of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Topic {
    /// A call for one device.
    Call { device: Name, program: u32, user: Name },
    /// A call for any one device of a group.
    Any { group: Name, program: u32, user: Name },
    /// A call for every device of a group.
    Group { group: Name, program: u32, user: Name },
    /// A call that may wait until the device returns.
    Queue { device: Name, program: u32, user: Name },
    /// Replies for one client.
    Reply { user: Name, client: Name },
    /// The presence of a device.
    Presence { device: Name },
    /// The state of a gateway.
    Gateway { gateway: Name },
    /// The description of an interface.
    Description { hash: Hash },
    /// The state of a call in a queue.
    State { device: Name, user: Name, id: Correlation },
    /// The highest version of a program that callers may use.
    Cap { program: u32 },
}

/// Why a text is not a topic of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicError {
    /// The topic belongs to another fleet, or to something else.
    Strange,
    /// The second level is none of this protocol, or has another number of levels.
    Unknown,
    /// A level is not a name.
    Name(NameError),
    /// A level is not a program as `0x20000042`, in eight small digits.
    Program,
    /// A level is not the hash, or not the id, that it should be.
    Digits,
}

impl fmt::Display for TopicError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strange => formatter.write_str("the topic belongs to another fleet"),
            Self::Unknown => formatter.write_str("the topic is none of this protocol"),
            Self::Name(error) => error.fmt(formatter),
            Self::Program => formatter.write_str("a program in a topic has eight small hexadecimal digits: 0x20000042"),
            Self::Digits => formatter.write_str("a hash or an id in a topic has small hexadecimal digits"),
        }
    }
}

impl std::error::Error for TopicError {}

impl From<NameError> for TopicError {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}

/// Returns a program as in topics: `0x20000042`.
#[must_use]
pub fn program_text(program: u32) -> String {
    format!("{program:#010x}")
}

/// Returns the program of a text as in topics.
///
/// Each program has one text only. An access list that denies it cannot be passed by another spelling.
#[must_use]
pub fn program_from(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 8)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.bytes().all(is_digit).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// The topics of one fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    fleet: Name,
}

impl Topics {
    /// Returns the topics of a fleet.
    #[must_use]
    pub const fn new(fleet: Name) -> Self {
        Self { fleet }
    }

    /// Returns the name of the fleet.
    #[must_use]
    pub const fn fleet(&self) -> &Name {
        &self.fleet
    }

    /// Returns the text of a topic.
    #[must_use]
    pub fn text(&self, topic: &Topic) -> String {
        let fleet = &self.fleet;
        match topic {
            Topic::Call { device, program, user } => format!("{fleet}/call/{device}/{program:#010x}/{user}"),
            Topic::Any { group, program, user } => format!("{fleet}/any/{group}/{program:#010x}/{user}"),
            Topic::Group { group, program, user } => format!("{fleet}/group/{group}/{program:#010x}/{user}"),
            Topic::Queue { device, program, user } => format!("{fleet}/queue/{device}/{program:#010x}/{user}"),
            Topic::Reply { user, client } => format!("{fleet}/reply/{user}/{client}"),
            Topic::Presence { device } => format!("{fleet}/presence/{device}"),
            Topic::Gateway { gateway } => format!("{fleet}/gateway/{gateway}"),
            Topic::Description { hash } => format!("{fleet}/description/{hash}"),
            Topic::State { device, user, id } => format!("{fleet}/state/{device}/{user}/{id}"),
            Topic::Cap { program } => format!("{fleet}/cap/{program:#010x}"),
        }
    }

    /// Returns the topic of a text.
    ///
    /// # Errors
    /// [`TopicError`]; the text may come from a peer.
    pub fn parse(&self, text: &str) -> Result<Topic, TopicError> {
        let rest =
            text.strip_prefix(&*self.fleet).and_then(|rest| rest.strip_prefix('/')).ok_or(TopicError::Strange)?;
        // The longest has four levels after the fleet. A fifth one is not split off, and is no name.
        let mut levels = rest.splitn(4, '/');
        let mut next = || levels.next();
        let topic = (next(), next(), next(), next());
        let name = |text: &str| Name::new(text).map_err(TopicError::Name);
        let program = |text: &str| program_from(text).ok_or(TopicError::Program);
        Ok(match topic {
            (Some("call"), Some(device), Some(number), Some(user)) => {
                Topic::Call { device: name(device)?, program: program(number)?, user: name(user)? }
            }
            (Some("any"), Some(group), Some(number), Some(user)) => {
                Topic::Any { group: name(group)?, program: program(number)?, user: name(user)? }
            }
            (Some("group"), Some(group), Some(number), Some(user)) => {
                Topic::Group { group: name(group)?, program: program(number)?, user: name(user)? }
            }
            (Some("queue"), Some(device), Some(number), Some(user)) => {
                Topic::Queue { device: name(device)?, program: program(number)?, user: name(user)? }
            }
            (Some("reply"), Some(user), Some(client), None) => {
                Topic::Reply { user: name(user)?, client: name(client)? }
            }
            (Some("presence"), Some(device), None, None) => Topic::Presence { device: name(device)? },
            (Some("gateway"), Some(gateway), None, None) => Topic::Gateway { gateway: name(gateway)? },
            (Some("description"), Some(hash), None, None) => {
                Topic::Description { hash: hash.parse().map_err(|_| TopicError::Digits)? }
            }
            (Some("state"), Some(device), Some(user), Some(id)) => Topic::State {
                device: name(device)?,
                user: name(user)?,
                id: Correlation::from_hex(id).ok_or(TopicError::Digits)?,
            },
            (Some("cap"), Some(number), None, None) => Topic::Cap { program: program(number)? },
            _ => return Err(TopicError::Unknown),
        })
    }

    /// Returns the filter of all calls for a device.
    #[must_use]
    pub fn calls_of(&self, device: &Name) -> String {
        format!("{}/call/{device}/+/+", self.fleet)
    }

    /// Returns the filter of the calls for any device of a group, shared by all gateways.
    #[must_use]
    pub fn any_of(&self, group: &Name) -> String {
        format!("$share/{SHARE}/{}/any/{group}/+/+", self.fleet)
    }

    /// Returns the filter of the calls for every device of a group.
    #[must_use]
    pub fn group_of(&self, group: &Name) -> String {
        format!("{}/group/{group}/+/+", self.fleet)
    }

    /// Returns the filter of the queued calls for a device.
    #[must_use]
    pub fn queue_of(&self, device: &Name) -> String {
        format!("{}/queue/{device}/+/+", self.fleet)
    }

    /// Returns the filter of the states of queued calls for a device.
    #[must_use]
    pub fn states_of(&self, device: &Name) -> String {
        format!("{}/state/{device}/+/+", self.fleet)
    }

    /// Returns the filter of the states of the queued calls of a user.
    #[must_use]
    pub fn states_for(&self, user: &Name) -> String {
        format!("{}/state/+/{user}/+", self.fleet)
    }

    /// Returns the filter of one kind: `presence`, `gateway`, `description` or `cap`.
    #[must_use]
    pub fn all(&self, kind: &str) -> String {
        format!("{}/{kind}/+", self.fleet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics() -> Topics {
        Topics::new(Name::new("plant").unwrap())
    }

    #[test]
    fn topics_are_written_and_parsed() {
        for text in [
            "plant/call/oven-7/0x20000042/alice",
            "plant/any/ovens/0x20000042/-",
            "plant/group/ovens/0x000186a3/alice",
            "plant/queue/oven-7/0x20000042/alice",
            "plant/reply/alice/c1",
            "plant/presence/oven-7",
            "plant/gateway/west",
            &format!("plant/description/{}", "0f".repeat(32)),
            "plant/state/oven-7/alice/0102ff",
            "plant/cap/0x20000042",
        ] {
            let topic = topics().parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(topics().text(&topic), text);
        }
    }

    #[test]
    fn other_texts_are_no_topics() {
        for (text, error) in [
            ("", TopicError::Strange),
            ("plant", TopicError::Strange),
            ("plants/presence/a", TopicError::Strange),
            ("plant/", TopicError::Unknown),
            ("plant/presence", TopicError::Unknown),
            ("plant/presence/a/b", TopicError::Unknown),
            ("plant/reply/a/b/c", TopicError::Unknown),
            ("plant/call/a/0x20000042", TopicError::Unknown),
            ("plant/call/a/0x20000042/u/v", TopicError::Name(NameError::Letter('/'))),
            ("plant/presence/+", TopicError::Name(NameError::Letter('+'))),
            ("plant/call/a/536870978/u", TopicError::Program),
            ("plant/call/a/0x2000004B/u", TopicError::Program),
            ("plant/call/a/0x+0000042/u", TopicError::Program),
            ("plant/call/a/0x42/u", TopicError::Program),
            ("plant/description/00", TopicError::Digits),
            ("plant/state/a/u/", TopicError::Digits),
            ("plant/state/a/u/0FFF", TopicError::Digits),
        ] {
            assert_eq!(topics().parse(text), Err(error), "{text:?}");
        }
    }
}
