//! The interface of the simulated devices, compiled from `meter.x`, and one device.

use std::{sync::Arc, thread, time::Duration};

use oncilla::message::{AUTH_SYS, AuthSys, Call};

use crate::ledger::Ledger;

/// What the build script made of the file.
pub mod interface {
    include!(concat!(env!("OUT_DIR"), "/meter.rs"));
}

pub use interface::{description, meter_1, meter_2};

/// The program of the devices.
pub const PROGRAM: u32 = meter_1::PROGRAM;

/// One simulated device.
pub struct Meter {
    number: u32,
    ledger: Arc<Ledger>,
    /// The user of the call that is executed.
    caller: i32,
}

impl Meter {
    pub const fn new(number: u32, ledger: Arc<Ledger>) -> Self {
        Self { number, ledger, caller: -1 }
    }

    /// Takes the credential of the call that is executed next.
    pub fn come(&mut self, call: &[u8]) {
        let credential = Call::parse(call).map(|call| call.credential());
        let user = credential.ok().filter(|credential| credential.flavor == AUTH_SYS);
        let user = user.and_then(|credential| AuthSys::parse(credential.body));
        self.caller = user.and_then(|user| i32::try_from(user.uid).ok()).unwrap_or(-1);
    }

    fn note(&self, call: u64) -> u32 {
        self.ledger.note(self.number, call)
    }

    /// The whole park waits with it: for tests of few devices.
    fn slow(&self, call: u64, milliseconds: u32) -> u32 {
        let times = self.note(call);
        thread::sleep(Duration::from_millis(milliseconds.into()));
        times
    }
}

impl meter_1::Service for Meter {
    fn note(&mut self, call: u64) -> u32 {
        Self::note(self, call)
    }
    fn number(&mut self) -> u32 {
        self.number
    }
    fn slow(&mut self, call: u64, milliseconds: u32) -> u32 {
        Self::slow(self, call, milliseconds)
    }
    fn caller(&mut self) -> i32 {
        self.caller
    }
}

impl meter_2::Service for Meter {
    fn note(&mut self, call: u64) -> u32 {
        Self::note(self, call)
    }
    fn number(&mut self) -> u32 {
        self.number
    }
    fn slow(&mut self, call: u64, milliseconds: u32) -> u32 {
        Self::slow(self, call, milliseconds)
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

/// What a device of the first generation serves.
pub static OLD: oncilla::Table<Meter> = oncilla::table![meter_1::program(), description::program()];

/// What a device of the second generation serves.
pub static NEW: oncilla::Table<Meter> = oncilla::table![meter_1::program(), meter_2::program(), description::program()];
