//! Keyed links.

use oncilla::framing::Cobs;
use oncilla::keys::{Accepts, ForwardSecret, Key, KeyId, SecretStart, Side};
use oncilla::{Link, ReplayCache};
use oncilla_web_wasm::{Keys, Line, Options, Wire};
use serde_json::json;

use crate::bench::{Bench, End, Served, call};

static KEYS: [Key; 2] = [Key::new(KeyId(1), *b"sixteen bytes !!"), Key::new(KeyId(9), *b"and sixteen more")];

fn keys() -> Keys {
    Keys::parse("1 7369787465656e206279746573202121 left\n").unwrap()
}

fn light(wire: &Wire, boot: u32) -> Box<dyn Served> {
    let ends = Accepts::<_, 2>::new(Side::Device, &KEYS[..], [7; 16], boot);
    let line = Line::<Cobs>::new(wire.clone());
    Box::new(End(Link::with_keys(line, [0; 2048], [0; 2048], ends), ReplayCache::new()))
}

fn secret(wire: &Wire, boot: u32) -> Box<dyn Served> {
    let ends = Accepts::<_, 2, ForwardSecret>::new(Side::Device, &KEYS[..], SecretStart::new([7; 32]), boot);
    let line = Line::<Cobs>::new(wire.clone());
    Box::new(End(Link::with_keys(line, [0; 2048], [0; 2048], ends), ReplayCache::new()))
}

fn options(json: &serde_json::Value, keys: &Keys) -> Options {
    Options::parse(json, keys).unwrap()
}

#[test]
fn calls_and_logs_are_sealed_in_both_suites() {
    for (suite, end) in [("light", light as fn(&Wire, u32) -> Box<dyn Served>), ("forward-secret", secret)] {
        let mut bench = Bench::new(options(&json!({"suite": suite}), &keys()), end);
        assert!(bench.call(1, json!({"channel": 0}))["results"].is_object(), "{suite}");
        bench.end.print("sealed");
        bench.run();
        assert_eq!(bench.log, [json!({"kind": "text", "text": "sealed"})]);
    }
}

/// Without a session a one-way call cannot be sealed. It fails, and does not wait for one.
#[test]
fn a_one_way_call_needs_a_session() {
    let interface = Some(include_str!("../../../../examples/sensor/sensor.x").to_owned());
    let mut bench = Bench::new(Options { interface, ..options(&json!({}), &keys()) }, light);
    let mut cast = call(3, json!({"channel": 0, "name": "hall"}));
    cast["cast"] = json!(true);
    let reply = bench.ask(cast.clone());
    assert!(reply["error"].is_string(), "{reply}");
    bench.now += 10_000.0;
    assert!(bench.call(1, json!({"channel": 0}))["results"].is_object());
    assert_eq!(bench.ask(cast).get("results"), Some(&json!(null)));
    bench.call(1, json!({"channel": 0}));
    assert_eq!(bench.sensor.renamed, 1);
}

#[test]
fn another_key_has_no_reply_and_a_help() {
    let other = Keys::parse("1 00000000000000000000000000000000").unwrap();
    let mut bench = Bench::new(options(&json!({}), &other), light);
    let reply = bench.call(1, json!({"channel": 0}));
    assert_eq!(reply["kind"], "timed out", "{reply}");
    assert!(reply["help"][0].as_str().unwrap().contains("another key, suite or side"), "{reply}");
}

#[test]
fn options_are_checked() {
    for wrong in [json!({"suite": "heavy"}), json!({"keyId": 70_000}), json!({"keyId": 2}), json!({"timeout": "long"})]
    {
        assert!(Options::parse(&wrong, &keys()).is_err(), "{wrong}");
    }
}
