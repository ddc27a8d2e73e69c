//! Addresses of fleets and of what is in them: `mqtt://user@broker:1883/plant/oven-7`.

use std::fmt;
use std::str::FromStr;

use crate::wire::Name;

/// The address of a fleet, or of something in it.
///
/// | text | place |
/// |---|---|
/// | `mqtt://broker/plant` | the fleet `plant` |
/// | `mqtt://alice@broker:1884/plant/oven-7` | the device `oven-7`, called as user `alice` |
/// | `mqtts://broker/plant/any:ovens` | any one device of the group `ovens`, inside TLS |
/// | `mqtt://broker/plant/group:ovens` | every device of the group `ovens` |
///
/// The port is 1883, or 8883 inside TLS, unless it is given. An address has no password, since other users of a machine
/// see the arguments of its programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether the connection to the broker is inside TLS.
    pub tls: bool,
    /// The name of the user at the broker.
    pub user: Option<Name>,
    /// `host:port` of the broker.
    pub broker: String,
    /// The name of the fleet.
    pub fleet: Name,
    /// What in the fleet.
    pub place: Place,
}

/// What in a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The fleet itself.
    Fleet,
    /// One device.
    Device(Name),
    /// Any one device of a group.
    Any(Name),
    /// Every device of a group.
    Group(Name),
}

/// The form of an address, for errors.
const FORM: &str =
    "write mqtt://BROKER/FLEET/DEVICE, mqtt://USER@BROKER:PORT/FLEET/any:GROUP or …/group:GROUP, with mqtts:// for TLS";

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address of a fleet; {FORM}");
        let (tls, rest) = match text.split_once("://") {
            Some(("mqtt", rest)) => (false, rest),
            Some(("mqtts", rest)) => (true, rest),
            _ => return Err(wrong()),
        };
        let (authority, path) = rest.split_once('/').ok_or_else(wrong)?;
        let (user, broker) = match authority.rsplit_once('@') {
            Some((user, broker)) => (Some(user), broker),
            None => (None, authority),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err("an address has no password; put it in a file (`--password-file`) or in the environment \
                        (ONCILLA_PASSWORD)"
                .to_owned());
        }
        let named = |what: &str, text: &str| Name::new(text).map_err(|error| format!("{what} {text:?}: {error}"));
        let mut levels = path.trim_end_matches('/').split('/');
        let fleet = levels.next().filter(|fleet| !fleet.is_empty()).ok_or_else(wrong)?;
        let place = match levels.next() {
            None => Place::Fleet,
            Some(place) => match place.split_once(':') {
                Some(("any", group)) => Place::Any(named("the group", group)?),
                Some(("group", group)) => Place::Group(named("the group", group)?),
                Some((kind, _)) => return Err(format!("{kind:?} is no kind of place; write any:GROUP or group:GROUP")),
                None => Place::Device(named("the device", place)?),
            },
        };
        if levels.next().is_some() {
            return Err(wrong());
        }
        Ok(Self {
            tls,
            user: user.map(|user| named("the user", user)).transpose()?,
            broker: with_port(broker, if tls { 8883 } else { 1883 }).ok_or_else(wrong)?,
            fleet: named("the fleet", fleet)?,
            place,
        })
    }
}

/// Adds the port, unless it is there.
fn with_port(broker: &str, port: u16) -> Option<String> {
    let host_ends = broker.rfind(']').map_or(0, |at| at + 1);
    let (host, given) = match broker.get(host_ends..)?.rfind(':') {
        Some(at) => (broker.get(..host_ends + at)?, Some(broker.get(host_ends + at + 1..)?)),
        None => (broker, None),
    };
    // An IPv6 address has brackets.
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let wrong = match bracketed {
        Some(inner) => inner.contains(['[', ']']),
        None => host.contains([':', '[', ']']),
    };
    if host.is_empty() || wrong {
        return None;
    }
    let digits = given.is_none_or(|given| given.bytes().all(|digit| digit.is_ascii_digit()));
    let port = given.map_or(Some(port), |given| given.parse().ok().filter(|_| digits))?;
    Some(format!("{host}:{port}"))
}

impl Address {
    /// Returns the address of another place of the same fleet.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, port) = if self.tls { ("mqtts", ":8883") } else { ("mqtt", ":1883") };
        write!(formatter, "{scheme}://")?;
        if let Some(user) = &self.user {
            write!(formatter, "{user}@")?;
        }
        let broker = self.broker.strip_suffix(port).unwrap_or(&self.broker);
        write!(formatter, "{broker}/{}", self.fleet)?;
        match &self.place {
            Place::Fleet => Ok(()),
            place => write!(formatter, "/{place}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fleet => Ok(()),
            Self::Device(device) => device.fmt(formatter),
            Self::Any(group) => write!(formatter, "any:{group}"),
            Self::Group(group) => write!(formatter, "group:{group}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in [
            "mqtt://broker/plant",
            "mqtt://127.0.0.1:11883/plant/oven-7",
            "mqtts://alice@broker.local/plant/any:ovens",
            "mqtt://[fd00::7]:1884/plant/group:ovens",
            "mqtt://[fd00::7]/plant",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        let address: Address = "mqtt://broker/plant/".parse().unwrap();
        assert_eq!((&*address.broker, address.place), ("broker:1883", Place::Fleet));
        assert_eq!("mqtts://b/f/d".parse::<Address>().unwrap().broker, "b:8883");
    }

    #[test]
    fn wrong_addresses_state_what_to_write() {
        let error = |text: &str| text.parse::<Address>().unwrap_err();
        for text in [
            "mqtt://broker",
            "mqtt:///plant",
            "mqtt://broker/",
            "tcp://b/f",
            "mqtt://b:x/f",
            "mqtt://b:99999/f",
            "mqtt://b/f/d/e",
            "mqtt://fd00::7/f",
            "mqtt://b:/f",
            "mqtt://[fd00::7}:1/f",
            "mqtt://a]b:1/f",
        ] {
            assert!(error(text).contains("write mqtt://BROKER/FLEET/DEVICE"), "{text}: {}", error(text));
        }
        assert!(error("mqtt://alice:secret@b/f").contains("ONCILLA_PASSWORD"));
        assert!(!error("mqtt://alice:secret@b/f").contains("secret"));
        assert!(error("mqtt://b/f/all:ovens").contains("any:GROUP"));
        assert!(error("mqtt://b/f/oven#7").contains("'#'"));
        assert!(error("mqtt://a+b@b/f").contains("the user \"a+b\""));
    }
}
