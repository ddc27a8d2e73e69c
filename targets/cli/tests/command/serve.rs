//! `oncilla serve`: a stand-in for a device.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::rpcinfo::rpcinfo;
use crate::running::{Running, address};
use crate::support::{DESCRIBED, SENSOR_X, Serving, run};

const SENSOR: u32 = 0x2000_0051;

/// A folder with a file of rules.
struct Rules {
    folder: TempDir,
}

impl Rules {
    fn new(text: &str) -> Self {
        let rules = Self { folder: TempDir::new().unwrap() };
        fs::write(rules.path(), text).unwrap();
        rules
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("rules.toml")
    }

    /// Starts a stand-in with these rules. Returns it with its target.
    fn serve(&self, options: &[&str]) -> (Running, String) {
        let path = self.path();
        serve(&[&["--rules", path.to_str().unwrap()], options].concat())
    }
}

/// Starts a stand-in for the sensor. Returns it with its first target.
fn serve(options: &[&str]) -> (Running, String) {
    let mut running = Running::start(["serve", SENSOR_X].into_iter().chain(options.iter().copied()));
    let target = running.target();
    (running, target)
}

/// Calls a procedure, whose interface the stand-in describes. Returns the result, or the error.
fn call(target: &str, arguments: &[&str]) -> Result<Value, String> {
    let (code, out, err) =
        run(["-t", target, "--timeout", "10s", "--json", "call"].into_iter().chain(arguments.iter().copied()));
    if code == 0 { Ok(serde_json::from_str(&out).unwrap()) } else { Err(err) }
}

fn read(target: &str, channel: &str) -> String {
    call(target, &["sensor.read", channel]).unwrap().to_string()
}

#[test]
fn a_stand_in_describes_itself_and_returns_zeros() {
    let (mut running, target) = serve(&["--listen", "tcp://127.0.0.1:0", "--listen", "udp://127.0.0.1:0"]);
    let udp = running.target();
    assert_eq!(read(&target, "3"), r#"{"STATUS_OK":{"time":0,"value":0}}"#);
    assert_eq!(call(&udp, &["sensor.rename", "0", "hall"]), Ok(false.into()));
    let line = running.line();
    assert!(line.ends_with(r#"sensor.read {"channel":3} -> {"STATUS_OK":{"time":0,"value":0}} (no rule)"#), "{line}");
    for (transport, target) in [("tcp", &target), ("udp", &udp)] {
        let (success, text) = rpcinfo(transport, address(target), SENSOR, Some(1));
        assert!(success, "{text}");
        let (success, text) = rpcinfo(transport, address(target), SENSOR, Some(2));
        assert!(!success && text.contains("low version = 1, high version = 1"), "{text}");
    }
    let (code, _, err) = running.interrupt();
    assert_eq!((code, err.as_str()), (0, "6 calls, 2 faults\n"));
}

#[test]
fn a_client_of_libtirpc_is_answered_by_rules() {
    let sources = TempDir::new().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["../../examples/sensor/sensor.x", "tests/command/sensor_client.c"] {
        let name = Path::new(file).file_name().unwrap();
        fs::copy(here.join(file), sources.path().join(name)).unwrap();
    }
    let parts: &[&str] = &["sensor_client.c", "sensor_xdr.c", "sensor_clnt.c"];
    oncilla_test_support::libtirpc::compile(sources.path(), "sensor", sources.path(), &[("sensor_client", parts)]);
    let rules = Rules::new(
        "[store]\nname = \"\"\n[[rule]]\nprocedure = \"sensor.rename\"\nwhen = { name = \"boiler\" }\nvalue = true\n\
         [[rule]]\nprocedure = \"sensor.read\"\nvalue = { STATUS_OK = { time = 18446744073709551615, value = -40000 } }",
    );
    let (_running, target) = rules.serve(&[]);
    let port = address(&target).port().to_string();
    let output = Command::new(sources.path().join("sensor_client")).arg(port).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(text, "renamed: 1\nchannel 0: -40000\n");
}

#[test]
fn every_kind_of_rule_is_seen_by_callers() {
    let rules = Rules::new(
        r#"
        seed = 3
        [store]
        name = "STATUS_BROKEN"
        time = 0
        [[rule]]
        procedure = "sensor.read"
        when = { channel = 1 }
        sequence = [{ STATUS_OK = { time = 1, value = 1 } }, "STATUS_BROKEN"]
        then = "stay"
        [[rule]]
        procedure = "sensor.read"
        when = { channel = 2 }
        fault = "PROC_UNAVAIL"
        [[rule]]
        procedure = "sensor.read"
        when = { channel = 3 }
        fault = "silence"
        [[rule]]
        procedure = "sensor.read"
        when = { channel = 4 }
        delay = "1h"
        [[rule]]
        procedure = "sensor.read"
        when = { channel = 5 }
        fault = "AUTH_TOOWEAK"
        [[rule]]
        procedure = "sensor.read"
        store = { time = "channel" }
        value = { STATUS_OK = { time = { "$argument" = "channel" }, value = -7 } }
        [[rule]]
        procedure = "sensor.history"
        when = { channel = 1 }
        value = [{ time = { "$load" = "time" }, value = 0 }]
        [[rule]]
        procedure = "sensor.history"
        random = true
        [[rule]]
        procedure = "sensor.rename"
        probability = 0
        fault = "SYSTEM_ERR"
        [[rule]]
        procedure = "sensor.rename"
        value = true
        "#,
    );
    let (running, target) = rules.serve(&[]);
    let ok = r#"{"STATUS_OK":{"time":1,"value":1}}"#;
    assert_eq!([read(&target, "1"), read(&target, "1"), read(&target, "1")].map(|got| got == ok), [true, false, false]);
    assert!(call(&target, &["sensor.read", "2"]).unwrap_err().contains("no such procedure"));
    assert!(call(&target, &["sensor.read", "5"]).unwrap_err().contains("a stronger kind of credential"));
    assert_eq!(read(&target, "99"), r#"{"STATUS_OK":{"time":99,"value":-7}}"#);
    assert_eq!(call(&target, &["sensor.history", "1"]).unwrap().to_string(), r#"[{"time":99,"value":0}]"#);
    assert!(call(&target, &["sensor.history", "2"]).unwrap().is_array());
    assert_eq!(call(&target, &["sensor.rename", "0", "hall"]), Ok(true.into()));
    // No reply, and one that would come after an hour: the caller gives up.
    for channel in ["3", "4"] {
        let (code, _, err) = run(["-t", &target, "--timeout", "200ms", "call", "sensor.read", channel]);
        assert_eq!(code, 4, "{err}");
    }
    let (code, lines, err) = running.interrupt();
    assert_eq!(code, 0, "{err}");
    assert!(lines.iter().any(|line| line.contains("-> no reply (rule in line 15)")), "{lines:?}");
}

#[test]
fn a_call_that_is_lost_is_answered_when_it_is_repeated() {
    let rules = Rules::new(
        "seed = 1\n[[rule]]\nprocedure = \"*\"\nprobability = 0.5\nfault = \"silence\"\n\
         [[rule]]\nprocedure = \"sensor.rename\"\nvalue = true",
    );
    let (running, target) = rules.serve(&["--listen", "udp://127.0.0.1:0"]);
    for _ in 0..10 {
        let (code, out, err) = run([
            "-t",
            &target,
            "-x",
            SENSOR_X,
            "--timeout",
            "60s",
            "--retry",
            "20ms",
            "call",
            "sensor.rename",
            "0",
            "hall",
        ]);
        assert_eq!((code, out.as_str()), (0, "true\n"), "{err}");
    }
    let (_, lines, _) = running.interrupt();
    let answered = lines.iter().filter(|line| line.contains("-> true")).count();
    assert!(answered == 10 && lines.len() > 10, "{lines:?}");
}

#[test]
fn wrong_rules_are_errors_with_their_line() {
    let rules = Rules::new("[[rule]]\nprocedure = \"sensor.read\"\nvalue = { STATUS_OK = { time = -1, value = 0 } }");
    let path = rules.path();
    let (code, _, err) = run(["serve", SENSOR_X, "--rules", path.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("rules.toml:3: in `value`, `STATUS_OK.time`: expected an unsigned hyper"), "{err}");
    let (code, _, err) = run(["serve"]);
    assert_eq!(code, 2);
    assert!(err.contains("no interface is given"), "{err}");
    let (code, out, _) = run(["serve", "--example"]);
    assert_eq!(code, 0);
    fs::write(&path, out).unwrap();
    let (_running, target) = rules.serve(&[]);
    assert!(target.starts_with("tcp://127.0.0.1:"));
}

#[test]
fn rules_are_read_again_when_the_file_changes() {
    let rule = |time: u32| {
        format!("[[rule]]\nprocedure = \"sensor.read\"\nvalue = {{ STATUS_OK = {{ time = {time}, value = 0 }} }}\n")
    };
    let rules = Rules::new(&rule(1));
    let (running, target) = rules.serve(&[]);
    let is = |time: u32| read(&target, "0") == format!(r#"{{"STATUS_OK":{{"time":{time},"value":0}}}}"#);
    assert!(is(1));
    // A file that is wrong changes nothing.
    fs::write(rules.path(), "[[rule]]").unwrap();
    while !running.errors().contains("rules.toml:1: the rule has no `procedure`") {}
    assert!(is(1));
    fs::write(rules.path(), rule(234)).unwrap();
    while !is(234) {}
    let (_, _, err) = running.interrupt();
    assert!(err.contains("1 rules are in use now"), "{err}");
}

#[test]
fn what_was_recorded_is_replayed() {
    let folder = TempDir::new().unwrap();
    let recording = folder.path().join("calls.jsonl");
    let recording = recording.to_str().unwrap();
    let device = Serving::start(&DESCRIBED);
    let calls: [&[&str]; 6] = [
        &["sensor.read", "0"],
        &["sensor.read", "0"],
        &["sensor.read", "7"],
        &["sensor.history", "3"],
        &["sensor.rename", "0", "hall"],
        &["sensor.rename", "1", "hall"],
    ];
    let mut recorder = Running::start(["serve", "--to", &device.target(), "--record", recording]);
    let target = recorder.target();
    let recorded = calls.map(|arguments| call(&target, arguments).unwrap());
    assert_eq!(recorded[1].to_string(), r#"{"STATUS_OK":{"time":2,"value":21500}}"#);
    recorder.interrupt();
    let text = fs::read_to_string(recording).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((text.lines().count(), &first["procedure"], &first["result"]), (6, &"sensor.read".into(), &recorded[0]));

    let (_running, target) = serve(&["--replay", recording]);
    assert_eq!(calls.map(|arguments| call(&target, arguments).unwrap()), recorded);
    // After the last one the same again; what was not recorded is refused.
    assert_eq!(call(&target, &["sensor.read", "0"]).as_ref(), Ok(&recorded[1]));
    assert!(call(&target, &["sensor.read", "8"]).unwrap_err().contains("failed to execute"));
    let (_running, target) = serve(&["--replay", recording, "--unknown", "nearest"]);
    assert_eq!(call(&target, &["sensor.read", "6"]).as_ref(), Ok(&recorded[2]));
    fs::write(recording, "{\"procedure\": \"sensor.read\", \"arguments\": [-1], \"result\": null}\n").unwrap();
    let (code, _, err) = run(["serve", SENSOR_X, "--replay", recording]);
    assert_eq!(code, 2);
    assert!(err.contains("calls.jsonl:1: the arguments do not fit the interface: `channel`"), "{err}");
}

#[test]
fn several_clients_call_a_pseudo_terminal_through_a_bridge() {
    let rules = Rules::new(
        "[[rule]]\nprocedure = \"sensor.read\"\nvalue = { STATUS_OK = { time = { \"$argument\" = \"channel\" }, value = 0 } }",
    );
    for framing in ["pty", "pty?framing=cobs"] {
        let (_standin, line) = rules.serve(&["--listen", framing]);
        assert!(line.starts_with("serial:/dev/"), "{line}");
        // Directly, and again after the first caller has closed its end.
        assert_eq!(read(&line, "1"), r#"{"STATUS_OK":{"time":1,"value":0}}"#);
        assert_eq!(read(&line, "2"), r#"{"STATUS_OK":{"time":2,"value":0}}"#);
        let mut bridge = Running::start(["bridge", &line, "tcp://127.0.0.1:0"]);
        let target = bridge.target();
        std::thread::scope(|scope| {
            for client in 0..4 {
                let target = &target;
                scope.spawn(move || {
                    for call in 0..5 {
                        let channel = (client * 100 + call).to_string();
                        let expected = format!(r#"{{"STATUS_OK":{{"time":{channel},"value":0}}}}"#);
                        assert_eq!(read(target, &channel), expected);
                    }
                });
            }
        });
        bridge.interrupt();
    }
}

#[test]
fn a_unix_socket_and_json_lines() {
    let folder = TempDir::new().unwrap();
    let place = format!("unix:{}", folder.path().join("sensor").display());
    let mut running = Running::start(["--json", "serve", SENSOR_X, "--listen", &place]);
    let ready: Value = serde_json::from_str(&running.line()).unwrap();
    assert_eq!(ready["listening"], place.as_str());
    read(&place, "5");
    let line: Value = serde_json::from_str(&running.line()).unwrap();
    assert_eq!((&line["peer"], &line["procedure"]), (&"unix".into(), &"sensor.read".into()));
    assert_eq!((&line["arguments"]["channel"], &line["result"]["STATUS_OK"]["value"]), (&5.into(), &0.into()));
    assert!(line["time"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn calls_that_are_refused_without_a_rule_are_printed_and_counted() {
    let folder = TempDir::new().unwrap();
    let recording = folder.path().join("calls.jsonl");
    let recording = recording.to_str().unwrap();
    let (mut running, target) = serve(&["--record", recording]);
    for (call, outcome) in [
        (["1.1.1", ""], "1.1.1 () -> PROG_UNAVAIL"),
        (["0x20000051.7.1", "0000002a"], "0x20000051.7.1 \"0000002a\" -> PROG_MISMATCH"),
        (["0x20000051.1.9", ""], "0x20000051.1.9 () -> PROC_UNAVAIL"),
        (["0x20000051.1.1", "00"], "sensor.read \"00\" -> GARBAGE_ARGS (the arguments do not fit the interface: "),
        (["0x20000051.1.0", ""], "sensor.null () -> null"),
    ] {
        let _ = run(["-t", &target, "call", call[0], "--raw-arguments", call[1]]);
        let line = running.line();
        assert!(line.contains(&format!(" {outcome}")), "{line}");
    }
    assert_eq!(read(&target, "3"), r#"{"STATUS_OK":{"time":0,"value":0}}"#);
    let (code, _, err) = running.interrupt();
    assert_eq!((code, err.as_str()), (0, "6 calls, 4 faults\n"));
    let text = fs::read_to_string(recording).unwrap();
    assert_eq!((text.lines().count(), text.matches(r#""bytes":"0000002a","fault":"PROG_MISMATCH""#).count()), (6, 1));
    // They do not belong to the interface, so they are not replayed.
    let (running, target) = serve(&["--replay", recording]);
    assert_eq!(read(&target, "3"), r#"{"STATUS_OK":{"time":0,"value":0}}"#);
    assert_eq!(running.interrupt().2, "1 call, 0 faults\n");
}

#[test]
fn refusals_have_one_name() {
    let rules = Rules::new("[[rule]]\nprocedure = \"sensor.rename\"\nfault = \"AUTH_TOOWEAK\"");
    let (mut running, target) = rules.serve(&[]);
    let error = call(&target, &["sensor.rename", "0", "hall"]).unwrap_err();
    let error: Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["refusal"], "AUTH_TOOWEAK");
    assert!(error["error"].as_str().unwrap().ends_with(" (AUTH_TOOWEAK)"), "{error}");
    assert!(running.line().contains("AUTH_TOOWEAK"));
    let (_, out, _) = run(["-t", &target, "bench", "sensor.rename", "0", "hall", "--count", "1"]);
    assert!(out.contains("refused: AUTH_TOOWEAK"), "{out}");
}

#[test]
fn a_recording_of_another_interface_is_an_error() {
    let folder = TempDir::new().unwrap();
    let recording = folder.path().join("calls.jsonl");
    fs::write(&recording, r#"{"procedure":"oven.heat","arguments":{},"result":null}"#).unwrap();
    let (code, _, err) = run(["serve", SENSOR_X, "--replay", recording.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("none of the 1 records is of this interface"), "{err}");
}
