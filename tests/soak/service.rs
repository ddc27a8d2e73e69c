//! What both ends serve, and what it should give.

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

pub static TABLE: Table<State> = oncilla::table![work::program()];

/// More calls than can be sent while a late one is under way.
pub type Cache = ReplayCache<16, { TABLE.reply_max() }>;

pub const SIZE: usize = if work::CALL_MAX > work::REPLY_MAX { work::CALL_MAX } else { work::REPLY_MAX };

/// What was executed.
pub struct State {
    /// How often, by serial number.
    pub executed: Vec<u8>,
    /// Calls whose arguments nobody sent.
    pub wrong: u64,
}

impl State {
    fn execute(&mut self, serial: u32) {
        match self.executed.get_mut(serial as usize) {
            Some(times) => *times = times.saturating_add(1),
            None => self.wrong += 1,
        }
    }
}

pub fn digest(serial: u32, data: &[u8]) -> u32 {
    serial.rotate_left(7) ^ crc32(data)
}

impl work::Service for State {
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
        self.wrong += u64::from(pushed != digest(serial, &[]));
    }
}
