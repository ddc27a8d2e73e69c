//! Clients in Rust through real gateways and a real broker.

use std::{
    thread,
    time::{Duration, Instant},
};

use oncilla::{CallError, Caller, LinkError, ProcedureId, Refusal, Xdr};
use oncilla_fleet::{
    Error, Fleet,
    wire::{Executed, Progress},
};
use oncilla_fleet_tests::{
    gateway,
    meter::{PROGRAM, meter_1, meter_2},
    park::Park,
    process::wait_until,
    scene::{PATIENCE, Scene},
};

fn quick(mut settings: gateway::Settings) -> gateway::Settings {
    settings.broker += "keep-alive = \"1s\"\n";
    let journal = format!("journal = \"{}.journal\"\n", settings.gateway);
    settings.and(&format!("[queue]\n{journal}"))
}

fn scene(devices: usize) -> (Scene, Fleet) {
    let mut scene = Scene::new(devices, 1000).unwrap();
    scene.gateway("west", quick).unwrap();
    scene.all_online().unwrap();
    let fleet = connect(&scene);
    (scene, fleet)
}

fn connect(scene: &Scene) -> Fleet {
    Fleet::connect(&format!("mqtt://127.0.0.1:{}/plant", scene.broker.port())).unwrap()
}

/// Returns the fleet's own error.
fn own<R: std::fmt::Debug>(result: Result<R, CallError<Error>>) -> Error {
    match result {
        Err(CallError::Link(LinkError::Transport(error))) => error,
        other => panic!("it is no error of the fleet: {other:?}"),
    }
}

#[test]
fn generated_clients_work_unchanged() {
    let (scene, fleet) = scene(2);
    let mut device = fleet.device("meter-1").unwrap();
    let mut meter = meter_2::Client::new(&mut device);
    assert_eq!(meter.note(7).unwrap(), 1);
    assert_eq!(meter.number().unwrap(), 1);
    assert_eq!(meter.echo(&[0x5a; 64]).unwrap(), [0x5a; 64]);
    assert_eq!(scene.park.ledger().order(1), [7]);
    let absent = ProcedureId { program: PROGRAM, version: 1, procedure: 99 };
    let refused = device.call(absent, |_| Ok(()), |_| Ok(()));
    assert!(matches!(refused, Err(CallError::Refused(Refusal::ProcedureUnavailable))), "{refused:?}");
    let refused = device.call(ProcedureId { version: 9, ..absent }, |_| Ok(()), |_| Ok(()));
    assert!(matches!(refused, Err(CallError::Refused(Refusal::ProgramMismatch { low: 1, high: 2 }))), "{refused:?}");
}

#[test]
fn a_device_that_is_away_or_unknown_fails_at_once() {
    let (scene, fleet) = scene(2);
    let start = Instant::now();
    assert!(matches!(fleet.device("meter-9"), Err(Error::Unknown { .. })));
    let mut device = fleet.device("meter-0").unwrap();
    let watch = scene.watch("meter-0").unwrap();
    scene.park.away(0).unwrap();
    watch.until(|presence| presence["state"] == "away").unwrap();
    wait_until("the client sees it, too", PATIENCE, || Ok(fleet.device("meter-0").is_err())).unwrap();
    device.set_timeout(Duration::from_secs(3600));
    let error = own(meter_1::Client::new(&mut device).note(1));
    assert!(matches!(error, Error::Away { .. } | Error::NoGateway { .. }), "{error:?}");
    assert_eq!(error.executed(), Executed::No);
    assert!(start.elapsed() < Duration::from_secs(60), "it did not wait for its time-out of an hour");
}

#[test]
fn a_gateway_that_dies_ends_its_calls_at_once() {
    let (mut scene, fleet) = scene(1);
    let mut device = fleet.device("meter-0").unwrap();
    device.set_timeout(Duration::from_secs(3600));
    let ledger = std::sync::Arc::clone(scene.park.ledger());
    let error = thread::scope(|scope| {
        let calling = scope.spawn(|| own(meter_1::Client::new(&mut device).slow(1, 3_000)));
        wait_until("the device executes it", PATIENCE, || Ok(ledger.times(1) == 1)).unwrap();
        scene.gateways[0].kill().unwrap();
        calling.join().unwrap()
    });
    assert!(matches!(error, Error::GatewayLost { .. }), "{error:?}");
    assert_eq!(error.executed(), Executed::Perhaps);
}

#[test]
fn trouble_of_the_broker_is_not_trouble_of_a_device() {
    let (mut scene, fleet) = scene(1);
    let mut device = fleet.device("meter-0").unwrap();
    scene.broker.kill().unwrap();
    device.set_timeout(Duration::from_secs(1));
    let error = own(meter_1::Client::new(&mut device).note(1));
    assert!(error.is_of_broker(), "{error:?}");
    scene.broker.restart().unwrap();
    device.set_timeout(Duration::from_secs(5));
    // The client connects again by itself, and so does the gateway.
    wait_until("calls work again", PATIENCE, || Ok(meter_1::Client::new(&mut device).number().is_ok())).unwrap();
    assert_eq!(meter_1::Client::new(&mut device).note(2).unwrap(), 1);
    assert!(Fleet::connect("mqtt://127.0.0.1:1/plant").unwrap_err().is_of_broker());
}

#[test]
fn a_call_keeps_its_time() {
    let (scene, fleet) = scene(1);
    let mut device = fleet.device("meter-0").unwrap();
    device.set_timeout(Duration::from_millis(300));
    let result = meter_1::Client::new(&mut device).slow(1, 2_000);
    assert!(matches!(result, Err(CallError::TimedOut { .. })), "{result:?}");
    device.set_timeout(Duration::from_secs(10));
    wait_until("it is free", PATIENCE, || Ok(meter_1::Client::new(&mut device).number().is_ok())).unwrap();
    assert_eq!(scene.park.ledger().order(0), [1]);
}

#[test]
fn a_mixed_fleet_is_called_by_the_highest_version() {
    let park = Park::start(2, 10, |device| device == 0).unwrap();
    let mut scene = Scene::with(&oncilla_fleet_tests::broker::Settings::default(), &[], park).unwrap();
    scene.gateway("west", quick).unwrap();
    scene.all_online().unwrap();
    let (fleet, operator) = (connect(&scene), connect(&scene));
    let (old, mut new) = (fleet.device("meter-0").unwrap(), fleet.device("meter-1").unwrap());
    assert_eq!((old.highest_version(PROGRAM, 1..=3), new.highest_version(PROGRAM, 1..=3)), (Some(1), Some(2)));
    assert!(!old.can_send_version(PROGRAM, 2) && new.can_send_version(PROGRAM, 2));
    // Until all devices have version 2, callers use version 1: set in one place.
    operator.set_cap(PROGRAM, Some(1)).unwrap();
    wait_until("the cap is known", PATIENCE, || Ok(!new.can_send_version(PROGRAM, 2))).unwrap();
    assert_eq!(new.highest_version(PROGRAM, 1..=3), Some(1));
    let error = own(meter_2::Client::new(&mut new).note(1));
    assert!(matches!(error, Error::Capped { highest: 1, version: 2, .. }), "{error:?}");
    assert_eq!(meter_1::Client::new(&mut new).note(2).unwrap(), 1);
    // A client that connects later knows it, too.
    assert_eq!(connect(&scene).caps(), [(PROGRAM, 1)]);
    operator.set_cap(PROGRAM, None).unwrap();
    wait_until("the cap is gone", PATIENCE, || Ok(new.can_send_version(PROGRAM, 2))).unwrap();
    assert_eq!(meter_2::Client::new(&mut new).note(3).unwrap(), 1);
    assert_eq!(scene.park.ledger().order(1), [2, 3]);
}

#[test]
fn a_group_returns_a_result_of_each_device() {
    let (scene, fleet) = scene(5);
    let group = fleet.group("meters").unwrap();
    let outcomes = group.call(|device| meter_1::Client::new(device).number()).unwrap();
    let mut numbers: Vec<_> =
        outcomes.into_iter().map(|(device, number)| (device.to_string(), number.unwrap())).collect();
    numbers.sort();
    assert_eq!(numbers, (0..5).map(|number| (format!("meter-{number}"), number)).collect::<Vec<_>>());
    // One that is away has its own outcome.
    let watch = scene.watch("meter-3").unwrap();
    scene.park.away(3).unwrap();
    watch.until(|presence| presence["state"] == "away").unwrap();
    wait_until("the client sees it, too", PATIENCE, || Ok(fleet.device("meter-3").is_err())).unwrap();
    let outcomes = group.call(|device| meter_1::Client::new(device).number()).unwrap();
    let failed: Vec<_> = outcomes.into_iter().filter(|(_, number)| number.is_err()).collect();
    assert!(matches!(&failed[..], [(device, _)] if device.to_string() == "meter-3"), "{failed:?}");
}

#[test]
fn any_one_of_a_group_executes_a_call() {
    let (scene, fleet) = scene(3);
    let mut any = fleet.any("meters").unwrap();
    for call in 0..30 {
        assert_eq!(meter_1::Client::new(&mut any).note(call).unwrap(), 1);
    }
    assert!((0..30).all(|call| scene.park.ledger().times(call) == 1));
    assert!(matches!(own(meter_1::Client::new(&mut fleet.any("nobody").unwrap()).note(50)), Error::NoGateway { .. }));
}

#[test]
fn casts_are_executed_without_a_reply() {
    let (scene, fleet) = scene(1);
    let mut device = fleet.device("meter-0").unwrap();
    let id = ProcedureId { program: PROGRAM, version: 1, procedure: 1 };
    for call in 0..20u64 {
        device.cast(id, |arguments| arguments.put::<Xdr, _>(&call)).unwrap();
    }
    wait_until("the casts", PATIENCE, || Ok(scene.park.ledger().order(0).len() == 20)).unwrap();
    assert_eq!(scene.park.ledger().order(0), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_queued_call_returns_its_results_later() {
    let (scene, fleet) = scene(1);
    let watch = scene.watch("meter-0").unwrap();
    scene.park.away(0).unwrap();
    watch.until(|presence| presence["state"] == "away").unwrap();
    let queue = fleet.queue("meter-0", Duration::from_secs(600)).unwrap();
    let note = |call| move |meter: &mut oncilla_fleet::OneCall| meter_1::Client::new(meter).note(call);
    let ticket = queue.call(note(1)).unwrap();
    assert_eq!(ticket.state(PATIENCE).unwrap().unwrap().state, Progress::Queued);
    // Another program asks for the state by the text of the ticket.
    let other = connect(&scene);
    let same = other.ticket(&ticket.to_string()).unwrap();
    assert_eq!(same.state(PATIENCE).unwrap().unwrap().state, Progress::Queued);
    scene.park.back(0).unwrap();
    assert_eq!(ticket.wait(PATIENCE, note(1)).unwrap(), 1);
    assert_eq!(ticket.end(PATIENCE).unwrap().state, Progress::Done);
    assert_eq!(same.end(PATIENCE).unwrap().state, Progress::Done);
    assert_eq!(scene.park.ledger().order(0), [1]);
}

#[test]
fn many_threads_share_a_connection() {
    let (scene, fleet) = scene(8);
    thread::scope(|scope| {
        for number in 0..8u64 {
            let fleet = &fleet;
            scope.spawn(move || {
                let mut device = fleet.device(&format!("meter-{number}")).unwrap();
                for call in 0..100 {
                    assert_eq!(meter_1::Client::new(&mut device).note(number * 100 + call).unwrap(), 1);
                }
            });
        }
    });
    assert!((0..800).all(|call| scene.park.ledger().times(call) == 1));
    assert_eq!(scene.park.ledger().strange(), 0);
}
