//! Several gateways that may serve the same devices.

use oncilla_fleet_tests::{
    gateway,
    meter::PROGRAM,
    process::wait_until,
    scene::{PATIENCE, Scene},
};
use serde_json::json;

/// A gateway that notices soon that its broker is gone, and is noticed soon.
fn quick(mut settings: gateway::Settings) -> gateway::Settings {
    settings.broker += "keep-alive = \"1s\"\n";
    settings
}

fn note(scene: &Scene, number: u32) -> String {
    try_note(scene, number, &[]).unwrap()
}

fn try_note(scene: &Scene, number: u32, more: &[&str]) -> anyhow::Result<String> {
    let call = json!({"procedure": "meter.note", "arguments": {"call": number}}).to_string();
    let topic = format!("plant/call/meter-0/{PROGRAM:#010x}/-");
    let more = [&["-D", "publish", "content-type", "application/json"], more].concat();
    scene.client().request(&topic, "plant/reply/-/rr", &call, &more)
}

#[test]
fn another_gateway_takes_over() {
    let mut scene = Scene::new(1, 100).unwrap();
    scene.gateway("west", quick).unwrap();
    assert_eq!(scene.online("meter-0").unwrap()["gateway"], "west");
    scene.gateway("east", quick).unwrap();
    assert_eq!(note(&scene, 1), r#"{"results":1}"#);
    let watch = scene.watch("meter-0").unwrap();
    scene.gateways[0].kill().unwrap();
    let taken = watch.until(|presence| presence["state"] == "online" && presence["gateway"] == "east");
    let term = taken.unwrap_or_else(|error| panic!("{error:#}; {}", scene.logs()))["term"].as_u64();
    assert_eq!(note(&scene, 2), r#"{"results":1}"#);
    // The first gateway returns, and does not take the device from the other one.
    scene.gateways[0].restart().unwrap();
    let back = scene.client().subscribe("plant/gateway/west").unwrap();
    while !back.next(PATIENCE).expect("west comes back").contains("\"online\"") {}
    assert_eq!(note(&scene, 3), r#"{"results":1}"#);
    let presence = scene.online("meter-0").unwrap();
    assert_eq!((&presence["gateway"], presence["term"].as_u64()), (&json!("east"), term));
    assert_eq!(scene.park.ledger().order(0), [1, 2, 3]);
}

#[test]
fn a_gateway_that_ends_in_order_hands_over() {
    let mut scene = Scene::new(2, 100).unwrap();
    scene.gateway("west", quick).unwrap();
    scene.all_online().unwrap();
    scene.gateway("east", quick).unwrap();
    let watch = scene.watch("meter-1").unwrap();
    scene.gateways[0].end().unwrap();
    let taken = watch.until(|presence| presence["state"] == "online" && presence["gateway"] == "east");
    taken.unwrap_or_else(|error| panic!("{error:#}; {}", scene.logs()));
}

#[test]
fn a_device_is_served_after_the_broker_restarts() {
    let mut scene = Scene::new(1, 100).unwrap();
    scene.gateway("west", quick).unwrap();
    scene.all_online().unwrap();
    scene.broker.kill().unwrap();
    scene.broker.restart().unwrap();
    scene.all_online().unwrap();
    assert_eq!(note(&scene, 2), r#"{"results":1}"#);
}

#[test]
fn a_device_that_restarts_is_called_again() {
    let mut scene = Scene::new(1, 100).unwrap();
    scene.gateway("west", quick).unwrap();
    scene.all_online().unwrap();
    assert_eq!(note(&scene, 1), r#"{"results":1}"#);
    scene.park.reset(0).unwrap();
    // The first call may find the old connection, and its reply states that. While the device is away, the broker
    // states that, which mosquitto_rr does not see: it waits for a reply.
    let mut number = 1;
    wait_until("the device answers", PATIENCE, || {
        number += 1;
        Ok(try_note(&scene, number, &["-W", "2"]).is_ok_and(|reply| reply.contains("results")))
    })
    .unwrap();
    assert_eq!(scene.park.ledger().twice(), 0);
}

#[test]
fn a_group_is_called_whole_or_by_any_one() {
    let mut scene = Scene::new(5, 100).unwrap();
    scene.gateway("west", quick).unwrap();
    scene.gateway("east", quick).unwrap();
    scene.all_online().unwrap();
    let replies = scene.client().subscribe("plant/reply/-/all").unwrap();
    let send = |kind: &str, number: u32| {
        let call = json!({"procedure": "meter.slow", "arguments": {"call": number, "milliseconds": 0}}).to_string();
        let more = [
            ["-D", "publish", "content-type", "application/json"],
            ["-D", "publish", "response-topic", "plant/reply/-/all"],
            ["-D", "publish", "correlation-data", &format!("{kind}{number}")],
        ];
        scene.client().publish(&format!("plant/{kind}/meters/{PROGRAM:#010x}/-"), &call, &more.concat()).unwrap();
    };
    send("group", 1);
    let mut results: Vec<_> = (0..5).map(|_| replies.next(PATIENCE).expect("a reply of each device")).collect();
    results.sort();
    // All devices count the call by its number: each reply has another count.
    let expected: Vec<_> = (1..=5).map(|times| format!("plant/reply/-/all {{\"results\":{times}}}")).collect();
    assert_eq!(results, expected);
    for number in 10..40 {
        send("any", number);
        assert_eq!(replies.next(PATIENCE).expect("a reply of one device"), "plant/reply/-/all {\"results\":1}");
    }
    assert!((10..40).all(|number| scene.park.ledger().times(number) == 1));
}
