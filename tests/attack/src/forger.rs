//! Messages of an attacker that has keys: an old secret of the good peer's key, and the key of another peer.

use oncilla::keys::{About, Agreed, Carrier, Direction, Ends, Label, Opens, Seat, Side, TAG, To};
use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId};

use crate::attack::{Forger, Kind};
use crate::faults::Random;
use crate::service::{INSIDER, KEYS, OLD, data, digest, work};
use crate::suites::Started;

/// Bytes before the content of DATA.
const HEAD: usize = 5;

const FULL: u8 = 0;

pub struct Keyholder<S: Started> {
    carrier: Carrier,
    /// The side of the openers of sessions with the attacked end.
    side: Side,
    insider: Opens<&'static oncilla::keys::Key, S>,
    life: u32,
    made: u32,
}

impl<S: Started> Keyholder<S> {
    pub fn new(carrier: Carrier, side: Side) -> Self {
        // The lives of the peers have low numbers.
        let life = 1 << 30;
        Self { carrier, side, insider: Self::opens(side, life), life, made: 0 }
    }

    fn opens(side: Side, life: u32) -> Opens<&'static oncilla::keys::Key, S> {
        Opens::new(side, &KEYS[1], S::start(side, life), life)
    }

    /// A message in the session of the other key, or its HELLO.
    fn of_insider(&mut self, random: &mut Random) -> Option<Vec<u8>> {
        let mut room = [0; 300];
        if random.percent(1) {
            self.life += 1;
            self.insider = Self::opens(self.side, self.life);
        }
        if random.percent(10) || !self.insider.can_call() {
            self.insider.greet(self.carrier, ProcedureId { program: work::PROGRAM, version: 1, procedure: 1 });
            self.insider.doubt(self.carrier);
            if let Some(length) = self.insider.write_hello(self.carrier, &mut room, 200) {
                return Some(room[..length].to_vec());
            }
        }
        let content = self.content(random);
        room[HEAD..HEAD + content.len()].copy_from_slice(&content);
        let length = self.insider.seal(To::Called, &mut room, content.len())?;
        Some(room[..length].to_vec())
    }

    /// A call in the full form, or a reply that answers a call of the attacked end, if it is taken.
    fn content(&mut self, random: &mut Random) -> Vec<u8> {
        self.made += 1;
        let message = if random.percent(20) { reply(random) } else { call(INSIDER | self.made, random) };
        [&[FULL], &message[..]].concat()
    }

    /// A message of a whole session under the old secret. The attacker plays both of its ends.
    fn under_old_key(&mut self, random: &mut Random) -> Option<Vec<u8>> {
        self.life += 1;
        let label = Label::new(S::ID, self.carrier, self.side);
        let agreed = Agreed { label: &label, key: &OLD };
        let start = S::start(self.side, self.life);
        let about = About { boot: self.life, largest: 200 };
        let mut hello = vec![0; S::HELLO];
        S::hello(agreed, &start, 0, about, &mut hello)?;
        let seat = Seat { place: random.below(64) as u8, accepted: random.below(9) as u32, about };
        let mut challenge = vec![0; S::CHALLENGE];
        S::challenge(agreed, &mut S::start(Side::Device, self.life), seat, &hello, &mut challenge)?;
        if random.percent(20) {
            return Some(hello);
        }
        if random.percent(20) {
            return Some(challenge);
        }
        let accepted = S::accept(agreed, &start, 0, about, &challenge)?;
        let message = [&[FULL], &call(random.below(1000) as u32, random)[..]].concat();
        let counter = random.below(3) as u32;
        let mut data = [&[0x80 | seat.place], &counter.to_be_bytes()[..], &message, &[0; TAG]].concat();
        S::seal(&accepted.keys, Direction::FromOpener, counter, &mut data[HEAD..], message.len())?;
        if random.percent(40) {
            return Some(data);
        }
        let mut open = [&vec![0; S::OPEN], &data[..]].concat();
        S::complete(&accepted.opening, &mut open)?;
        Some(open)
    }
}

impl<S: Started> Forger for Keyholder<S> {
    fn went(&mut self, message: &[u8]) {
        if message.first() == Some(&2) {
            self.insider.challenge(self.carrier, message);
        }
    }

    fn make(&mut self, random: &mut Random) -> Option<(Kind, Vec<u8>)> {
        Some(match random.below(3) {
            0 => (Kind::Plain, in_the_clear(random)),
            1 => (Kind::OldKey, self.under_old_key(random)?),
            _ => (Kind::OtherKey, self.of_insider(random)?),
        })
    }
}

/// A call in the full form. Its data are right, so that only the key shows that it is forged.
fn call(serial: u32, random: &mut Random) -> Vec<u8> {
    let procedure = match random.below(20) {
        0 => 1,
        1 => 4,
        _ => 2,
    };
    let id = ProcedureId { program: work::PROGRAM, version: 1, procedure };
    let header =
        CallHeader { xid: random.below(300) as u32, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut call = vec![0; header.size()];
    // It has room for exactly this.
    let _ = header.write(&mut call);
    call.extend(serial.to_be_bytes());
    if procedure == 4 {
        call.extend(digest(serial, &[]).to_be_bytes());
    } else {
        call.extend(8u32.to_be_bytes());
        call.extend(data(serial, 8));
    }
    call
}

/// A reply with success to a call that was made, or will be.
fn reply(random: &mut Random) -> Vec<u8> {
    [random.below(300) as u32, 1, 0, 0, 0, 0, random.next() as u32].map(u32::to_be_bytes).concat()
}

/// A call or reply without a key, in either form.
fn in_the_clear(random: &mut Random) -> Vec<u8> {
    match random.below(3) {
        0 => call(random.below(1000) as u32, random),
        1 => reply(random),
        // The first byte of a short reply, and an xid.
        _ => vec![0x80, 0, random.below(255) as u8, 0, 0, 0, 1],
    }
}
