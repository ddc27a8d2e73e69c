//! Messages of an attacker that has keys: an old secret of the good peer's key, and the key of another peer.

use oncilla::keys::{About, Agreed, Carrier, Direction, Ends, Key, Label, Opens, Seat, Side, TAG, To};
use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId};

use crate::attacker::{Forger, Kind};
use crate::suites::Started;
use oncilla_test_support::faults::Random;

/// Bytes before the content of DATA.
const HEAD: usize = 5;

const FULL: u8 = 0;

/// What the attacker has, and what it calls.
#[derive(Clone, Copy)]
pub struct Loot {
    /// The key of another peer, which is valid.
    pub other: &'static Key,
    /// The secret that the key of the good peer had earlier.
    pub old: &'static Key,
    /// A procedure that may be called.
    pub id: ProcedureId,
    /// Makes a call of a number. Its data are right, so that only the key shows that it is forged.
    pub call: fn(u32, &mut Random) -> Vec<u8>,
}

/// The serial numbers of calls under the other key begin here.
pub const INSIDER: u32 = 1 << 31;

pub struct Keyholder<S: Started> {
    loot: Loot,
    carrier: Carrier,
    /// The side of the openers of sessions with the attacked end.
    side: Side,
    insider: Opens<&'static Key, S>,
    life: u32,
    made: u32,
}

impl<S: Started> Keyholder<S> {
    pub fn new(loot: Loot, carrier: Carrier, side: Side) -> Self {
        // The lives of the peers have low numbers.
        let life = 1 << 30;
        Self { loot, carrier, side, insider: Self::opens(loot, side, life), life, made: 0 }
    }

    fn opens(loot: Loot, side: Side, life: u32) -> Opens<&'static Key, S> {
        Opens::new(side, loot.other, S::start(side, life), life)
    }

    /// A message in the session of the other key, or its HELLO.
    fn of_insider(&mut self, random: &mut Random) -> Option<Vec<u8>> {
        let mut room = [0; 300];
        if random.percent(1) {
            self.life += 1;
            self.insider = Self::opens(self.loot, self.side, self.life);
        }
        if random.percent(10) || !self.insider.can_call() {
            self.insider.greet(self.carrier, self.loot.id);
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
        let message = if random.percent(20) { reply(random) } else { (self.loot.call)(INSIDER | self.made, random) };
        [&[FULL], &message[..]].concat()
    }

    /// A message of a whole session under the old secret. The attacker plays both of its ends.
    fn under_old_key(&mut self, random: &mut Random) -> Option<Vec<u8>> {
        self.life += 1;
        let label = Label::new(S::ID, self.carrier, self.side);
        let agreed = Agreed { label: &label, key: self.loot.old };
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
        let message = [&[FULL], &(self.loot.call)(random.below(1000) as u32, random)[..]].concat();
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

    /// A call or reply without a key, in either form.
    fn in_the_clear(&self, random: &mut Random) -> Vec<u8> {
        match random.below(3) {
            0 => (self.loot.call)(random.below(1000) as u32, random),
            1 => reply(random),
            // The first byte of a short reply, and an xid.
            _ => vec![0x80, 0, random.below(255) as u8, 0, 0, 0, 1],
        }
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
            0 => (Kind::Plain, self.in_the_clear(random)),
            1 => (Kind::OldKey, self.under_old_key(random)?),
            _ => (Kind::OtherKey, self.of_insider(random)?),
        })
    }
}

/// Makes a call in the full form, of any of some xids.
pub fn call(id: ProcedureId, arguments: &[u8], random: &mut Random) -> Vec<u8> {
    let header =
        CallHeader { xid: random.below(300) as u32, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut call = vec![0; header.size()];
    // It has room for exactly this.
    let _ = header.write(&mut call);
    call.extend(arguments);
    call
}

/// A reply with success to a call that was made, or will be.
fn reply(random: &mut Random) -> Vec<u8> {
    [random.below(300) as u32, 1, 0, 0, 0, 0, random.next() as u32].map(u32::to_be_bytes).concat()
}
