//! What a client knows of a fleet: from retained publications.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::error::Error;
use crate::wire::{
    CallState, Cap, Correlation, Document, GatewayState, Hash, Name, Online, Presence, PresenceState, Session, Topic,
};

/// The largest number of devices that is kept.
const DEVICES_MAX: usize = 1 << 20;

/// The largest number of gateways, caps and descriptions that is kept, each.
const OTHERS_MAX: usize = 4096;

/// The largest description in bytes.
pub const DESCRIPTION_MAX: usize = 1 << 20;

/// What is known of a fleet.
#[derive(Debug, Default)]
pub struct Directory {
    pub devices: BTreeMap<Name, Arc<Presence>>,
    pub gateways: HashMap<Name, GatewayState>,
    pub caps: HashMap<u32, u32>,
    pub descriptions: HashMap<Hash, Arc<str>>,
    /// The states of queued calls that somebody watches.
    pub states: HashMap<(Name, Name, Correlation), Option<CallState>>,
}

/// What a publication changed.
pub enum Change {
    Nothing,
    Device(Name, Option<Arc<Presence>>),
    Gateway(Name),
    Other,
}

impl Directory {
    /// Takes a publication, which may come from a strange peer. An empty one takes a retained one back.
    pub fn take(&mut self, topic: Topic, payload: &[u8]) -> Change {
        match topic {
            Topic::Presence { device } if payload.is_empty() => {
                self.devices.remove(&device);
                Change::Device(device, None)
            }
            Topic::Presence { device } => {
                let room = self.devices.len() < DEVICES_MAX || self.devices.contains_key(&device);
                let Some(presence) = Presence::parse(payload).ok().filter(|_| room).map(Arc::new) else {
                    return Change::Nothing;
                };
                self.devices.insert(device.clone(), Arc::clone(&presence));
                Change::Device(device, Some(presence))
            }
            Topic::Gateway { gateway } => {
                let room = self.gateways.len() < OTHERS_MAX || self.gateways.contains_key(&gateway);
                match GatewayState::parse(payload) {
                    Ok(state) if room => drop(self.gateways.insert(gateway.clone(), state)),
                    Err(_) if payload.is_empty() => drop(self.gateways.remove(&gateway)),
                    _ => return Change::Nothing,
                }
                Change::Gateway(gateway)
            }
            Topic::Cap { program } => {
                let room = self.caps.len() < OTHERS_MAX || self.caps.contains_key(&program);
                match Cap::parse(payload) {
                    Ok(cap) if room => drop(self.caps.insert(program, cap.highest)),
                    Err(_) if payload.is_empty() => drop(self.caps.remove(&program)),
                    _ => return Change::Nothing,
                }
                Change::Other
            }
            Topic::Description { hash } => {
                let fits = payload.len() <= DESCRIPTION_MAX && self.descriptions.len() < OTHERS_MAX;
                let text = std::str::from_utf8(payload).ok().filter(|_| fits && Hash::of(payload) == hash);
                match text {
                    Some(text) => drop(self.descriptions.insert(hash, text.into())),
                    None => return Change::Nothing,
                }
                Change::Other
            }
            Topic::State { device, user, id } => {
                let Some(kept) = self.states.get_mut(&(device, user, id)) else { return Change::Nothing };
                match CallState::parse(payload) {
                    Ok(state) => *kept = Some(state),
                    Err(_) => return Change::Nothing,
                }
                Change::Other
            }
            _ => Change::Nothing,
        }
    }

    /// Returns whether a gateway is there, in this session.
    pub fn serves(&self, gateway: &Name, session: Session) -> bool {
        self.gateways.get(gateway).is_some_and(|state| state.state == Online::Online && state.session == session)
    }

    /// Returns the presence of a device that can be called.
    ///
    /// # Errors
    /// The device is unknown or away.
    pub fn online(&self, device: &Name) -> Result<Arc<Presence>, Error> {
        let presence = self.devices.get(device).ok_or_else(|| Error::Unknown { device: device.clone() })?;
        match self.trouble(presence) {
            None => Ok(Arc::clone(presence)),
            Some(reason) => Err(Error::Away {
                device: device.clone(),
                gateway: presence.gateway.clone(),
                since: self.since(presence),
                reason,
            }),
        }
    }

    /// Returns why a device cannot be called.
    pub fn trouble(&self, presence: &Presence) -> Option<String> {
        match presence.state {
            PresenceState::Away if presence.reason.is_empty() => Some("its gateway does not reach it".to_owned()),
            PresenceState::Away => Some(presence.reason.clone()),
            PresenceState::Claiming => Some("a gateway is about to take it over".to_owned()),
            PresenceState::Online => match self.gateways.get(&presence.gateway) {
                None => Some("its gateway is unknown".to_owned()),
                Some(state) if state.state == Online::Offline => Some("its gateway is offline".to_owned()),
                Some(state) if state.session != presence.session => Some("its gateway has restarted".to_owned()),
                Some(_) => None,
            },
        }
    }

    /// Returns since when a device cannot be called, as far as it is known.
    pub fn since(&self, presence: &Presence) -> u64 {
        let gateway = self.gateways.get(&presence.gateway).and_then(|state| state.since);
        match presence.state {
            PresenceState::Online => gateway.unwrap_or(presence.since),
            _ => presence.since,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn take(directory: &mut Directory, topic: Topic, text: &str) {
        directory.take(topic, text.as_bytes());
    }

    #[test]
    fn a_device_can_be_called_while_its_gateway_is_there_in_the_same_session() {
        let mut directory = Directory::default();
        let (oven, west) = (name("oven-7"), name("west"));
        assert_eq!(directory.online(&oven), Err(Error::Unknown { device: oven.clone() }));
        let presence = |state: &str| {
            format!(r#"{{"state":"{state}","gateway":"west","session":"0000000000000001","term":1,"since":5}}"#)
        };
        let gateway =
            |state: &str, session: u8| format!(r#"{{"state":"{state}","session":"000000000000000{session}"}}"#);
        let of_oven = || Topic::Presence { device: name("oven-7") };
        let of_west = || Topic::Gateway { gateway: name("west") };
        let reason = |directory: &Directory| match directory.online(&name("oven-7")) {
            Ok(_) => String::new(),
            Err(Error::Away { reason, .. }) => reason,
            Err(error) => error.to_string(),
        };

        take(&mut directory, of_oven(), &presence("online"));
        assert_eq!(reason(&directory), "its gateway is unknown");
        take(&mut directory, of_west(), &gateway("online", 1));
        assert_eq!(reason(&directory), "");
        assert!(directory.serves(&west, Session(1)));
        take(&mut directory, of_west(), &gateway("offline", 1));
        assert_eq!(reason(&directory), "its gateway is offline");
        take(&mut directory, of_west(), &gateway("online", 2));
        assert_eq!(reason(&directory), "its gateway has restarted");
        take(&mut directory, of_oven(), &presence("claiming"));
        assert_eq!(reason(&directory), "a gateway is about to take it over");
        // What is not a document changes nothing.
        take(&mut directory, of_oven(), "{}");
        assert_eq!(reason(&directory), "a gateway is about to take it over");
        take(&mut directory, of_oven(), "");
        assert!(matches!(directory.online(&oven), Err(Error::Unknown { .. })));
    }

    #[test]
    fn a_description_has_the_hash_of_its_topic() {
        let mut directory = Directory::default();
        let hash = Hash::of(b"abc");
        take(&mut directory, Topic::Description { hash }, "abd");
        assert!(directory.descriptions.is_empty());
        take(&mut directory, Topic::Description { hash }, "abc");
        assert_eq!(&*directory.descriptions[&hash], "abc");
    }
}
