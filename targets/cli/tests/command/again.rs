//! `oncilla again`.

use std::fs;

use crate::support::{SENSOR_X, SILENT, Serving, oncilla, outcome};

#[test]
fn a_stored_call_has_all_that_it_needs() {
    let (silent, other) = (Serving::start(&SILENT), Serving::start(&SILENT));
    let state = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = oncilla(arguments.iter().copied());
        outcome(command.env("XDG_STATE_HOME", state.path()).output().unwrap())
    };
    let (code, _, err) = run(&["again"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no last call"), "{err}");
    let target = silent.target();
    let call = ["-t", &target, "-x", SENSOR_X, "call", "sensor.rename", "0", "hall"];
    let (code, out, err) = run(&[&call[..], &["--save", "hall"]].concat());
    assert_eq!((code, out.as_str()), (0, "true\n"));
    assert!(err.contains("`oncilla again hall`"), "{err}");
    // People can read and write the file.
    let file = state.path().join("oncilla/calls.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("[calls.hall]\ncall = \"sensor.rename\"\n"), "{text}");
    assert!(text.contains(r#"arguments = '{"channel":0,"name":"hall"}'"#), "{text}");
    assert_eq!(run(&["again", "hall"]).1, "true\n");
    assert_eq!(run(&["again", "hall", "name=cellar"]).1, "false\n");
    // That was the last call.
    assert_eq!(run(&["again"]).1, "false\n");
    assert_eq!(run(&["again", "last", "name=hall"]).1, "true\n");
    // The command line wins, the environment does not.
    let elsewhere = oncilla(["again", "hall"])
        .env("XDG_STATE_HOME", state.path())
        .env("ONCILLA_TARGET", "tcp://127.0.0.1:1")
        .output();
    assert_eq!(outcome(elsewhere.unwrap()).1, "true\n");
    assert_eq!(run(&["-t", "tcp://127.0.0.1:1", "again", "hall"]).0, 3);
    assert_eq!(run(&["-t", &other.target(), "again", "hall"]).0, 0);
    // A word without a name is the first argument.
    assert_eq!(run(&["again", "hall", "1"]).1, "false\n");
    let (_, out, _) = run(&["--json", "again", "--list"]);
    let listed = format!(
        "{{\"name\":\"hall\",\"call\":\"sensor.rename\",\"arguments\":{{\"channel\":0,\"name\":\"hall\"}},\"target\":\"{target}\"}}\n"
    );
    assert_eq!(out, listed);
    let (code, _, err) = run(&["again", "hal"]);
    assert_eq!(code, 2);
    assert!(err.contains("the most similar name is \"hall\""), "{err}");
    assert_eq!(run(&["again", "hall", "--forget"]).0, 0);
    assert_eq!(run(&["again", "hall"]).0, 2);
    fs::write(&file, "[calls.hall]\ncall = 7\n").unwrap();
    let (code, _, err) = run(&["again", "hall"]);
    assert_eq!(code, 2);
    assert!(err.contains("calls.toml are wrong") && err.contains("line 2"), "{err}");
}

#[cfg(unix)]
#[test]
fn stored_calls_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let silent = Serving::start(&SILENT);
    let state = tempfile::tempdir().unwrap();
    let call = ["-t", &silent.target(), "-x", SENSOR_X, "call", "sensor.rename", "0", "hall"].map(str::to_owned);
    let output = oncilla(call.iter().map(String::as_str)).env("XDG_STATE_HOME", state.path()).output();
    assert_eq!(outcome(output.unwrap()).0, 0);
    let mode = fs::metadata(state.path().join("oncilla")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
