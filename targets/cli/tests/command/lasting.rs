//! Output on a terminal, and streams that continue after a lost device.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{DESCRIBED, LIMIT, SENSOR_X, SILENT, Serving, process};
use crate::terminal::Terminal;

#[test]
fn a_terminal_has_tables_and_digits() {
    let described = Serving::start(&DESCRIBED);
    let target = described.target();
    for (arguments, seen) in [
        (&["describe"][..], "SENSOR 0x20000051, version 1"),
        (&["describe"], "bytes back"),
        (&["describe", "--text"], "program SENSOR {"),
        (&["encode", "sensor.rename", "0", "hall"], "000000000000000468616c6c"),
        (&["call", "0x20000051.1.3", "--raw-arguments", "000000000000000468616c6c"], "0000  00 00 00 01"),
    ] {
        let terminal = Terminal::start(["-t", &target].iter().chain(arguments).copied());
        terminal.wait_for(|text| text.contains(seen));
        let (status, text) = terminal.end();
        assert!(status.success(), "{text}");
    }
}

#[test]
fn a_stream_goes_on_when_the_device_is_back() {
    let first = Serving::start(&SILENT);
    let target = first.target();
    let mut command = process(["-t", &target, "-x", SENSOR_X, "call", "sensor.rename", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut call = || {
        writeln!(input, "[0, \"hall\"]").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    assert_eq!(call()["result"], true);
    let address = first.tcp;
    drop(first);
    let lost = call();
    assert!(lost["error"].is_string() && lost["exit"] == 3 && lost["line"] == 2, "{lost}");
    let _second = Serving::start_at(address, &SILENT);
    // Between attempts to connect there is a pause, in which calls fail at once.
    let start = Instant::now();
    while call()["result"] != true {
        assert!(start.elapsed() < LIMIT, "the stream does not find the device again");
        thread::sleep(Duration::from_millis(50));
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
