//! Calls, the interface, the log.

use oncilla_web_wasm::Options;
use serde_json::{Value, json};

use crate::bench::{Bench, call, plain};

fn bench() -> Bench {
    Bench::new(Options::default(), plain)
}

#[test]
fn the_device_describes_itself_and_is_called() {
    let mut bench = bench();
    let described = bench.ask(Value::Null);
    let programs = &described["description"]["programs"];
    assert_eq!(programs[0]["versions"][0]["procedures"][0]["name"], "sensor.read", "{described}");
    let read = bench.call(1, json!({"channel": 0}));
    // A number that JavaScript does not have exactly is a text.
    let wanted = json!({"STATUS_OK": {"time": "18446744073709551615", "value": 21_500}});
    assert!(read["results"].to_string().contains("\"18446744073709551615\""), "{read} {wanted}");
    assert_eq!(bench.call(3, json!({"channel": 0, "name": "hall"}))["results"], true);
    assert_eq!(bench.sensor.renamed, 1);
    assert_eq!(bench.states, [json!({"connected": true})]);
}

#[test]
fn requests_are_made_in_their_order() {
    let mut bench = bench();
    let ids: Vec<_> = (0..5).map(|channel| bench.begin(call(1, json!({"channel": channel})))).collect();
    bench.run();
    let order: Vec<_> = bench.replies.iter().map(|reply| reply["id"].as_u64().unwrap()).collect();
    assert_eq!(order, ids);
}

#[test]
fn wrong_arguments_are_not_sent() {
    let mut bench = bench();
    let reply = bench.call(1, json!({"channel": -1}));
    assert_eq!((&reply["kind"], reply.get("results")), (&json!("usage"), None), "{reply}");
    let reply = bench.ask(json!({"program": 1}));
    assert_eq!(reply["kind"], "usage", "{reply}");
    let reply = bench.call(99, json!({}));
    assert!(reply["error"].as_str().unwrap().contains("no procedure 0x20000051.1.99"), "{reply}");
}

#[test]
fn a_one_way_call_has_no_reply_to_wait_for() {
    let mut bench = bench();
    assert!(bench.ask(Value::Null)["description"].is_object());
    let mut cast = call(3, json!({"channel": 0, "name": "hall"}));
    cast["cast"] = json!(true);
    let id = bench.begin(cast);
    // Before anything has arrived.
    assert_eq!(bench.reply(id).get("results"), Some(&Value::Null));
    bench.run();
    assert_eq!(bench.sensor.renamed, 1);
}

#[test]
fn a_refusal_has_its_name() {
    let mut bench = bench();
    let reply = bench.ask(json!({"program": 0x2000_0052, "version": 1, "procedure": 0}));
    assert_eq!((&reply["refusal"], &reply["kind"]), (&json!("PROG_UNAVAIL"), &json!("failed")), "{reply}");
    // It was reached.
    assert_eq!(bench.states, [json!({"connected": true})]);
}

#[test]
fn the_interface_of_a_file_is_used_without_asking() {
    let interface = Some(include_str!("../../../../examples/sensor/sensor.x").to_owned());
    let mut bench = Bench::new(Options { interface, ..Options::default() }, plain);
    bench.is_silent = true;
    let described = bench.ask(Value::Null);
    assert_eq!(described["description"]["programs"][0]["number"], 0x2000_0051, "{described}");
    assert!(
        oncilla_web_wasm::Device::new(Options { interface: Some("program".to_owned()), ..Options::default() }).is_err()
    );
}

#[test]
fn the_log_is_shown() {
    let mut bench = bench();
    bench.end.print("ready <script>\r\n");
    bench.run();
    assert_eq!(bench.log, [json!({"kind": "text", "text": "ready <script>\r\n"})]);
}
