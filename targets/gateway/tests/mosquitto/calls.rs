//! Calls to one device.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oncilla::{CallError, LinkError, Refusal};
use oncilla_fleet::Error;
use oncilla_fleet::wire::Trouble;
use oncilla_fleet_tests::meter::meter_2;
use oncilla_fleet_tests::park::Park;
use serde_json::json;

use super::support::{broker, call, fleet, gateway, rr, run, start, until, wait_for};

const TOPIC: &str = "plant/call/oven-0/0x2000006a/-";
const NOTE: &str = r#"{"procedure": "meter.note", "arguments": {"call": 7}}"#;

#[test]
fn a_device_is_published_and_called_in_json() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = gateway("hall", broker.port(), &park, "");
    let presence = wait_for(broker.port(), "oven-0", "online");
    assert_eq!(presence["programs"][0]["program"], "0x2000006a", "{presence}");
    assert_eq!(presence["programs"][0]["versions"], json!([[1, 2]]), "{presence}");
    let trace = ["-D", "publish", "user-property", "traceparent", "00-abc-def-01"];
    let reply = call(broker.port(), TOPIC, NOTE, &trace);
    assert!(reply.ends_with(r#"{"results":1}"#), "{reply}");
    for property in ["device:oven-0", "gateway:hall", "traceparent:00-abc-def-01"] {
        assert!(reply.contains(property), "{reply}");
    }
    // The description is there, under its hash.
    let topic = format!("plant/description/{}", presence["description"].as_str().unwrap());
    let text = run("mosquitto_sub", broker.port(), &["-t", &topic, "-C", "1", "-W", "5"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("program METER"));
}

#[test]
fn calls_that_are_wrong_are_refused_and_not_executed() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let gateway = gateway("hall", broker.port(), &park, "");
    wait_for(broker.port(), "oven-0", "online");
    let port = broker.port();
    let is = |reply: String, what: &str| assert!(reply.contains(what), "{what}: {reply}");
    is(call(port, TOPIC, r#"{"procedure": "meter.nte"}"#, &[]), r#""error":"value""#);
    is(call(port, TOPIC, r#"{"procedure": "meter.note", "arguments": {"call": "x"}}"#, &[]), r#""error":"value""#);
    is(call(port, TOPIC, "{", &[]), r#""error":"malformed""#);
    // The reply repeats a name that the broker would not carry in a property: it would close the gateway's connection.
    is(call(port, TOPIC, r#"{"procedure": "meter.\u0000\u001b\n\uffff"}"#, &[]), r#""error":"value""#);
    is(rr(port, TOPIC, "no message", &[]), "error:malformed");
    is(call(port, "plant/call/oven-0/0x20000001/-", NOTE, &[]), r#""error":"wrong-topic""#);
    let run = ["-D", "publish", "user-property"];
    let property = |key: &'static str, value: &str| -> Vec<String> {
        run.into_iter().chain([key]).map(str::to_owned).chain([value.to_owned()]).collect()
    };
    let with = |properties: Vec<String>| {
        let list: Vec<_> = properties.iter().map(String::as_str).collect();
        call(port, TOPIC, NOTE, &list)
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let sent = |when: u128| [property("timeout-ms", "1000"), property("sent-ms", &when.to_string())].concat();
    is(with(sent(now - 60_000)), r#""error":"expired""#);
    is(with(sent(now + 60_000)), r#""error":"clock""#);
    is(with(property("timeout-ms", "soon")), r#""error":"malformed""#);
    // A reply topic of another user, and calls without a number, have nobody to be told.
    let other = ["-e", "plant/reply/bob/c", "-W", "1"];
    assert_eq!(call(port, TOPIC, NOTE, &other), "");
    until("it is dropped", || gateway.metrics.text().contains("dropped_total{reason=\"malformed\"} 1"));
    for call in 0..100 {
        assert_eq!(park.ledger().times(call), 0);
    }
    // And the gateway is as before.
    is(call(port, TOPIC, NOTE, &[]), r#"{"results":1}"#);
}

#[test]
fn a_repeated_call_is_executed_once() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let gateway = gateway("hall", broker.port(), &park, "");
    wait_for(broker.port(), "oven-0", "online");
    for _ in 0..3 {
        let json = ["-D", "publish", "content-type", "application/json", "-D", "publish", "correlation-data", "same"];
        let arguments = ["-t", TOPIC, "-q", "1", "-m", NOTE, "-D", "publish", "response-topic", "plant/reply/-/c"];
        assert!(run("mosquitto_pub", broker.port(), &[&arguments[..], &json[..]].concat()).status.success());
    }
    until("two are dropped", || gateway.metrics.text().contains("dropped_total{reason=\"repeated\"} 2"));
    assert_eq!((park.ledger().times(7), park.ledger().twice()), (1, 0));
}

#[test]
fn generated_clients_call_and_refusals_keep_their_names() {
    let broker = broker();
    let park = Park::start(2, 100, |number| number == 1).unwrap();
    let _gateway = gateway("hall", broker.port(), &park, "");
    wait_for(broker.port(), "oven-0", "online");
    let presence = wait_for(broker.port(), "oven-1", "online");
    assert_eq!(presence["programs"][0]["versions"], json!([[1, 1]]), "{presence}");
    let fleet = fleet(broker.port());
    let mut new = fleet.device("oven-0").unwrap();
    let mut client = meter_2::Client::new(&mut new);
    assert_eq!((client.number().unwrap(), client.note(3).unwrap()), (0, 1));
    let mut old = fleet.device("oven-1").unwrap();
    let refused = meter_2::Client::new(&mut old).number();
    assert!(matches!(refused, Err(CallError::Refused(Refusal::ProgramMismatch { low: 1, high: 1 }))), "{refused:?}");
}

#[test]
fn a_device_that_is_away_is_published_so_and_the_broker_refuses_its_calls_at_once() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = gateway("hall", broker.port(), &park, "");
    wait_for(broker.port(), "oven-0", "online");
    park.away(0).unwrap();
    let presence = wait_for(broker.port(), "oven-0", "away");
    assert!(presence["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{presence}");
    // Callers need it to queue calls by name.
    assert!(presence["description"].is_string() && presence["programs"].is_array(), "{presence}");
    let output = run("mosquitto_pub", broker.port(), &["-t", TOPIC, "-q", "1", "-m", NOTE, "-d"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("RC:16"), "{text}");
    park.back(0).unwrap();
    let presence = wait_for(broker.port(), "oven-0", "online");
    assert_eq!(presence["boot"], 2, "{presence}");
    assert!(call(broker.port(), TOPIC, NOTE, &[]).contains(r#"{"results":1}"#));
}

#[test]
fn a_device_with_too_many_calls_is_busy_and_late_calls_are_not_executed() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = gateway("hall", broker.port(), &park, "[limits]\nclock-tolerance = \"0s\"\n[users]\n");
    wait_for(broker.port(), "oven-0", "online");
    let fleet = fleet(broker.port());
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..30)
            .map(|number| {
                let mut device = fleet.device("oven-0").unwrap();
                device.set_timeout(Duration::from_millis(700));
                scope.spawn(move || meter_2::Client::new(&mut device).slow(number, 300))
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let trouble = |wanted: Trouble| {
        let is = |outcome: &&Result<u32, CallError<Error>>| matches!(outcome, Err(CallError::Link(LinkError::Transport(Error::Gateway { trouble, .. }))) if *trouble == wanted);
        outcomes.iter().filter(is).count()
    };
    // One is made, 16 wait: of these a few are made in time.
    assert!(trouble(Trouble::Busy) >= 30 - 18, "{outcomes:?}");
    let executed = (0..30).filter(|call| park.ledger().times(*call) > 0).count();
    assert!((1..=4).contains(&executed), "{executed} calls were executed: {outcomes:?}");
    assert_eq!(park.ledger().twice(), 0);
}

#[test]
fn a_device_that_was_reset_while_it_was_idle_costs_no_call_whose_outcome_is_unknown() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let _gateway = start(&format!(
        "fleet = \"plant\"\ngateway = \"hall\"\n[broker]\naddress = \"mqtt://127.0.0.1:{}\"\n\
         [devices.oven-0]\ntarget = \"tcp://{}\"\nprobe = \"1h\"\n",
        broker.port(),
        park.addresses()[0]
    ));
    wait_for(broker.port(), "oven-0", "online");
    park.reset(0).unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    // It was not sent on the connection that is gone, so it is made on the next one.
    assert!(call(broker.port(), TOPIC, NOTE, &[]).contains(r#"{"results":1}"#));
    let presence = wait_for(broker.port(), "oven-0", "online");
    assert_eq!((presence["boot"].as_u64(), park.ledger().times(7)), (Some(2), 1), "{presence}");
}
