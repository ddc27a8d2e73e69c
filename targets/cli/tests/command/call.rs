//! `oncilla call`.

use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, oncilla, outcome, run};

#[test]
fn a_device_is_called_by_its_own_description_or_by_a_file() {
    let (described, silent) = (Serving::start(&DESCRIBED), Serving::start(&SILENT));
    let (code, out, err) = run(["-t", &described.target(), "call", "sensor.read", "0"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "STATUS_OK:\n  time: 1\n  value: 21500\n", ""));
    let (code, out, _) = run(["-t", &silent.target(), "-x", SENSOR_X, "--json", "call", "sensor.read", "channel=0"]);
    assert_eq!((code, out.as_str()), (0, "{\"STATUS_OK\":{\"time\":1,\"value\":21500}}\n"));
    let udp = format!("udp://{}", silent.udp);
    let (code, out, _) = run(["-t", &udp, "-x", SENSOR_X, "call", "sensor.rename", "0", "hall"]);
    assert_eq!((code, out.as_str()), (0, "true\n"));
}

#[test]
fn exit_codes_state_who_must_act() {
    let silent = Serving::start(&SILENT);
    let (code, _, err) = run(["-t", &silent.target(), "-x", SENSOR_X, "call", "sensor.raed", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("the most similar is `sensor.read`"), "{err}");
    let (code, _, err) = run(["-t", &silent.target(), "call", "sensor.read", "0"]);
    assert_eq!(code, 1);
    assert!(err.contains("--interface FILE.x"), "{err}");
    let (code, _, err) = run(["-t", "tcp://127.0.0.1:1", "-x", SENSOR_X, "call", "sensor.read", "0"]);
    assert_eq!(code, 3);
    assert!(err.contains("cannot connect to 127.0.0.1:1"), "{err}");
}

#[test]
fn one_call_goes_to_one_target() {
    let (code, _, err) = run(["-t", "tcp://127.0.0.1:1", "-t", "tcp://127.0.0.1:2", "call", "sensor.read", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("2 targets are given; this command takes one"), "{err}");
}

#[test]
fn a_stream_has_a_line_for_each_call() {
    let silent = Serving::start(&SILENT);
    let target = silent.target();
    let stream = |arguments: &[&str], input: &str| {
        let common = ["-t", &target, "-x", SENSOR_X, "call"];
        outcome(oncilla(common.iter().chain(arguments).copied()).write_stdin(input).output().unwrap())
    };
    let (code, out, err) = stream(&["sensor.rename", "-"], "[0, \"hall\"]\n\n{\"channel\": 0}\nhall\n[1, \"hall\"]");
    assert_eq!(code, 2);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!((lines[0], lines[3]), (r#"{"line":1,"result":true}"#, r#"{"line":5,"result":false}"#));
    assert!(
        lines[1].starts_with(r#"{"line":3,"error":"expected `name`, found nothing"#)
            && lines[1].contains(r#""exit":2"#),
        "{out}"
    );
    assert!(lines[2].starts_with(r#"{"line":4,"error":"not JSON, at column 1: "#), "{out}");
    assert!(err.contains("2 of 4 calls failed"), "{err}");
    let (code, out, _) = stream(&["sensor.rename", "-", "--stop"], "{}\n[0, \"hall\"]\n");
    assert_eq!((code, out.lines().count()), (2, 1), "{out}");
    let calls = concat!(
        r#"{"call": "sensor.rename", "arguments": {"channel": 0, "name": "hall"}}"#,
        "\n",
        r#"{"call": "0x20000051.1.3", "arguments": [0, "cellar"]}"#,
        "\n",
        r#"{"call": "0x20000051.1.0"}"#,
        "\n",
        r#"{"call": "0x20000051.1.4", "arguments": "00"}"#,
    );
    let (code, out, _) = stream(&["-", "--raw"], calls);
    assert_eq!(code, 1);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines[..2], [r#"{"line":1,"result":"00000001"}"#, r#"{"line":2,"result":"00000000"}"#]);
    assert_eq!(lines[2], r#"{"line":3,"result":""}"#);
    assert!(lines[3].contains("no such procedure"), "{out}");
}

#[test]
fn bytes_need_no_interface() {
    let silent = Serving::start(&SILENT);
    let target = silent.target();
    let call = |arguments: &[&str]| run(["-t", &target, "call"].iter().chain(arguments).copied());
    let (code, out, _) = call(&["0x20000051.1.1", "--raw-arguments", "00 00 00 00"]);
    assert_eq!((code, out.as_str()), (0, "000000000000000000000001000053fc\n"));
    let bytes = oncilla(["-t", &target, "call", "536870993.1.1", "--raw-arguments", "0x00000000", "--raw"]).output();
    assert_eq!(bytes.unwrap().stdout, b"\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\x53\xfc");
    assert_eq!(call(&["0x20000051.1.0"]), (0, String::new(), String::new()));
    let (code, _, err) = call(&["0x20000051.1.1", "--raw-arguments", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("1 hexadecimal digits are not a whole number of bytes"), "{err}");
    // The numbers of the interface have its names and types.
    let (code, out, _) = run(["-t", &target, "-x", SENSOR_X, "--json", "call", "0x20000051.1.3", "0", "name=hall"]);
    assert_eq!((code, out.as_str()), (0, "true\n"));
}

#[test]
fn arguments_are_shown_and_not_sent() {
    let call = ["-t", "tcp://127.0.0.1:1", "-x", SENSOR_X, "call", "sensor.rename", "7", "name=hall", "--dry-run"];
    let (code, out, _) = run(call);
    assert_eq!(code, 0);
    assert!(out.starts_with("sensor.rename: program 0x20000051, version 1, procedure 3, 12 bytes of arguments\n"));
    assert!(out.contains("00 00 00 07 00 00 00 04 68 61 6c 6c"), "{out}");
    let (_, out, _) = run(call.into_iter().chain(["--json"]));
    assert!(out.ends_with("\"arguments\":\"000000070000000468616c6c\"}\n"), "{out}");
}

#[test]
fn a_file_has_arguments_and_a_call_is_repeated() {
    let silent = Serving::start(&SILENT);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("arguments.json");
    std::fs::write(&file, "{\"channel\": 0,\n \"name\": \"hall\"}").unwrap();
    let at = format!("@{}", file.display());
    let common = ["-t", &silent.target(), "-x", SENSOR_X, "call"].map(str::to_owned);
    let call = |arguments: &[&str]| run(common.iter().map(String::as_str).chain(arguments.iter().copied()));
    assert_eq!(call(&["sensor.rename", &at]).1, "true\n");
    std::fs::write(&file, "{\"channel\": 0,\n \"name\": }").unwrap();
    let (code, _, err) = call(&["sensor.rename", &at]);
    assert_eq!(code, 2);
    assert!(err.contains("is not JSON: expected value at line 2 column 10"), "{err}");
    // The template is what to fill in.
    let (_, template, _) = call(&["sensor.rename", "--template"]);
    assert_eq!(template, "{\n  \"channel\": 0,\n  \"name\": \"\"\n}\n");
    std::fs::write(&file, template.replace("\"\"", "\"hall\"")).unwrap();
    assert_eq!(call(&["sensor.rename", &at]).1, "true\n");
    let (code, out, _) = call(&["sensor.rename", "0", "hall", "--repeat", "3", "--interval", "1ms"]);
    assert_eq!((code, out.as_str()), (0, "true\ntrue\ntrue\n"));
    let (code, out, err) = call(&["0x20000051.2.1", "--raw-arguments", "", "--repeat", "2"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.ends_with("2 of 2 calls failed\n") && err.matches("0x20000051.2.1: ").count() == 2, "{err}");
}
