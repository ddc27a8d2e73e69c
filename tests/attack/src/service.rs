//! The procedures that are called, and a record of what was executed.

use oncilla::framing::crc32;
use oncilla::keys::{Key, KeyId};
use oncilla::message::{AuthStatus, Call, ProcedureId};
use oncilla::{ReplayCache, Table};
use oncilla_test_support::faults::Random;

use crate::forger::{self, INSIDER, Loot};

oncilla::program! {
    pub mod work = 0x2000_0051, version 1 {
        /// Executed once for each serial number; returns a digest of both.
        fn once(serial: u32, data: &[u8] [..60]) -> u32 = 1;
        /// The same, but may be executed more often.
        fn often(serial: u32, data: &[u8] [..60]) -> u32 = 2, idempotent;
        /// Executed once; returns the data.
        fn echo(serial: u32, data: &[u8] [..60]) -> &[u8] [..60] = 3;
        /// Executed once at most; returns nothing.
        fn push(serial: u32, digest: u32) = 4, oneway;
    }
}

pub static TABLE: Table<Ledger> = oncilla::table![work::program()].authorize(note_key);

/// The key of the good peer, and that of another one, which the attacker has.
pub static KEYS: [Key; 2] = [Key::new(KeyId(11), *b"sixteen bytes !!"), Key::new(KeyId(12), *b"and sixteen more")];

/// The secret that the first key had earlier. The attacker has it.
pub static OLD: Key = Key::new(KeyId(11), *b"sixteen bytes !?");

/// What the attacker has.
pub static LOOT: Loot = Loot { other: &KEYS[1], old: &OLD, id: procedure(1), call: forged };

const fn procedure(procedure: u32) -> ProcedureId {
    ProcedureId { program: work::PROGRAM, version: 1, procedure }
}

fn forged(serial: u32, random: &mut Random) -> Vec<u8> {
    let procedure = procedure(match random.below(20) {
        0 => 1,
        1 => 4,
        _ => 2,
    });
    let mut arguments = serial.to_be_bytes().to_vec();
    if procedure.procedure == 4 {
        arguments.extend(digest(serial, &[]).to_be_bytes());
    } else {
        arguments.extend(8u32.to_be_bytes());
        arguments.extend(data(serial, 8));
    }
    forger::call(procedure, &arguments, random)
}

/// On datagrams 31 later messages can overtake a call.
pub const SLOTS: usize = 40;

pub type Cache = ReplayCache<SLOTS, { TABLE.reply_max() }>;

/// What was executed.
#[derive(Default)]
pub struct Ledger {
    /// How often, by serial number.
    pub executed: Vec<u8>,
    /// Executions without a call, or under the wrong key.
    pub strange: u64,
    /// Calls under the other key.
    pub insiders: u64,
    key: Option<KeyId>,
}

/// Notes the key of each call.
fn note_key(ledger: &mut Ledger, call: &Call<'_>) -> Result<(), AuthStatus> {
    ledger.key = call.key();
    Ok(())
}

impl Ledger {
    pub fn of(calls: u32) -> Self {
        Self { executed: vec![0; calls as usize], ..Self::default() }
    }

    fn execute(&mut self, serial: u32) {
        match self.executed.get_mut(serial as usize) {
            Some(times) if self.key == Some(KEYS[0].id()) => *times = times.saturating_add(1),
            None if serial >= INSIDER && self.key == Some(KEYS[1].id()) => self.insiders += 1,
            _ => self.strange += 1,
        }
    }
}

pub fn digest(serial: u32, data: &[u8]) -> u32 {
    serial.rotate_left(7) ^ crc32(data)
}

/// The data of a call: all bytes follow from its number and its length.
pub fn data(serial: u32, length: u64) -> Vec<u8> {
    (0..length).map(|place| (u64::from(serial).wrapping_mul(0x9e37_79b9) >> (place % 32)) as u8 ^ place as u8).collect()
}

impl Ledger {
    /// Executes a call whose data must be that of its number.
    fn execute_with(&mut self, serial: u32, bytes: &[u8]) {
        self.execute(serial);
        self.strange += u64::from(serial < INSIDER && bytes != data(serial, bytes.len() as u64));
    }
}

impl work::Service for Ledger {
    fn once(&mut self, serial: u32, data: &[u8]) -> u32 {
        self.execute_with(serial, data);
        digest(serial, data)
    }
    fn often(&mut self, serial: u32, data: &[u8]) -> u32 {
        self.execute_with(serial, data);
        digest(serial, data)
    }
    fn echo<'a>(&'a mut self, serial: u32, data: &'a [u8]) -> &'a [u8] {
        self.execute_with(serial, data);
        data
    }
    fn push(&mut self, serial: u32, pushed: u32) {
        self.execute(serial);
        self.strange += u64::from(serial < INSIDER && pushed != digest(serial, &[]));
    }
}
