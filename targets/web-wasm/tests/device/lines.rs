//! Lines that lose messages, devices that restart, ports that end.

use oncilla_web_wasm::Options;
use serde_json::{Value, json};

use crate::bench::{Bench, call, plain, random};

fn described() -> Bench {
    let mut bench = Bench::new(Options::default(), plain);
    assert!(bench.ask(Value::Null)["description"].is_object());
    bench
}

#[test]
fn a_lost_call_is_sent_again_and_executed_once() {
    let mut bench = described();
    let id = bench.begin(call(3, json!({"channel": 0, "name": "hall"})));
    assert!(!bench.page.to_send().is_empty(), "the call was not sent");
    bench.run();
    assert_eq!(bench.reply(id)["results"], true);
    // The reply is lost, so that the call is repeated.
    let id = bench.begin(call(3, json!({"channel": 0, "name": "cellar"})));
    bench.wire.receive(&bench.page.to_send());
    bench.end.serve(&mut bench.sensor);
    assert!(!bench.wire.to_send().is_empty(), "there was no reply");
    bench.run();
    assert_eq!((&bench.reply(id)["results"], bench.sensor.renamed), (&json!(true), 2));
}

#[test]
fn silence_ends_a_call_at_its_time_out() {
    let mut bench = described();
    bench.is_silent = true;
    let reply = bench.call(1, json!({"channel": 0}));
    assert_eq!(reply["kind"], "timed out", "{reply}");
    assert!(reply["microseconds"].as_u64().unwrap() >= 5_000_000, "{reply}");
    assert!(reply["help"][0].as_str().unwrap().contains("nothing arrived"), "{reply}");
    bench.is_silent = false;
    assert!(bench.call(1, json!({"channel": 0}))["results"].is_object());
    let connected: Vec<_> = bench.states.iter().filter_map(|state| state["connected"].as_bool()).collect();
    assert_eq!(connected, [true, false, true]);
}

#[test]
fn a_device_without_a_reply_is_asked_for_its_interface_again() {
    let mut bench = Bench::new(Options::default(), plain);
    bench.is_silent = true;
    let reply = bench.ask(Value::Null);
    assert!(reply["error"].as_str().unwrap().contains("nothing was called"), "{reply}");
    bench.is_silent = false;
    let reply = bench.ask(Value::Null);
    assert!(reply["description"].is_object(), "{reply}");
}

#[test]
fn a_restart_is_told_and_the_next_call_works() {
    let mut bench = described();
    let id = bench.begin(call(1, json!({"channel": 0})));
    // It restarts with the call.
    let _ = bench.page.to_send();
    bench.end = plain(&bench.wire, 8);
    bench.run();
    let reply = bench.reply(id);
    assert!(reply["error"].as_str().unwrap().contains("restarted"), "{reply}");
    assert!(bench.states.contains(&json!({"restarted": true})), "{:?}", bench.states);
    assert!(bench.call(1, json!({"channel": 0}))["results"].is_object());
}

#[test]
fn a_port_that_ends_is_told_and_opened_again() {
    let mut bench = described();
    let id = bench.begin(call(1, json!({"channel": 0})));
    let told = bench.page.close(bench.now);
    bench.told(told);
    assert_eq!(bench.reply(id)["kind"], "not reached");
    let reply = bench.call(1, json!({"channel": 0}));
    assert!(reply["error"].as_str().unwrap().contains("not open"), "{reply}");
    let told = bench.page.open(&random(2), bench.now);
    bench.told(told);
    assert!(bench.call(1, json!({"channel": 0}))["results"].is_object());
}

#[test]
fn garbage_is_dropped() {
    let mut bench = described();
    let garbage: Vec<u8> = (0..200_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let told = bench.page.receive(&garbage, bench.now);
    bench.told(told);
    assert!(bench.call(1, json!({"channel": 0}))["results"].is_object());
}
