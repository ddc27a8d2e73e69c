//! Calls over a real broker by clients that nobody here wrote: mosquitto's.

use std::{fs, time::Duration};

use oncilla_fleet_tests::{
    meter::PROGRAM,
    mosquitto::Client,
    scene::{PATIENCE, Scene},
};
use serde_json::{Value, json};

const JSON: [&str; 4] = ["-D", "publish", "content-type", "application/json"];

fn topic(device: &str) -> String {
    format!("plant/call/{device}/{PROGRAM:#010x}/-")
}

fn scene(devices: usize) -> Scene {
    let mut scene = Scene::new(devices, 100).unwrap();
    scene.gateway("west", |settings| settings).unwrap();
    scene.all_online().unwrap();
    scene
}

/// Calls by JSON; returns the reply.
fn call(client: &Client, device: &str, call: &Value, more: &[&str]) -> Value {
    let more = [&JSON[..], more].concat();
    let reply = client.request(&topic(device), "plant/reply/-/rr", &call.to_string(), &more).unwrap();
    serde_json::from_str(&reply).unwrap_or_else(|error| panic!("{reply:?}: {error}"))
}

fn note(number: u32) -> Value {
    json!({"procedure": "meter.note", "arguments": {"call": number}})
}

#[test]
fn a_device_is_called_by_json() {
    let scene = scene(2);
    assert_eq!(call(&scene.client(), "meter-1", &note(7), &[]), json!({"results": 1}));
    assert_eq!(scene.park.ledger().order(1), [7]);
    let number = json!({"procedure": "meter.number", "arguments": {}});
    assert_eq!(call(&scene.client(), "meter-0", &number, &[]), json!({"results": 0}));
    let absent = call(&scene.client(), "meter-0", &json!({"procedure": "meter.absent", "arguments": {}}), &[]);
    assert!(absent["text"].as_str().unwrap().contains("absent"), "{absent}");
    let wrong = call(&scene.client(), "meter-0", &json!({"procedure": "meter.note", "arguments": {"call": "x"}}), &[]);
    assert!(wrong["error"].is_string() && wrong["text"].is_string(), "{wrong}");
    assert_eq!(scene.park.ledger().strange(), 0);
}

/// The bytes of a call as hexadecimal digits: RFC 5531 §9, AUTH_NONE.
fn header(program: u32, version: u32, procedure: u32) -> Vec<u8> {
    [0x1234_5678, 0, 2, program, version, procedure, 0, 0, 0, 0].into_iter().flat_map(u32::to_be_bytes).collect()
}

/// Calls by bytes; returns the reply as hexadecimal digits.
fn call_bytes(scene: &Scene, message: &[u8]) -> String {
    let file = scene.broker.file("call");
    fs::write(&file, message).unwrap();
    scene.client().request_file(&topic("meter-0"), "plant/reply/-/file", &file).unwrap()
}

#[test]
fn a_device_is_called_by_the_bytes_of_rfc_5531() {
    let scene = scene(1);
    let mut message = header(PROGRAM, 1, 1);
    message.extend(9u64.to_be_bytes());
    assert_eq!(call_bytes(&scene, &message), "12345678000000010000000000000000000000000000000000000001");
    assert_eq!(scene.park.ledger().order(0), [9]);
    // PROC_UNAVAIL is 3, PROG_MISMATCH 2 with the versions there are, GARBAGE_ARGS 4.
    let accepted = "12345678000000010000000000000000000000000000000";
    assert_eq!(call_bytes(&scene, &header(PROGRAM, 1, 99)), format!("{accepted}3"));
    assert_eq!(call_bytes(&scene, &header(PROGRAM, 9, 1)), format!("{accepted}20000000100000002"));
    assert_eq!(call_bytes(&scene, &header(PROGRAM, 1, 1)), format!("{accepted}4"));
    // The program of the message must be that of the topic, since access lists go by topics: AUTH_TOOWEAK is 5.
    let other = call_bytes(&scene, &header(100_000, 2, 0));
    assert_eq!(other, "123456780000000100000001000000010000000 5".replace(' ', ""));
}

#[test]
fn a_cast_is_executed_without_a_reply() {
    let scene = scene(1);
    scene.client().publish(&topic("meter-0"), &note(3).to_string(), &JSON).unwrap();
    oncilla_fleet_tests::process::wait_until("the cast", PATIENCE, || Ok(scene.park.ledger().times(3) == 1)).unwrap();
}

#[test]
fn a_repeated_call_is_executed_once() {
    let scene = scene(1);
    let more =
        [&JSON[..], &["-D", "publish", "correlation-data", "77", "-D", "publish", "response-topic", "plant/reply/-/x"]]
            .concat();
    for _ in 0..2 {
        scene.client().publish(&topic("meter-0"), &note(5).to_string(), &more).unwrap();
    }
    // Calls of one device are executed in order: after this one, both have been looked at.
    assert_eq!(call(&scene.client(), "meter-0", &note(6), &[]), json!({"results": 1}));
    assert_eq!(scene.park.ledger().order(0), [5, 6]);
}

#[test]
fn a_call_that_is_over_is_not_executed() {
    let scene = scene(1);
    // Sent long ago, with a time-out of a second.
    let old =
        ["-D", "publish", "user-property", "timeout-ms", "1000", "-D", "publish", "user-property", "sent-ms", "1000"];
    let reply = call(&scene.client(), "meter-0", &note(1), &old);
    assert!(["expired", "clock"].contains(&reply["error"].as_str().unwrap()), "{reply}");
    // While the device is busy for two seconds, a call that may wait for 300 ms is over.
    let slow = json!({"procedure": "meter.slow", "arguments": {"call": 2, "milliseconds": 2000}});
    std::thread::scope(|calls| {
        calls.spawn(|| assert_eq!(call(&scene.client(), "meter-0", &slow, &[]), json!({"results": 1})));
        let executed = || Ok(scene.park.ledger().times(2) == 1);
        oncilla_fleet_tests::process::wait_until("the slow call", PATIENCE, executed).unwrap();
        let soon = ["-D", "publish", "user-property", "timeout-ms", "300"];
        let reply = call(&scene.client(), "meter-0", &note(3), &soon);
        assert!(["expired", "timed-out"].contains(&reply["error"].as_str().unwrap_or_default()), "{reply}");
    });
    assert_eq!(call(&scene.client(), "meter-0", &note(4), &[]), json!({"results": 1}));
    assert_eq!(scene.park.ledger().order(0), [2, 4]);
}

#[test]
fn replies_go_to_the_caller_only() {
    let scene = scene(1);
    let other = scene.client().subscribe("plant/reply/alice/x").unwrap();
    let more = [
        &JSON[..],
        &["-D", "publish", "correlation-data", "7", "-D", "publish", "response-topic", "plant/reply/alice/x"],
    ]
    .concat();
    scene.client().publish(&topic("meter-0"), &note(5).to_string(), &more).unwrap();
    assert_eq!(call(&scene.client(), "meter-0", &note(6), &[]), json!({"results": 1}));
    assert_eq!(scene.park.ledger().order(0), [6]);
    assert_eq!(other.next(Duration::from_millis(500)), None);
}

#[test]
fn presence_states_what_is_there() {
    let scene = scene(1);
    let watch = scene.watch("meter-0").unwrap();
    let presence = watch.until(|presence| presence["state"] == "online").unwrap();
    assert_eq!(presence["gateway"], "west");
    assert_eq!(presence["groups"], json!(["meters"]));
    let meter = presence["programs"].as_array().unwrap().iter().find(|program| program["program"] == "0x2000006a");
    assert_eq!(meter.unwrap()["versions"], json!([[1, 2]]), "{presence}");
    let hash = presence["description"].as_str().unwrap();
    let description = scene.client().retained(&format!("plant/description/{hash}")).unwrap();
    assert!(description.contains("METER_NOTE"), "{description}");
    scene.park.away(0).unwrap();
    let away = watch.until(|presence| presence["state"] == "away").unwrap();
    assert!(away["since"].as_u64() >= presence["since"].as_u64(), "{away}");
    scene.park.back(0).unwrap();
    watch.until(|presence| presence["state"] == "online").unwrap();
    assert_eq!(call(&scene.client(), "meter-0", &note(6), &[]), json!({"results": 1}));
}

#[test]
fn the_broker_answers_for_a_device_that_is_away() {
    let scene = scene(1);
    // mosquitto_pub -d prints the reason code of the acknowledgement: 16 is "no matching subscribers".
    let publish = |device: &str| scene.client().publish(&topic(device), &note(1).to_string(), &["-d"]).unwrap();
    assert!(publish("meter-9").contains("RC:16"), "{}", publish("meter-9"));
    let watch = scene.watch("meter-0").unwrap();
    scene.park.away(0).unwrap();
    watch.until(|presence| presence["state"] == "away").unwrap();
    assert!(publish("meter-0").contains("RC:16"), "{}", publish("meter-0"));
    assert_eq!(scene.park.ledger().times(1), 0);
}
