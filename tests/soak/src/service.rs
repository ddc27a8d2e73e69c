//! What is called, and what it should give.

use oncilla::framing::crc32;
use oncilla::{ReplayCache, Table};

oncilla::program! {
    pub mod work = 0x2000_0050, version 1 {
        /// Done once for each serial number; gives a digest of both.
        fn once(serial: u32, data: &[u8] [..200]) -> u32 = 1;
        /// The same, but may be done more often.
        fn often(serial: u32, data: &[u8] [..200]) -> u32 = 2, idempotent;
        /// Done once; gives the data back.
        fn echo(serial: u32, data: &[u8] [..200]) -> &[u8] [..200] = 3;
        /// Done once; gives nothing.
        fn push(serial: u32, digest: u32) = 4, oneway;
    }
}

pub static TABLE: Table<Ledger> = oncilla::table![work::program()];

/// More calls than can be sent while a late one is under way.
pub type Cache = ReplayCache<16, { TABLE.reply_max() }>;

/// Bytes of the largest message.
pub const SIZE: usize = if work::CALL_MAX > work::REPLY_MAX { work::CALL_MAX } else { work::REPLY_MAX };

/// What was executed.
#[derive(Default)]
pub struct Ledger {
    /// How often, by serial number.
    pub executed: Vec<u8>,
    /// Executions with arguments that nobody sent.
    pub strange: u64,
}

impl Ledger {
    /// Of a server that so many calls are made to.
    pub fn of(calls: u32) -> Self {
        Self { executed: vec![0; calls as usize], strange: 0 }
    }

    fn execute(&mut self, serial: u32) {
        match self.executed.get_mut(serial as usize) {
            Some(times) => *times = times.saturating_add(1),
            None => self.strange += 1,
        }
    }
}

pub fn digest(serial: u32, data: &[u8]) -> u32 {
    serial.rotate_left(7) ^ crc32(data)
}

impl work::Service for Ledger {
    fn once(&mut self, serial: u32, data: &[u8]) -> u32 {
        self.execute(serial);
        digest(serial, data)
    }
    fn often(&mut self, serial: u32, data: &[u8]) -> u32 {
        self.execute(serial);
        digest(serial, data)
    }
    fn echo<'a>(&'a mut self, serial: u32, data: &'a [u8]) -> &'a [u8] {
        self.execute(serial);
        data
    }
    fn push(&mut self, serial: u32, pushed: u32) {
        self.execute(serial);
        self.strange += u64::from(pushed != digest(serial, &[]));
    }
}
