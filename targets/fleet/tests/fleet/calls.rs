//! Calls of one device, and of any.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use oncilla::{CallError, LinkError, Refusal};
use oncilla_fleet::wire::{Executed, Trouble};
use oncilla_fleet::{Error, Place};

use super::gateway::{Action, INTERFACE, name};
use super::{connect, plant, plant_of, tenfold, thermostat, wait_until};

fn of(error: CallError<Error>) -> Error {
    match error {
        CallError::Link(LinkError::Transport(error)) => error,
        error => panic!("{error:?}"),
    }
}

#[test]
fn generated_clients_call_a_device_and_any_device_of_a_group() {
    let (broker, gateway) = plant(&["oven-7"]);
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    assert_eq!(thermostat::Client::new(&mut oven).read(21).unwrap(), 210);
    let mut any = fleet.any("ovens").unwrap();
    assert_eq!(thermostat::Client::new(&mut any).read(5).unwrap(), 50);
    assert_eq!(any.replied(), Some(&name("oven-7")));
    thermostat::Client::new(&mut oven).note(3).unwrap();
    wait_until(|| gateway.calls() == 3);
    assert_eq!(fleet.description(&name("oven-7")).unwrap().as_deref(), Some(INTERFACE));
    assert_eq!(*fleet.place(), Place::Fleet);
}

#[test]
fn many_threads_call_on_one_connection() {
    let (broker, gateway) = plant(&["a", "b", "c"]);
    let fleet = connect(&broker);
    thread::scope(|scope| {
        for number in 0..8_u32 {
            let fleet = &fleet;
            scope.spawn(move || {
                let device = ["a", "b", "c"][number as usize % 3];
                let mut device = fleet.device(device).unwrap();
                for round in 0..50 {
                    let channel = 1000 * number + round;
                    assert_eq!(thermostat::Client::new(&mut device).read(channel).unwrap(), 10 * channel);
                }
            });
        }
    });
    assert_eq!(gateway.calls(), 400);
}

#[test]
fn a_device_that_is_away_or_unknown_fails_at_once() {
    let (broker, gateway) = plant(&["oven-7"]);
    let fleet = connect(&broker);
    assert_eq!(fleet.device("oven-8").unwrap_err(), Error::Unknown { device: name("oven-8") });
    let mut oven = fleet.device("oven-7").unwrap();
    gateway.away("oven-7");
    wait_until(|| fleet.device("oven-7").is_err());
    let calls = gateway.calls();
    let error = of(thermostat::Client::new(&mut oven).read(0).unwrap_err());
    assert_eq!(error.executed(), Executed::No);
    let text = error.to_string();
    assert!(text.contains("oven-7 has been away for") && text.contains("the cable is out"), "{text}");
    assert!(text.ends_with("the call was not sent"), "{text}");
    assert_eq!(gateway.calls(), calls);
    // Nobody has subscribed: the broker states it.
    let error = of(thermostat::Client::new(&mut fleet.any("fridges").unwrap()).read(0).unwrap_err());
    assert!(error.to_string().contains("any of fridges: no matching subscribers (0x10)"), "{error}");
    assert!(!error.is_of_broker());
    assert!(fleet.device("oven/7").unwrap_err().to_string().contains("'/'"));
}

#[test]
fn presence_that_lies_is_found_by_the_reason_code() {
    let (broker, gateway) = plant(&["oven-7"]);
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    gateway.client.unsubscribe(gateway.topics.calls_of(&name("oven-7"))).unwrap();
    wait_until(|| {
        let read = thermostat::Client::new(&mut oven).read(0);
        read.is_err_and(|error| of(error) == Error::NoGateway { target: "oven-7".to_owned() })
    });
}

#[test]
fn refusals_and_troubles_come_back_as_what_they_are() {
    let (broker, _gateway) = plant_of(&["oven-7"], |_, call, _| match call.arguments()[3] {
        0 => Action::Refuse(Refusal::ProgramMismatch { low: 2, high: 3 }),
        1 => Action::Trouble(Trouble::TimedOut, "the device did not reply within 5 s"),
        2 => Action::Trouble(Trouble::Restarted, "the device restarted"),
        3 => Action::Trouble(Trouble::Disconnected, "the cable was pulled"),
        4 => Action::Trouble(Trouble::Busy, "256 calls wait for the device"),
        5 => Action::Raw(vec![]),
        6 => Action::Raw([[0xff; 4], [0, 0, 0, 1], [0; 4], [0; 4], [0; 4], [0; 4]].concat()),
        7 => Action::Results(vec![1]),
        _ => tenfold(call),
    });
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    let mut oven = thermostat::Client::new(&mut oven);
    let mut failed = |channel| oven.read(channel).unwrap_err();
    assert_eq!(failed(0), CallError::Refused(Refusal::ProgramMismatch { low: 2, high: 3 }));
    assert!(matches!(failed(1), CallError::TimedOut { unframed: 0, .. }));
    assert_eq!(failed(2), CallError::Restarted);
    let error = of(failed(3));
    assert_eq!(error.executed(), Executed::Perhaps);
    assert_eq!(
        error.to_string(),
        "oven-7: the cable was pulled (disconnected, gateway west); the call may have been executed"
    );
    let error = of(failed(4));
    assert_eq!(error.executed(), Executed::No);
    assert!(error.to_string().contains("256 calls wait for the device (busy"), "{error}");
    assert!(matches!(failed(5), CallError::Reply(_)));
    assert!(matches!(of(failed(6)), Error::Strange { .. }));
    assert!(matches!(failed(7), CallError::Results(_)));
    assert_eq!(oven.read(9).unwrap(), 90);
}

#[test]
fn a_call_has_a_deadline_and_its_wait_can_be_ended() {
    let (broker, gateway) = plant_of(&["oven-7"], |_, _, properties| {
        let timeout = properties.deadline.timeout.unwrap();
        assert!(timeout <= Duration::from_millis(300) || timeout > Duration::from_secs(3000));
        assert!(properties.deadline.sent.is_some() && properties.expiry.is_some());
        assert_eq!(properties.traceparent.as_deref(), Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        Action::Nothing
    });
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    oven.set_traceparent(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()));
    oven.set_timeout(Duration::from_millis(300));
    let after = Duration::from_millis(300);
    let read = thermostat::Client::new(&mut oven).read(0);
    assert_eq!(read, Err(CallError::TimedOut { after, unframed: 0 }));

    oven.set_timeout(Duration::from_secs(3600));
    let end = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&end);
    oven.set_interrupt(Some(Arc::new(move || asked.load(Ordering::SeqCst))));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| thermostat::Client::new(&mut oven).read(0));
        wait_until(|| gateway.calls() == 2);
        end.store(true, Ordering::SeqCst);
        assert!(matches!(waiting.join().unwrap(), Err(CallError::TimedOut { .. })));
    });
}

#[test]
fn large_messages_are_carried_and_too_large_ones_are_not_sent() {
    let (broker, gateway) = plant_of(&["oven-7"], |_, call, _| match call.id().procedure {
        9 => Action::Results(call.arguments().to_vec()),
        _ => Action::Results([&4096_u32.to_be_bytes()[..], &[7; 4096]].concat()),
    });
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    assert_eq!(thermostat::Client::new(&mut oven).bytes(4096).unwrap(), [7; 4096]);
    let id = oncilla::ProcedureId { program: 0x2000_0042, version: 1, procedure: 9 };
    let large = vec![5; 1_000_000];
    let same = oncilla::Caller::call(&mut oven, id, |writer| writer.append(&large), |results| Ok(results == large));
    assert_eq!(same, Ok(true));
    let calls = gateway.calls();
    let huge = vec![5; 1 << 20];
    let sent = oncilla::Caller::call(&mut oven, id, |writer| writer.append(&huge), |_| Ok(()));
    assert!(matches!(sent, Err(CallError::CallTooLarge { limit: 1_048_576, .. })), "{sent:?}");
    assert_eq!(gateway.calls(), calls);
}

#[test]
fn versions_and_the_cap_are_known_without_a_call() {
    let (broker, gateway) = plant(&["old"]);
    gateway.serve("new", 3);
    let fleet = connect(&broker);
    wait_until(|| fleet.device("new").is_ok());
    let (mut old, mut new) = (fleet.device("old").unwrap(), fleet.device("new").unwrap());
    let program = 0x2000_0042;
    assert_eq!((old.highest_version(program, 1..=3), new.highest_version(program, 1..=3)), (Some(1), Some(3)));
    assert!(new.can_send_version(program, 3) && !old.can_send_version(program, 2));
    assert_eq!(new.highest_version(0x2000_0043, 1..=3), None);

    // Another client sets the cap.
    let operator = connect(&broker);
    operator.set_cap(program, Some(1)).unwrap();
    wait_until(|| fleet.caps() == [(program, 1)]);
    assert_eq!(new.highest_version(program, 1..=3), Some(1));
    let id = oncilla::ProcedureId { program, version: 2, procedure: 1 };
    let error = of(oncilla::Caller::call(&mut new, id, |_| Ok(()), |_| Ok(())).unwrap_err());
    assert_eq!(error, Error::Capped { program, version: 2, highest: 1 });
    assert_eq!(thermostat::Client::new(&mut old).read(1).unwrap(), 10);
    operator.set_cap(program, None).unwrap();
    wait_until(|| fleet.caps().is_empty());
    assert_eq!(new.highest_version(program, 1..=3), Some(3));
    assert_eq!(gateway.calls(), 1);
}
