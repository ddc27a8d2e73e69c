//! The rules of sessions: two real ends and a model of them, step by step, on any schedule of an attacker.

use oncilla::ProcedureId;
use oncilla::keys::{
    Accepts, Carrier, Content, Ends, ForwardSecret, Greeted, Key, KeyId, Light, Opens, SecretStart, Side, Suite, To,
};

use crate::session_model::{Meaning, Model, Name};

/// A suite and its starts.
pub trait Starts: Suite + Sized {
    fn start(side: u8, life: u32) -> Self::Start;
}

impl Starts for Light {
    fn start(side: u8, life: u32) -> [u8; 16] {
        [side, life as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    }
}

impl Starts for ForwardSecret {
    fn start(side: u8, life: u32) -> SecretStart {
        let mut start = [0; 32];
        (start[0], start[1]) = (side, life as u8);
        SecretStart::new(start)
    }
}

static KEY: Key = Key::new(KeyId(1), *b"sixteen bytes !!");

/// Bytes before the content of DATA.
const HEAD: usize = 5;

/// The first byte of a content that is no message.
const NOTHING: u8 = 4;

struct World<S: Suite> {
    opens: Opens<&'static Key, S>,
    accepts: Accepts<&'static Key, 1, S>,
    model: Model,
    /// All that was ever sent.
    recorded: Vec<(Meaning, Vec<u8>)>,
    sealed: u8,
}

impl<S: Starts> World<S> {
    fn new(carrier: Carrier) -> Self {
        let (opens, accepts) = (Self::opens(0), Self::accepts(0));
        Self { opens, accepts, model: Model::new(carrier), recorded: Vec::new(), sealed: 0 }
    }

    fn opens(life: u32) -> Opens<&'static Key, S> {
        Opens::new(Side::Host, &KEY, S::start(1, life), life)
    }

    fn accepts(life: u32) -> Accepts<&'static Key, 1, S> {
        Accepts::new(Side::Device, &KEY, S::start(2, life), life)
    }

    fn record(&mut self, meaning: Meaning, bytes: &[u8]) {
        self.recorded.push((meaning, bytes.to_vec()));
    }

    /// The opener sends what is due: a HELLO, or an OPEN without a call.
    fn send_due(&mut self) {
        let mut room = [0; 200];
        let carrier = self.model.carrier;
        while self.opens.needs_attention() {
            self.opens.take_change();
            let Some(length) = self.opens.write_hello(carrier, &mut room, 200) else { break };
            if room[0] == 1 {
                self.model.pending = true;
                let name = (self.model.opener, self.model.n);
                self.record(Meaning::Hello(name), &room[..length]);
            } else {
                self.record_from_opener(NOTHING, &room[..length]);
            }
        }
    }

    fn record_from_opener(&mut self, content: u8, bytes: &[u8]) {
        let opened = self.model.opened.as_mut().expect("the opener has a session");
        let ((name, counter), confirmed) = (opened.next(), opened.confirmed);
        assert_eq!(bytes[0] == 3, !confirmed, "OPENs until the acceptor has the session");
        let meaning = if confirmed { Meaning::FromOpener } else { Meaning::Open };
        self.record(meaning(name, counter, content), bytes);
    }

    /// The opener seals a call, if it has a session.
    fn call(&mut self) {
        self.sealed = self.sealed.wrapping_add(1) | 0x80;
        let mut room = [0; 200];
        room[HEAD] = self.sealed;
        let sealed = self.opens.seal(To::Called, &mut room, 1);
        assert_eq!(sealed.is_some(), self.model.opened.is_some());
        if let Some(length) = sealed {
            self.record_from_opener(self.sealed, &room[..length]);
        }
    }

    /// The acceptor seals a reply, if it has a session.
    fn reply(&mut self) {
        self.sealed = self.sealed.wrapping_add(1) | 0x80;
        let mut room = [0; 200];
        room[HEAD] = self.sealed;
        let sealed = self.accepts.seal(To::Caller(0), &mut room, 1);
        assert_eq!(sealed.is_some(), self.model.session.is_some());
        if let (Some(length), Some(session)) = (sealed, &mut self.model.session) {
            let (name, counter) = session.next();
            self.record(Meaning::FromAcceptor(name, counter, self.sealed), &room[..length]);
        }
    }

    /// Gives recorded bytes to the acceptor.
    fn acceptor_takes(&mut self, meaning: Meaning, bytes: &[u8]) {
        let (carrier, mut frame, mut room) = (self.model.carrier, bytes.to_vec(), [0; 200]);
        match (bytes[0], meaning) {
            (1, Meaning::Hello(opener)) => {
                let Some(Greeted::Answer(length)) = self.accepts.greeted(carrier, &mut frame, &mut room, 200) else {
                    panic!("HELLOs are answered");
                };
                let acceptor = (self.model.acceptor, self.model.accepted);
                self.record(Meaning::Challenge(Name { opener, acceptor }), &room[..length]);
            }
            (3, _) => {
                let content = match self.accepts.greeted(carrier, &mut frame, &mut room, 200) {
                    Some(Greeted::Content(content)) => Some(content),
                    Some(Greeted::Answer(length)) => panic!("an OPEN was answered by {length} bytes"),
                    None => None,
                };
                assert_eq!(only(content, &frame), self.model.accept(meaning), "{meaning:?}");
            }
            _ => {
                let content = self.accepts.data(carrier, &mut frame);
                assert_eq!(only(content, &frame), self.model.accept(meaning), "{meaning:?}");
            }
        }
    }

    /// Gives recorded bytes to the opener.
    fn opener_takes(&mut self, meaning: Meaning, bytes: &[u8]) {
        let (carrier, mut frame) = (self.model.carrier, bytes.to_vec());
        assert_eq!(self.opens.challenge(carrier, bytes), self.model.challenge(meaning), "{meaning:?}");
        let content = self.opens.data(carrier, &mut frame);
        assert_eq!(only(content, &frame), self.model.data(meaning), "{meaning:?}");
    }

    /// Gives both ends a recorded message with a bit flipped. The first byte only says what a message is.
    fn flipped(&mut self, bytes: &[u8], bit: usize) {
        let carrier = self.model.carrier;
        let mut flipped = bytes.to_vec();
        let bit = 8 + bit % (8 * (bytes.len() - 1));
        // In its session only the number of the key, A and the DATA of an OPEN are read, and not the place in that DATA.
        if bytes[0] == 3 && bit < 8 * (S::OPEN + 1) {
            return;
        }
        flipped[bit / 8] ^= 1 << (bit % 8);
        let mut room = [0; 200];
        assert!(self.accepts.greeted(carrier, &mut flipped.clone(), &mut room, 200).is_none());
        assert!(self.accepts.data(carrier, &mut flipped.clone()).is_none());
        assert!(!self.opens.challenge(carrier, &flipped));
        assert!(self.opens.data(carrier, &mut flipped).is_none());
    }

    fn restart(&mut self, opener: bool) {
        self.model.restart(opener);
        if opener {
            self.opens = Self::opens(self.model.opener);
        } else {
            self.accepts = Self::accepts(self.model.acceptor);
        }
    }

    fn step(&mut self, what: u8, which: u8) {
        const ID: ProcedureId = ProcedureId { program: 1, version: 1, procedure: 1 };
        let carrier = self.model.carrier;
        // The latest messages are 0, 1, …
        let message = self.recorded.iter().rev().nth(which.into()).cloned();
        match (what % 16, message) {
            (0, _) => drop(self.opens.greet(carrier, ID)),
            (1, _) => self.opens.doubt(carrier),
            (2 | 3, _) => self.call(),
            (4 | 5, _) => self.reply(),
            (6..10, Some((meaning, bytes))) => self.acceptor_takes(meaning, &bytes),
            (10..14, Some((meaning, bytes))) => self.opener_takes(meaning, &bytes),
            (14, Some((_, bytes))) => self.flipped(&bytes, usize::from(which) * 37 + usize::from(what)),
            (15, _) if which & 0x0e == 0 => self.restart(which & 1 == 0),
            _ => {}
        }
        self.send_due();
    }
}

/// Returns the content, which has one byte.
fn only(content: Option<Content>, frame: &[u8]) -> Option<u8> {
    let Content { start, length, .. } = content?;
    assert_eq!(length, 1);
    Some(frame[start])
}

fn run<S: Starts>(carrier: Carrier, steps: &[u8]) {
    let mut world = World::<S>::new(carrier);
    for &[what, which] in steps.as_chunks().0 {
        world.step(what, which);
    }
}

/// Two ends take and drop what the model takes and drops. The first byte chooses the carrier and the suite.
pub fn sessions(data: &[u8]) {
    let Some((first, steps)) = data.split_first() else { return };
    let carrier = [Carrier::Serial, Carrier::Datagrams, Carrier::Connection][usize::from(first % 3)];
    if *first < 240 {
        run::<Light>(carrier, &steps[..steps.len().min(400)]);
    } else {
        // The curve is slow.
        run::<ForwardSecret>(carrier, &steps[..steps.len().min(80)]);
    }
}

/// Schedules to begin with: a session, a call and its reply, a renewal after a doubt, restarts, replays.
pub fn seeds() -> Vec<Vec<u8>> {
    let (greet, doubt, call, reply, accept, open) = ([0, 0], [1, 0], [2, 0], [4, 0], [6, 0], [10, 0]);
    let session = [greet, accept, open, call, accept, reply, open].concat();
    let doubtful = [call, doubt, greet, accept, open, call, accept, [6, 2], [6, 9], reply, open, [10, 6]].concat();
    let restarts = [[15, 0], greet, accept, open, call, [15, 1], accept, reply, open].concat();
    let window =
        [call, call, call, call, [6, 1], [6, 3], accept, [6, 3], [14, 1], reply, reply, [10, 1], open].concat();
    let mut seeds = Vec::new();
    for first in [0, 1, 2, 240, 241, 242] {
        for rest in [&doubtful, &restarts, &window] {
            seeds.push([&[first], &session[..], rest, &session, &doubtful, rest].concat());
        }
    }
    seeds
}
