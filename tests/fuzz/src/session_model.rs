//! What the two ends of a keyed link remember, as the protocol states it.

use std::collections::HashSet;

use oncilla::keys::Carrier;

/// Names a session: the life of the opener and the number of its HELLO, the life of the acceptor and the number of sessions
/// that it had accepted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Name {
    pub opener: (u32, u32),
    pub acceptor: (u32, u32),
}

/// What a message is, without its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    Hello((u32, u32)),
    Challenge(Name),
    Open(Name, u32, u8),
    FromOpener(Name, u32, u8),
    FromAcceptor(Name, u32, u8),
}

/// The counters that one direction has taken.
#[derive(Default, Clone)]
struct Taken(HashSet<u32>);

impl Taken {
    /// Takes a counter if the rules of the carrier allow it.
    fn take(&mut self, carrier: Carrier, counter: u32) -> bool {
        let next = self.0.iter().max().map_or(0, |greatest| greatest + 1);
        let allowed = match carrier {
            Carrier::Connection => counter == next,
            Carrier::Serial => counter >= next,
            Carrier::Datagrams => counter + 32 >= next && !self.0.contains(&counter),
        };
        allowed && self.0.insert(counter)
    }
}

/// A session at one of its ends.
#[derive(Clone)]
pub struct Session {
    pub name: Name,
    pub sent: u32,
    taken: Taken,
    /// At the opener: whether the acceptor has it.
    pub confirmed: bool,
}

impl Session {
    pub fn new(name: Name) -> Self {
        Self { name, sent: 0, taken: Taken::default(), confirmed: false }
    }

    pub fn next(&mut self) -> (Name, u32) {
        self.sent += 1;
        (self.name, self.sent - 1)
    }
}

/// What both ends remember, as the protocol states it.
pub struct Model {
    pub carrier: Carrier,
    pub opener: u32,
    pub n: u32,
    pub pending: bool,
    pub known_boot: Option<u32>,
    pub opened: Option<Session>,
    pub former: Option<Session>,
    pub acceptor: u32,
    pub accepted: u32,
    pub session: Option<Session>,
}

impl Model {
    pub const fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            opener: 0,
            n: 0,
            pending: false,
            known_boot: None,
            opened: None,
            former: None,
            acceptor: 0,
            accepted: 0,
            session: None,
        }
    }

    /// One end restarts and forgets all.
    pub fn restart(&mut self, opener: bool) {
        if opener {
            self.opener += 1;
            (self.n, self.pending, self.known_boot) = (0, false, None);
            (self.opened, self.former) = (None, None);
        } else {
            self.acceptor += 1;
            (self.accepted, self.session) = (0, None);
        }
    }

    /// The acceptor takes a message. Returns its content.
    pub fn accept(&mut self, meaning: Meaning) -> Option<u8> {
        let (name, counter, content) = match meaning {
            Meaning::Open(name, counter, content) | Meaning::FromOpener(name, counter, content) => {
                (name, counter, content)
            }
            _ => return None,
        };
        if let Some(session) = self.session.as_mut().filter(|session| session.name == name) {
            return session.taken.take(self.carrier, counter).then_some(content);
        }
        let mut session = Session::new(name);
        let opens = matches!(meaning, Meaning::Open(..)) && name.acceptor == (self.acceptor, self.accepted);
        if !opens || !session.taken.take(self.carrier, counter) {
            return None;
        }
        self.accepted += 1;
        self.session = Some(session);
        Some(content)
    }

    /// The opener takes a CHALLENGE.
    pub fn challenge(&mut self, meaning: Meaning) -> bool {
        let Meaning::Challenge(name) = meaning else { return false };
        if !self.pending || name.opener != (self.opener, self.n) {
            return false;
        }
        let same = self.known_boot.is_none_or(|boot| boot == name.acceptor.0);
        self.former = self.opened.take().filter(|session| same && session.confirmed);
        self.opened = Some(Session::new(name));
        self.known_boot = Some(name.acceptor.0);
        self.pending = false;
        self.n += 1;
        true
    }

    /// The opener takes DATA. Returns its content.
    pub fn data(&mut self, meaning: Meaning) -> Option<u8> {
        let Meaning::FromAcceptor(name, counter, content) = meaning else { return None };
        if let Some(former) = self.former.as_mut().filter(|session| session.name == name) {
            return former.taken.take(self.carrier, counter).then_some(content);
        }
        let opened = self.opened.as_mut().filter(|session| session.name == name)?;
        if !opened.taken.take(self.carrier, counter) {
            return None;
        }
        opened.confirmed = true;
        self.former = None;
        if self.pending && self.carrier != Carrier::Connection {
            self.pending = false;
            self.n += 1;
        }
        Some(content)
    }
}
