//! One-way calls that are confirmed, and calls after a device has closed its connection.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use oncilla::{CallError, Caller, LinkError, ProcedureId, Refusal, Xdr, answer};
use oncilla_fleet::Error;
use oncilla_fleet::wire::{Executed, Trouble};
use oncilla_fleet_tests::ledger::Ledger;
use oncilla_fleet_tests::meter::{Meter, NEW, PROGRAM, meter_2};
use oncilla_fleet_tests::park::Park;

use super::support::{Running, broker, call, fleet, start, until, wait_for};

const TOPIC: &str = "plant/call/oven-0/0x2000006a/-";
const ID: ProcedureId = ProcedureId { program: PROGRAM, version: 2, procedure: 1 };

/// Starts a gateway of one device, which it looks at only when it is called.
fn gateway(port: u16, target: &str) -> Running {
    start(&format!(
        "fleet = \"plant\"\ngateway = \"hall\"\n[broker]\naddress = \"mqtt://127.0.0.1:{port}\"\nkeep-alive = \"1s\"\n\
         [defaults]\nprobe = \"1h\"\n[devices.oven-0]\ntarget = \"{target}\"\n"
    ))
}

#[test]
fn a_cast_is_confirmed_when_the_device_has_it() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = gateway(broker.port(), &format!("tcp://{}", park.addresses()[0]));
    wait_for(broker.port(), "oven-0", "online");
    let fleet = fleet(broker.port());
    let mut oven = fleet.device("oven-0").unwrap();
    oven.set_confirm(true);
    for number in 0..20u64 {
        oven.cast(ID, |writer| writer.put::<Xdr, _>(&number)).unwrap();
        // No wait: it was executed before the call behind it was answered.
        assert_eq!(park.ledger().times(number), 1);
    }
    // Calls have their results as ever.
    assert_eq!(meter_2::Client::new(&mut oven).note(50).unwrap(), 1);
    let absent = oven.cast(ProcedureId { version: 9, ..ID }, |writer| writer.put::<Xdr, _>(&60u64));
    assert!(matches!(absent, Err(CallError::Refused(Refusal::ProgramMismatch { low: 1, high: 2 }))), "{absent:?}");
    assert_eq!(park.ledger().twice(), 0);
}

#[test]
fn a_client_that_nobody_here_wrote_has_its_cast_confirmed() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = gateway(broker.port(), &format!("tcp://{}", park.addresses()[0]));
    wait_for(broker.port(), "oven-0", "online");
    let note = r#"{"procedure": "meter.note", "arguments": {"call": 7}}"#;
    let property = ["-D", "publish", "user-property", "confirm"];
    let reply = call(broker.port(), TOPIC, note, &[&property[..], &["one-way"]].concat());
    assert!(reply.ends_with(r#"{"results":null}"#), "{reply}");
    assert_eq!(park.ledger().times(7), 1);
    let reply = call(broker.port(), TOPIC, note, &[&property[..], &["yes"]].concat());
    assert!(reply.contains(r#""error":"malformed""#), "{reply}");
    assert_eq!(park.ledger().times(7), 1);
}

/// A device on UDP, until the flag is set.
fn on_udp(ledger: &Arc<Ledger>, over: &Arc<AtomicBool>) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let (mut meter, over) = (Meter::new(0, Arc::clone(ledger)), Arc::clone(over));
    thread::spawn(move || {
        let (mut message, mut reply) = ([0; 2048], [0; 2048]);
        while !over.load(Ordering::Relaxed) {
            let Ok((length, from)) = socket.recv_from(&mut message) else { continue };
            if let Some(length) = answer(&NEW, &mut meter, &message[..length], &mut reply) {
                let _ = socket.send_to(&reply[..length], from);
            }
        }
    });
    port
}

#[test]
fn a_link_that_loses_calls_confirms_none() {
    let broker = broker();
    let (ledger, over) = (Arc::new(Ledger::new(1, 100)), Arc::new(AtomicBool::new(false)));
    let port = on_udp(&ledger, &over);
    let _gateway = gateway(broker.port(), &format!("udp://127.0.0.1:{port}"));
    wait_for(broker.port(), "oven-0", "online");
    let fleet = fleet(broker.port());
    let mut oven = fleet.device("oven-0").unwrap();
    oven.set_confirm(true);
    match oven.cast(ID, |writer| writer.put::<Xdr, _>(&3u64)) {
        Err(CallError::Link(LinkError::Transport(error @ Error::Gateway { trouble: Trouble::Unconfirmable, .. }))) => {
            assert_eq!(error.executed(), Executed::No);
        }
        other => panic!("{other:?}"),
    }
    // In order: the one before was not sent.
    assert_eq!(meter_2::Client::new(&mut oven).note(4).unwrap(), 1);
    assert_eq!(ledger.order(0), [4]);
    oven.set_confirm(false);
    oven.cast(ID, |writer| writer.put::<Xdr, _>(&5u64)).unwrap();
    until("the cast is executed", || ledger.times(5) == 1);
    over.store(true, Ordering::Relaxed);
}

#[test]
fn a_call_after_a_reset_is_made_on_a_new_connection() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = gateway(broker.port(), &format!("tcp://{}", park.addresses()[0]));
    wait_for(broker.port(), "oven-0", "online");
    let fleet = fleet(broker.port());
    let mut oven = fleet.device("oven-0").unwrap();
    for number in 0..3u64 {
        assert_eq!(meter_2::Client::new(&mut oven).note(number).unwrap(), 1);
        park.reset(0).unwrap();
        // Longer than the gateway trusts a connection on which nothing was heard.
        thread::sleep(Duration::from_millis(1_200));
    }
    oven.set_confirm(true);
    oven.cast(ID, |writer| writer.put::<Xdr, _>(&9u64)).unwrap();
    assert_eq!(park.ledger().order(0), [0, 1, 2, 9]);
    // One that is away is reported, and nothing was sent.
    park.away(0).unwrap();
    thread::sleep(Duration::from_millis(1_200));
    match oven.cast(ID, |writer| writer.put::<Xdr, _>(&10u64)) {
        Err(CallError::Link(LinkError::Transport(error))) => assert_eq!(error.executed(), Executed::No, "{error}"),
        other => panic!("{other:?}"),
    }
}
