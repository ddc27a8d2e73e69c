//! Serial ports.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oncilla::{Beside, CallError, Retry};
use oncilla_host::{ConnectionState, Connector, Error, NotConnected, Reconnect, ReconnectingSerialClient};

use crate::device::Device;
use crate::ledger::{Ledger, ledger};
use crate::scripts::PATIENCE;

fn client(device: &Device) -> ReconnectingSerialClient {
    let policy = Reconnect::within(PATIENCE).pauses(Duration::from_millis(1), Duration::from_millis(10)).later();
    let mut client = Connector::new().buffer(256).reconnect(policy).serial(&device.path, 115_200).unwrap();
    client.set_timeout(PATIENCE);
    client.set_retry(Retry::doubling(Duration::from_millis(20)));
    client
}

#[test]
fn a_plug_pulled_between_calls_and_put_back_under_another_name_is_no_error() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let mut client = client(&device);
    for number in 0..20 {
        device.plug();
        assert_eq!(ledger::Client::new(&mut client).enter(number).unwrap(), 1);
        device.pull();
    }
}

#[test]
fn a_call_without_a_port_is_certainly_not_sent() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let mut client = client(&device);
    client.set_timeout(Duration::from_millis(100));
    let error = ledger::Client::new(&mut client).enter(1).unwrap_err();
    let last = NotConnected::of(&error).and_then(|unsent| unsent.last.clone());
    assert!(matches!(last.as_deref(), Some(Error::Open { .. })), "{error:?}");
    device.plug();
    client.set_timeout(PATIENCE);
    assert_eq!(ledger::Client::new(&mut client).enter(1).unwrap(), 1);
}

/// Makes one call that is executed and whose reply is lost with the plug. Then `after` has the device.
fn unanswered(
    device: &mut Device,
    client: &mut ReconnectingSerialClient,
    number: u32,
    after: impl FnOnce(&mut Device),
) -> Result<u32, CallError<io::Error>> {
    device.plug();
    device.pull_during_the_next_call();
    thread::scope(|scope| {
        let calling = scope.spawn(|| ledger::Client::new(client).enter(number));
        device.wait_until_pulled();
        after(device);
        device.plug();
        calling.join().unwrap()
    })
}

#[test]
fn a_device_that_kept_its_replies_answers_again() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let mut client = client(&device);
    // The first call is sent before the session begins, in the other form.
    for number in 0..3 {
        assert_eq!(unanswered(&mut device, &mut client, number, |_| {}).unwrap(), 1);
        assert_eq!(entries.executions(number), 1);
    }
}

#[test]
fn a_device_that_restarted_with_its_plug_out_is_reported_once() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let mut client = client(&device);
    device.plug();
    // Behind a reply the two know each other. Before, a device that does not answer four hellos in 0.2 s, as on a machine
    // that is busy, is called as one without a boot number, of which a restart is not noticed.
    assert_eq!(ledger::Client::new(&mut client).enter(9).unwrap(), 1);
    device.pull();
    for number in 0..3 {
        let lost = unanswered(&mut device, &mut client, number, Device::restart);
        assert!(matches!(lost, Err(CallError::Restarted)), "{lost:?}");
        assert_eq!(entries.executions(number), 1);
        assert_eq!(ledger::Client::new(&mut client).enter(10 + number).unwrap(), 1);
    }
}

#[test]
fn a_device_without_a_boot_number_is_not_asked_again() {
    let entries = Ledger::default();
    let mut device = Device::simple(&entries);
    let mut client = client(&device);
    for number in 0..3 {
        let lost = unanswered(&mut device, &mut client, number, |_| {});
        assert!(matches!(lost, Err(CallError::Closed | CallError::Link(_))), "{lost:?}");
        assert_eq!(entries.executions(number), 1);
    }
}

/// Pulls the plug and puts it back while calls are made, and returns how each ended.
fn pulled<R>(device: &mut Device, restarts: bool, calls: impl FnOnce() -> R + Send) -> R
where
    R: Send,
{
    device.plug();
    thread::scope(|scope| {
        let calling = scope.spawn(calls);
        let mut step = 0_u64;
        while !calling.is_finished() {
            step += 1;
            thread::sleep(Duration::from_millis(step * 7 % 23));
            device.pull();
            if restarts && step.is_multiple_of(3) {
                device.restart();
            }
            thread::sleep(Duration::from_millis(step * 5 % 7));
            device.plug();
        }
        calling.join().unwrap()
    })
}

const CALLS: u32 = 400;

#[test]
fn a_plug_pulled_under_load_loses_no_call_of_a_session() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let mut client = client(&device);
    // The session begins.
    device.plug();
    ledger::Client::new(&mut client).null().unwrap();
    let losses = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&losses);
    client.on_change(move |state| {
        seen.fetch_add(u32::from(matches!(state, ConnectionState::Lost { attempts: 0, .. })), Ordering::Relaxed);
    });
    pulled(&mut device, false, || {
        // On a busy machine the plug is pulled late, so calls go on until it was.
        let mut numbers = 0..100 * CALLS;
        while numbers.start < CALLS || losses.load(Ordering::Relaxed) <= 5 {
            let number = numbers.next().expect("the plug is pulled");
            let count = ledger::Client::new(&mut client).enter(number).unwrap();
            assert_eq!((count, entries.executions(number)), (1, 1));
        }
    });
}

#[test]
fn a_device_restarted_under_load_executes_nothing_twice() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let mut client = client(&device);
    let (mut done, mut restarted) = (0, 0);
    pulled(&mut device, true, || {
        let mut numbers = 0..100 * CALLS;
        while numbers.start < CALLS || done == 0 || restarted == 0 {
            let number = numbers.next().expect("the device restarts");
            let result = ledger::Client::new(&mut client).enter(number);
            let executions = entries.executions(number);
            assert!(executions <= 1, "call {number} was executed {executions} times: {result:?}");
            match result {
                Ok(count) => {
                    assert_eq!((count, executions), (1, 1));
                    done += 1;
                }
                Err(CallError::Restarted) => restarted += 1,
                Err(ref error) if NotConnected::of(error).is_some() => assert_eq!(executions, 0),
                // Before the session began.
                Err(CallError::Closed | CallError::Link(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    });
}

#[test]
fn without_a_boot_number_a_call_that_may_have_been_executed_is_not_sent_again() {
    let entries = Ledger::default();
    let mut device = Device::simple(&entries);
    let mut client = client(&device);
    client.set_retry(Retry::NEVER);
    let (mut done, mut lost) = (0, 0);
    pulled(&mut device, true, || {
        let mut numbers = 0..100 * CALLS;
        while numbers.start < CALLS || done == 0 || lost == 0 {
            let number = numbers.next().expect("the plug is pulled");
            let result = ledger::Client::new(&mut client).enter(number);
            let executions = entries.executions(number);
            assert!(executions <= 1, "call {number} was executed {executions} times: {result:?}");
            match result {
                Ok(_) => done += 1,
                Err(CallError::Closed | CallError::Link(_)) => lost += 1,
                Err(error) => panic!("{error:?}"),
            }
            // A marked procedure may be executed more than once, and is always answered.
            assert!(ledger::Client::new(&mut client).read(200 * CALLS + number).unwrap() >= 1);
        }
    });
}

#[test]
fn the_log_goes_on_over_another_port() {
    let entries = Ledger::default();
    let mut device = Device::new(&entries);
    let seen = Arc::new(Mutex::new(0));
    let count = Arc::clone(&seen);
    let mut client = client(&device).with_log(move |what| {
        if let Beside::Text(_) = what {
            *count.lock().unwrap() += 1;
        }
    });
    for number in 0..3 {
        device.plug();
        ledger::Client::new(&mut client).read(number).unwrap();
        device.print("ready\r\n");
        ledger::Client::new(&mut client).read(number).unwrap();
        assert_eq!(*seen.lock().unwrap(), number + 1);
        device.pull();
    }
}
