//! What a client and a server report of messages that do not fit.

use std::time::Duration;

use oncilla::framing::Cobs;
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{CallError, Caller, CallsInFlight, Client, Direct, Link, ProcedureId, Refusal, Table};
use oncilla_protobuf_tests::{old_device, old_host};

/// A server with messages of prost, whose results may be too large.
struct Host;

impl old_host::thermostat::Service for Host {
    fn read(&mut self, request: old_host::Channel) -> old_host::Reading {
        let unit = "C".repeat(request.number as usize);
        old_host::Reading { millidegrees: 0, unit }
    }

    fn configure(&mut self, request: old_host::Settings) -> old_host::Settings {
        request
    }
}

static TABLE: Table<Host> = oncilla::table![old_host::thermostat::program()];

#[test]
fn results_over_the_limit_are_a_system_error() {
    let mut host = Host;
    let mut direct = Direct::<_, 70_000>::new(&TABLE, &mut host);
    let mut client = old_host::thermostat::Client::new(&mut direct);
    // Four bytes are the numbers, the types and the length.
    let most = client.read(&old_host::Channel { number: 65_532 }).unwrap();
    assert_eq!(most.unit.len(), 65_532);
    let refused = client.read(&old_host::Channel { number: 65_533 });
    assert!(matches!(refused, Err(CallError::Refused(Refusal::SystemError))), "{refused:?}");
}

#[test]
fn arguments_over_the_limit_are_not_sent() {
    let mut host = Host;
    let mut direct = Direct::<_, 70_000>::new(&TABLE, &mut host);
    let mut client = old_host::thermostat::Client::new(&mut direct);
    let name = "n".repeat(65_533);
    let refused = client.configure(&old_host::Settings { name, mode: 0 });
    assert_eq!(refused, Err(CallError::Arguments(EncodeError::Refused(Fault::Bound))));
}

/// A server with messages of micropb.
struct Device;

impl old_device::thermostat::Service for Device {
    fn read(&mut self, _: old_device::Channel) -> old_device::Reading {
        old_device::Reading::default()
    }

    fn configure(&mut self, request: old_device::Settings) -> old_device::Settings {
        request
    }
}

#[test]
fn an_error_states_the_bytes_of_the_whole_message() {
    static TABLE: Table<Device> = oncilla::table![old_device::thermostat::program()];
    let mut device = Device;
    let mut direct = Direct::<_, 56>::new(&TABLE, &mut device);
    let mut client = old_device::thermostat::Client::new(&mut direct);
    let mut settings = old_device::Settings { name: "thirteen char".try_into().unwrap(), mode: old_device::Mode(0) };
    assert_eq!(client.configure(&settings), Ok(settings.clone()));
    // The header takes 40 bytes of the 56.
    settings.mode = old_device::Mode(1);
    let error = EncodeError::NoRoom { needed: 17, available: 16 };
    assert_eq!(client.configure(&settings), Err(CallError::Arguments(error)));
}

#[test]
fn results_that_are_no_message_state_the_byte() {
    let mut host = Host;
    let mut direct = Direct::<_, 70_000>::new(&TABLE, &mut host);
    let id = |procedure| ProcedureId { program: old_host::thermostat::PROGRAM, version: 1, procedure };
    // A text of 9 bytes, of which the device's message holds 8.
    let mut client = old_device::thermostat::Client::new(&mut direct);
    let refused = client.read(&old_device::Channel { number: 9 }).unwrap_err();
    let CallError::Results(DecodeError { fault: Fault::Bound, offset, value: None }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(offset, 2);
    // Garbage is refused, and not executed.
    let refused = direct.call(id(1), |room| room.append(&[0xff]), |_| Ok(()));
    assert!(matches!(refused, Err(CallError::Refused(Refusal::GarbageArguments))), "{refused:?}");
}

#[test]
fn calls_are_in_flight_together() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    let serving = std::thread::spawn(move || Link::new(far, vec![0; 256], vec![0; 70_000]).serve(&TABLE, &mut Host));
    let mut client = Client::new(Link::new(near, vec![0; 256], vec![0; 256]), 1);
    client.set_timeout(Duration::from_secs(60));
    let mut calls = CallsInFlight::<_, 2, { old_device::thermostat::SLOT_MAX }>::new(client);
    let one = old_device::thermostat::start::read(&mut calls, &old_device::Channel { number: 1 }).unwrap();
    let two = old_device::thermostat::start::read(&mut calls, &old_device::Channel { number: 2 }).unwrap();
    assert_eq!(old_device::thermostat::finish::read(&mut calls, two).unwrap().unit, "CC");
    assert_eq!(old_device::thermostat::finish::read(&mut calls, one).unwrap().unit, "C");
    drop(calls);
    serving.join().unwrap().unwrap();
}
