//! Several programs and versions on one server, called over one link.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{CallError, Refusal};

use crate::loopback::client;

oncilla::xdr_enum! {
    /// What can go wrong.
    pub enum Fault {
        NoSuchChannel = 1,
    }
}

oncilla::program! {
    /// The old interface.
    mod thermostat_1 = 0x2000_0042, version 1 {
        fn read(channel: u32) -> i32 = 1;
    }
}

oncilla::program! {
    /// The new one.
    mod thermostat_2 = 0x2000_0042, version 2 {
        fn read(channel: u32) -> Result<i32, Fault> = 1;
        fn count() -> u32 = 2;
    }
}

oncilla::program! {
    /// A later one that the server does not have.
    mod thermostat_9 = 0x2000_0042, version 9 { fn count() -> u32 = 2; }
}

oncilla::program! {
    /// Another program that it does not have.
    mod unknown = 0x2000_0044, version 1 { fn count() -> u32 = 2; }
}

oncilla::program! {
    /// Version 2 as a newer client knows it.
    mod thermostat_2_newer = 0x2000_0042, version 2 {
        fn count(from: u32) -> u32 = 2;
        fn reset() = 3;
    }
}

/// Types are those that the surrounding module sees, and attributes are taken over.
pub mod interfaces {
    use super::Fault;

    oncilla::program! {
        /// A log.
        #[allow(dead_code)]
        pub mod log = 0x2000_0043, version 1 {
            /// Appends a line.
            fn append(line: &str [..32], level: Fault) -> bool = 1;
        }
    }
}

use interfaces::log;

#[derive(Default)]
struct Device {
    calls: u32,
}

impl thermostat_1::Service for Device {
    fn read(&mut self, channel: u32) -> i32 {
        self.calls += 1;
        if channel == 3 { 21_500 } else { i32::MIN }
    }
}

impl thermostat_2::Service for Device {
    fn read(&mut self, channel: u32) -> Result<i32, Fault> {
        self.calls += 1;
        if channel == 3 { Ok(21_500) } else { Err(Fault::NoSuchChannel) }
    }
    fn count(&mut self) -> u32 {
        self.calls
    }
}

impl log::Service for Device {
    fn append(&mut self, line: &str, _: Fault) -> bool {
        !line.is_empty()
    }
}

static TABLE: oncilla::Table<Device> =
    oncilla::table![thermostat_1::program(), log::program(), thermostat_2::program()];

fn served<F: Framing>() {
    let mut client = client::<F, _>(&TABLE, Device::default());
    assert_eq!(thermostat_1::Client::new(&mut client).read(3), Ok(21_500));
    assert_eq!(thermostat_2::Client::new(&mut client).read(4), Ok(Err(Fault::NoSuchChannel)));
    assert_eq!(thermostat_2::Client::new(&mut client).count(), Ok(2));
    assert_eq!(log::Client::new(&mut client).append("warm", Fault::NoSuchChannel), Ok(true));
    assert_eq!(log::Client::new(&mut client).null(), Ok(()));

    let mut newer = thermostat_9::Client::new(&mut client);
    let mismatch = CallError::Refused(Refusal::ProgramMismatch { low: 1, high: 2 });
    assert_eq!(newer.count(), Err(mismatch));
    assert_eq!(newer.null(), Err(mismatch));
    assert_eq!(unknown::Client::new(&mut client).count(), Err(CallError::Refused(Refusal::ProgramUnavailable)));

    let mut newer = thermostat_2_newer::Client::new(&mut client);
    assert_eq!(newer.reset(), Err(CallError::Refused(Refusal::ProcedureUnavailable)));
    assert_eq!(newer.count(7), Err(CallError::Refused(Refusal::GarbageArguments)));
    // After every refusal the link goes on.
    assert_eq!(thermostat_2::Client::new(&mut client).count(), Ok(2));
}

#[test]
fn every_framing() {
    served::<Record>();
    served::<RecordAhead>();
    served::<Cobs>();
    served::<Datagram>();
}

#[test]
fn interfaces_tell_their_numbers_and_sizes() {
    assert_eq!((thermostat_2::PROGRAM, thermostat_2::VERSION), (0x2000_0042, 2));
    assert_eq!((thermostat_2::CALL_MAX, thermostat_2::REPLY_MAX), (40 + 4, 24 + 8));
    assert_eq!((log::CALL_MAX, log::REPLY_MAX), (40 + 36 + 4, 32));
    assert_eq!(TABLE.reply_max(), 32);
}
