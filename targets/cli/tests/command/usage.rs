//! Errors of the command line, and the variables of the environment.

use serde_json::Value;

use crate::support::{DESCRIBED, SENSOR_X, Serving, oncilla, outcome, run};

#[test]
fn errors_of_the_command_line_are_json_if_asked_for() {
    for line in [
        &["--json", "call"][..],
        &["--json", "cal"],
        &["call", "--json", "--bogus", "x"],
        &["--json", "watch", "sensor.read", "--csv"],
        &["--json", "ping", "--count", "0"],
        &["--json", "--timeout", "soon", "ping"],
    ] {
        let (code, out, err) = run(line.iter().copied());
        assert_eq!((code, out.as_str(), err.lines().count()), (2, "", 1), "{line:?}: {err}");
        let error: Value = serde_json::from_str(&err).unwrap();
        assert_eq!((&error["kind"], &error["exit"]), (&"usage".into(), &2.into()), "{err}");
        let what = error["error"].as_str().unwrap();
        assert!(!what.is_empty() && !what.starts_with("error"), "{err}");
        assert!(error["help"].as_array().is_some_and(|help| !help.is_empty()), "{err}");
    }
    let (_, _, err) = run(["--json", "cal"]);
    assert!(err.contains("a similar subcommand exists: 'call'"), "{err}");
    // Help and versions are for people.
    for line in [&["--json", "--version"][..], &["--json", "call", "--help"]] {
        let (code, out, err) = run(line.iter().copied());
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(serde_json::from_str::<Value>(&out).is_err(), "{out}");
    }
    // An argument after `--` is no option.
    let (code, _, err) = run(["call", "--bogus", "--", "--json"]);
    assert_eq!(code, 2);
    assert!(err.starts_with("error: unexpected argument"), "{err}");
}

#[test]
fn a_wrong_variable_is_named_and_an_empty_one_is_unset() {
    let serving = Serving::start(&DESCRIBED);
    let target = serving.target();
    let with = |name: &str, value: &str, line: &[&str]| {
        outcome(oncilla(line.iter().copied()).env(name, value).output().unwrap())
    };
    let ping = ["-t", &target, "ping", "-c", "1"];
    let (code, _, err) = with("ONCILLA_TIMEOUT", "abc", &ping);
    assert_eq!(code, 2);
    assert!(err.contains("error: the variable ONCILLA_TIMEOUT: invalid value 'abc'"), "{err}");
    let (code, _, err) = with("ONCILLA_TIMEOUT", "abc", &[&["--json"], &ping[..]].concat());
    let error: Value = serde_json::from_str(&err).unwrap();
    assert!(code == 2 && error["error"].as_str().unwrap().contains("ONCILLA_TIMEOUT"), "{err}");
    // The option overrides the variable, and is named itself.
    let (_, _, err) = with("ONCILLA_TIMEOUT", "1s", &[&ping[..], &["--timeout", "abc"]].concat());
    assert!(err.contains("invalid value 'abc' for '--timeout <TIME>'"), "{err}");
    for name in ["ONCILLA_TIMEOUT", "ONCILLA_BAUD", "ONCILLA_FRAMING", "ONCILLA_INTERFACE", "ONCILLA_CONFIG"] {
        let (code, _, err) = with(name, "", &ping);
        assert_eq!(code, 0, "{name}: {err}");
    }
    let (code, _, err) = with("ONCILLA_TARGET", "", &["ping", "-c", "1"]);
    assert_eq!(code, 2);
    assert!(err.contains("no target is given"), "{err}");
}

#[test]
fn the_usage_does_not_depend_on_variables() {
    for line in [&["check", SENSOR_X][..], &["completions"], &["config", "add"], &["call"]] {
        let without = run(line.iter().copied());
        let with = outcome(oncilla(line.iter().copied()).env("ONCILLA_TARGET", "tcp://127.0.0.1:1").output().unwrap());
        assert_eq!(with, without, "{line:?}");
        assert!(with.0 == 2 && with.2.contains("Usage: oncilla "), "{line:?}");
    }
}

#[test]
fn words_in_the_wrong_place_have_advice() {
    let (code, _, err) = run(["sensor.read", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("a similar subcommand exists: 'call sensor.read'") && !err.contains("serve"), "{err}");
    let (code, _, err) = run(["call", "sensor.rename", "--name", "hall"]);
    assert_eq!(code, 2);
    assert!(err.contains("write an argument of the procedure as name=VALUE"), "{err}");
    let call = |words: &[&str]| {
        let rename = ["-x", SENSOR_X, "-t", "tcp://127.0.0.1:1", "call", "--dry-run", "sensor.rename"];
        run([&rename[..], words].concat())
    };
    let (code, _, err) = call(&["{\"channel\": 0, name: \"x\"}"]);
    assert_eq!(code, 2);
    assert!(err.contains("is not JSON: key must be a string at line 1 column 16"), "{err}");
    let (code, _, err) = call(&["0", "a=b"]);
    assert_eq!(code, 2);
    assert!(err.contains("a text with `=` needs its name: name=a=b"), "{err}");
    let list = call(&["[0, \"x\"]"]);
    assert_eq!((list.0, list.1), (0, call(&["0", "x"]).1), "{}", list.2);
}

#[test]
fn a_command_that_needs_only_an_interface_asks_for_it() {
    for line in
        [&["describe"][..], &["decode", "sample", "00"], &["decode", "--guess", "00"], &["encode", "sample", "1"]]
    {
        let (code, _, err) = run(line.iter().copied());
        assert_eq!(code, 2);
        assert!(err.contains("give the interface: `-x FILE.x`"), "{line:?}: {err}");
    }
}

#[test]
fn addresses_that_are_nearly_right_say_what_to_write() {
    for (target, what) in [
        ("tcp://127.0.0.1:99999", "the largest port is 65535"),
        ("127.0.0.1:99999", "the largest port is 65535"),
        ("tcp://::1:20051", "write [::1]:20051"),
        ("tcp://127.0.0.1:1?framing=cosb", "framing=cobs"),
    ] {
        let (code, _, err) = run(["-t", target, "ping"]);
        assert_eq!(code, 2);
        assert!(err.contains(what) && !err.contains("help:"), "{target}: {err}");
    }
}
