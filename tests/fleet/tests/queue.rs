//! Calls that wait for a device that is away.

use oncilla_fleet_tests::{
    broker, gateway,
    meter::PROGRAM,
    mosquitto::Subscription,
    park::Park,
    process::wait_until,
    scene::{PATIENCE, Scene},
};
use serde_json::{Value, json};

fn with_journal(settings: gateway::Settings) -> gateway::Settings {
    let journal = format!("journal = \"{}.journal\"\n", settings.gateway);
    settings.and(&format!("[queue]\n{journal}"))
}

fn persistent() -> broker::Settings {
    broker::Settings { persistent: true, ..Default::default() }
}

/// A scene whose device is away.
fn away() -> Scene {
    let mut scene = Scene::with(&persistent(), &[], Park::start(1, 1000, |_| false).unwrap()).unwrap();
    scene.gateway("west", with_journal).unwrap();
    scene.all_online().unwrap();
    go_away(&scene);
    scene
}

fn go_away(scene: &Scene) {
    let watch = scene.watch("meter-0").unwrap();
    scene.park.away(0).unwrap();
    watch.until(|presence| presence["state"] == "away").unwrap();
}

/// Queues a call, without a wish for a reply. Its correlation data are `q` and the number.
fn queue(scene: &Scene, number: u32, expiry: u32) {
    queue_call(scene, number, expiry, &json!({"procedure": "meter.note", "arguments": {"call": number}}));
}

fn queue_call(scene: &Scene, number: u32, expiry: u32, call: &Value) {
    let printed = scene.client().publish(
        &format!("plant/queue/meter-0/{PROGRAM:#010x}/-"),
        &call.to_string(),
        &[
            ["-D", "publish", "content-type", "application/json"],
            ["-D", "publish", "correlation-data", &format!("q{number}")],
            ["-D", "publish", "message-expiry-interval", &expiry.to_string()],
        ]
        .concat(),
    );
    assert_eq!(printed.unwrap(), "");
}

fn hexadecimal(number: u32) -> String {
    format!("q{number}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits for a state of a call, and returns all states on the way there.
fn until(states: &Subscription, number: u32, last: &str) -> Vec<String> {
    let topic = format!("plant/state/meter-0/-/{}", hexadecimal(number));
    let mut seen = Vec::new();
    loop {
        let line = states.next(PATIENCE).unwrap_or_else(|| panic!("{last} of call {number} after {seen:?}"));
        let Some(json) = line.strip_prefix(&format!("{topic} ")) else { continue };
        let state: Value = serde_json::from_str(json).unwrap();
        seen.push(state["state"].as_str().unwrap().to_owned());
        if state["state"] == last {
            return seen;
        }
    }
}

#[test]
fn a_queued_call_waits_for_the_device() {
    let scene = away();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    queue(&scene, 1, 600);
    assert_eq!(until(&states, 1, "queued"), ["queued"]);
    scene.park.back(0).unwrap();
    assert_eq!(until(&states, 1, "done"), ["delivered", "done"]);
    assert_eq!(scene.park.ledger().order(0), [1]);
}

#[test]
fn what_expires_is_not_executed() {
    let scene = away();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    queue(&scene, 1, 2);
    queue(&scene, 2, 600);
    until(&states, 1, "expired");
    scene.park.back(0).unwrap();
    until(&states, 2, "done");
    assert_eq!(scene.park.ledger().order(0), [2]);
}

#[test]
fn queued_calls_keep_their_order() {
    let scene = away();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    for number in 0..20 {
        queue(&scene, number, 600);
    }
    until(&states, 19, "queued");
    scene.park.back(0).unwrap();
    until(&states, 19, "done");
    assert_eq!(scene.park.ledger().order(0), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_queued_call_that_arrives_twice_is_executed_once() {
    let scene = away();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    queue(&scene, 1, 600);
    queue(&scene, 1, 600);
    queue(&scene, 2, 600);
    scene.park.back(0).unwrap();
    until(&states, 2, "done");
    queue(&scene, 1, 600);
    queue(&scene, 3, 600);
    until(&states, 3, "done");
    assert_eq!(scene.park.ledger().order(0), [1, 2, 3]);
}

/// Nobody is replied to, so the state alone says what became of it.
#[test]
fn a_call_is_done_when_the_device_has_executed_it() {
    let scene = away();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    // While it executes this one, the device cannot have executed the next one.
    queue_call(&scene, 1, 600, &json!({"procedure": "meter.slow", "arguments": {"call": 1, "milliseconds": 700}}));
    queue(&scene, 2, 600);
    scene.park.back(0).unwrap();
    until(&states, 2, "done");
    assert_eq!(scene.park.ledger().order(0), [1, 2]);
}

#[test]
fn a_call_that_the_device_refuses_has_failed() {
    let mut scene = Scene::with(&persistent(), &[], Park::start(1, 1000, |_| true).unwrap()).unwrap();
    scene.gateway("west", with_journal).unwrap();
    scene.all_online().unwrap();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    // The device has version 1 only.
    queue_call(&scene, 1, 600, &json!({"procedure": "meter_2.echo", "arguments": {"data": "00"}}));
    let failed = std::iter::from_fn(|| states.next(PATIENCE)).find(|state| state.contains("\"failed\""));
    assert!(failed.as_ref().is_some_and(|state| state.contains("PROG_MISMATCH")), "{failed:?}");
}

#[test]
fn the_queue_outlives_gateway_and_broker() {
    let mut scene = away();
    let states = scene.client().subscribe("plant/state/#").unwrap();
    queue(&scene, 1, 600);
    until(&states, 1, "queued");
    drop(states);
    scene.gateways[0].kill().unwrap();
    // Nobody takes it now; the broker keeps it for the gateway's session.
    queue(&scene, 2, 600);
    scene.broker.end().unwrap();
    scene.broker.restart().unwrap();
    queue(&scene, 3, 600);
    scene.gateways[0].restart().unwrap();
    scene.park.back(0).unwrap();
    wait_until("the queued calls", PATIENCE, || Ok(scene.park.ledger().order(0).len() >= 3))
        .unwrap_or_else(|error| panic!("{error}: {:?}; {}", scene.park.ledger().order(0), scene.logs()));
    assert_eq!(scene.park.ledger().order(0), [1, 2, 3]);
}
