//! `oncilla bench`.

use std::fs;

use serde_json::Value;

use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, run};

/// Runs a benchmark of the sensor's channel 0. Returns its exit code and results.
fn bench(target: &str, more: &[&str]) -> (i32, Value, String) {
    let (code, out, err) = run([&["-t", target, "--json", "bench", "sensor.read", "0"], more].concat());
    (code, serde_json::from_str(&out).unwrap_or_default(), err)
}

/// Returns how many calls a server has counted.
fn counted(target: &str) -> u64 {
    let (code, out, err) = run(["-t", target, "--json", "call", "sensor.read", "0"]);
    assert_eq!(code, 0, "{err}");
    let reading: Value = serde_json::from_str(&out).unwrap();
    reading["STATUS_OK"]["time"].as_u64().unwrap() - 1
}

#[test]
fn the_server_counts_the_same_calls() {
    for more in [
        &["--count", "500"][..],
        &["--count", "500", "--connections", "3"],
        &["--count", "500", "--in-flight", "8"],
        &["--count", "500", "--in-flight", "64", "--connections", "2"],
        &["--count", "300", "--rate", "3000"],
        &["--count", "300", "--rate", "3000", "--connections", "2", "--in-flight", "4"],
        &["--for", "200ms"],
        &["--for", "200ms", "--in-flight", "5"],
    ] {
        for transport in ["tcp", "udp"] {
            let serving = Serving::start(&DESCRIBED);
            let target = if transport == "tcp" { serving.target() } else { format!("udp://{}", serving.udp) };
            let (code, results, err) = bench(&target, more);
            assert_eq!(code, 0, "{transport} {more:?} {err}");
            let calls = results["calls"].as_u64().unwrap();
            assert_eq!(calls, counted(&target), "{transport} {more:?}");
            if more[0] == "--count" {
                assert_eq!(calls.to_string(), more[1]);
            }
            let histogram = results["histogram_us"].as_array().unwrap();
            assert_eq!(histogram.iter().map(|bar| bar[1].as_u64().unwrap()).sum::<u64>(), calls);
            assert_eq!(results["errors"], serde_json::json!({}));
            let latency = |name: &str| results["latency_us"][name].as_f64().unwrap();
            assert!(0.0 < latency("min") && latency("min") <= latency("p50"), "{results}");
            assert!(latency("p50") <= latency("p99") && latency("p99") <= latency("max"), "{results}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_any_call() {
    let serving = Serving::start(&DESCRIBED);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent/results.json");
    let (code, _, err) = bench(&serving.target(), &["--count", "50", "--save", path.to_str().unwrap()]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("cannot write the benchmark to"), "{err}");
    assert_eq!(counted(&serving.target()), 0, "no call was made");
    // Without results, no new file is left, and an old one is as it was.
    let (new, old) = (folder.path().join("new.json"), folder.path().join("old.json"));
    fs::write(&old, "before").unwrap();
    for path in [&new, &old] {
        assert_eq!(bench("tcp://127.0.0.1:1", &["--save", path.to_str().unwrap()]).0, 3);
    }
    assert!(!new.exists());
    assert_eq!(fs::read_to_string(&old).unwrap(), "before");
    assert_eq!(bench(&serving.target(), &["--count", "5", "--save", old.to_str().unwrap()]).0, 0);
    let stored: Value = serde_json::from_str(&fs::read_to_string(&old).unwrap()).unwrap();
    assert_eq!(stored["calls"], 5);
}

#[test]
fn a_rate_that_is_too_high_is_stated() {
    let serving = Serving::start(&DESCRIBED);
    let (code, results, err) = bench(&serving.target(), &["--for", "200ms", "--rate", "100000000"]);
    assert_eq!(code, 0, "{err}");
    assert!(results["behind"].as_u64().unwrap() > 0, "{results}");
    // Latencies count from the times at which the calls were due, here from the start, so half of the calls wait for half
    // of the run. Latencies from when they were sent add up to no more than the run: their median is at most twice
    // the run, divided by the calls.
    let (code, results, err) = bench(&serving.target(), &["--count", "500", "--rate", "100000000"]);
    assert_eq!(code, 0, "{err}");
    let run = results["seconds"].as_f64().unwrap() * 1e6;
    assert!(results["latency_us"]["p50"].as_f64().unwrap() > 4.0 * run / 500.0, "{results}");
}

#[test]
fn errors_are_counted_by_their_kind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("newer.x");
    let text = fs::read_to_string(SENSOR_X).unwrap();
    fs::write(&file, text.replace("} = 1;\n}", "void SENSOR_RESET(void) = 9; } = 1;\n}")).unwrap();
    let serving = Serving::start(&SILENT);
    let arguments =
        ["-t", &serving.target(), "-x", file.to_str().unwrap(), "--json", "bench", "sensor.reset", "--count", "50"];
    let (code, out, err) = run(arguments);
    assert_eq!(code, 1, "{err}");
    let results: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(results["errors"], serde_json::json!({"refused: PROC_UNAVAIL": 50}));
    assert_eq!(results["latency_us"], Value::Null);
    assert!(err.contains("all 50 calls failed"), "{err}");
    // Results that are not those of the interface are noticed in the first reply of a connection.
    fs::write(&file, text.replace("bool SENSOR_RENAME", "hyper SENSOR_RENAME")).unwrap();
    let arguments = ["-t", &serving.target(), "-x", file.to_str().unwrap(), "bench", "sensor.rename", "0", "hall"];
    let (code, out, err) = run([&arguments[..], &["--count", "5", "--connections", "2"]].concat());
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("results that do not fit the interface") && err.contains("of 5 calls failed"), "{out}{err}");
}

#[test]
fn results_are_stored_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Serving::start(&DESCRIBED), Serving::start(&DESCRIBED));
    let (one, two) = (one.target(), two.target());
    let file = folder.path().join("before.json");
    let file = file.to_str().unwrap();
    let (code, results, err) = bench(&one, &["--count", "100", "--save", file]);
    assert_eq!(code, 0, "{err}");
    let stored: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(stored, results);
    let (code, results, err) = bench(&two, &["--count", "100", "--against", file]);
    assert_eq!(code, 0, "{err}");
    let number = |value: &Value| value.as_f64().unwrap();
    let ratio = number(&results["calls_per_second"]) / number(&stored["calls_per_second"]);
    assert!((number(&results["against"]["calls_per_second"]) - ratio).abs() < 1e-6, "{results}");
    assert_eq!(results["against"]["target"], one);
    assert!(!err.contains("another procedure"), "{err}");
    let (code, _, err) = run(["-t", &two, "bench", "sensor.rename", "0", "hall", "--count", "10", "--against", file]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("sensor.read is compared with sensor.rename, another procedure"), "{err}");
    // Two targets are compared, too.
    let (code, out, err) = run(["-t", &one, "-t", &two, "bench", "sensor.read", "0", "--count", "100"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains(" ×") && out.contains("p99.9") && out.contains(&format!("against sensor.read of {one}")),
        "{out}"
    );
    // Bars of the latencies.
    assert!(out.contains('█') && out.contains(" %"), "{out}");
    fs::write(file, "{}").unwrap();
    let (code, _, err) = bench(&two, &["--count", "1", "--against", file]);
    assert_eq!(code, 2);
    assert!(err.contains("is not a stored benchmark"), "{err}");
}

#[test]
fn procedure_0_of_any_server_needs_no_interface() {
    let serving = Serving::start(&SILENT);
    let (code, out, err) = run(["-t", &serving.target(), "--json", "bench", "0x20000051.1.0", "--count", "20"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["calls"], 20);
    assert_eq!(run(["-t", &serving.target(), "bench", "0x20000051.1.0", "7"]).0, 1);
    assert_eq!(run(["-t", "tcp://127.0.0.1:1", "bench", "0x20000051.1.0"]).0, 3);
    for wrong in [&["--rate", "0"][..], &["--rate", "nan"], &["--in-flight", "65"], &["--connections", "0"]] {
        assert_eq!(bench(&serving.target(), wrong).0, 2, "{wrong:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::io::{BufRead, BufReader, Read};
    use std::net::{TcpListener, UdpSocket};
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use oncilla_test_support::libtirpc;
    use serde_json::Value;

    use super::counted;
    use crate::support::{DESCRIBED, Ended, LIMIT, SENSOR_X, Serving, process, run};
    use crate::terminal::Terminal;

    /// Waits until others than this test have called a server. Returns how many calls this test has made for that.
    fn wait_for_calls(target: &str) -> u64 {
        let start = Instant::now();
        let mut asked = 0;
        while counted(target) <= asked {
            assert!(start.elapsed() < LIMIT, "nobody calls {target}");
            asked += 1;
            thread::sleep(Duration::from_millis(10));
        }
        asked + 1
    }

    #[test]
    fn calls_of_a_lost_connection_are_counted_and_the_connection_is_made_again() {
        for in_flight in ["1", "4"] {
            let serving = Serving::start(&DESCRIBED);
            let (address, target) = (serving.tcp, serving.target());
            let arguments = ["-t", &target, "--json", "bench", "sensor.read", "0", "--for", "1h"];
            let mut command = process([&arguments[..], &["--rate", "500", "--in-flight", in_flight]].concat());
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            wait_for_calls(&target);
            drop(serving);
            let serving = Serving::start_at(address, &DESCRIBED);
            let asked = wait_for_calls(&target);
            kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(1));
            let results: Value = serde_json::from_slice(&output.stdout).unwrap();
            let lost: u64 = results["errors"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
            assert!(lost > 0, "{results}");
            let calls = results["calls"].as_u64().unwrap();
            assert!(calls - lost >= counted(&target) - asked, "{results}");
            drop(serving);
        }
    }

    #[test]
    fn control_c_ends_it_with_its_results() {
        let serving = Serving::start(&DESCRIBED);
        let mut command = process(["-t", &serving.target(), "bench", "sensor.read", "0", "--for", "1h"]);
        let child = command.stdout(Stdio::piped()).spawn().unwrap();
        // Its handler is in place when it calls.
        wait_for_calls(&serving.target());
        kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("calls/s"));
    }

    #[test]
    fn one_signal_ends_it_while_calls_wait() {
        let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let (by_tcp, by_udp) =
            (format!("tcp://{}", tcp.local_addr().unwrap()), format!("udp://{}", udp.local_addr().unwrap()));
        let cases = [(&by_tcp, Signal::SIGTERM, "1"), (&by_tcp, Signal::SIGINT, "4"), (&by_udp, Signal::SIGTERM, "4")];
        for (target, signal, in_flight) in cases {
            let arguments = ["-t", target, "-x", SENSOR_X, "--timeout", "1h", "--json", "bench", "sensor.read", "0"];
            let more = ["--for", "1s", "--in-flight", in_flight];
            let mut command = process([&arguments[..], &more].concat());
            let mut child = Ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
            // The peer reads the first call, and never answers.
            let mut connection = (target == &by_tcp).then(|| tcp.accept().unwrap().0);
            match &mut connection {
                Some(connection) => connection.read_exact(&mut [0; 44]).unwrap(),
                None => drop(udp.recv(&mut [0; 4096]).unwrap()),
            }
            kill(Pid::from_raw(child.0.id().try_into().unwrap()), signal).unwrap();
            ends(&mut child);
            let (mut out, mut err) = (String::new(), String::new());
            child.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
            child.0.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            assert_eq!(child.0.wait().unwrap().code(), Some(1), "{err}");
            let results: Value = serde_json::from_str(&out).unwrap();
            let errors = results["errors"].as_object().unwrap();
            assert_eq!(errors.keys().collect::<Vec<_>>(), ["no reply before the end of the command"], "{results}");
            assert!(err.contains("the command was ended before the reply arrived"), "{err}");
        }
    }

    #[test]
    fn one_signal_ends_it_while_a_device_is_asked_for_its_interface() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = format!("tcp://{}", silent.local_addr().unwrap());
        let mut command = process(["-t", &target, "--timeout", "1h", "bench", "sensor.read", "0"]);
        let mut child = Ended(command.stderr(Stdio::null()).spawn().unwrap());
        let (mut connection, _) = silent.accept().unwrap();
        connection.read_exact(&mut [0; 44]).unwrap();
        kill(Pid::from_raw(child.0.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        ends(&mut child);
        assert!(!child.0.wait().unwrap().success());
    }

    /// Waits for the end of a command.
    fn ends(child: &mut Ended) {
        let start = Instant::now();
        while child.0.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < LIMIT, "the command does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_terminal_shows_the_progress() {
        let serving = Serving::start(&DESCRIBED);
        let target = serving.target();
        let terminal = Terminal::start(["-t", &target, "bench", "sensor.read", "0", "--for", "2s"]);
        terminal.wait_for(|screen| screen.contains("calls/s") && screen.contains(" % "));
        let (status, text) = terminal.end();
        assert!(status.success() && text.contains("p99.9"), "{text}");
    }

    #[test]
    fn a_server_of_libtirpc_answers_all_calls() {
        let sources = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/bench"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
        let parts: &[&str] = &["c/server.c", "speed_xdr.c", "speed_svc.c"];
        libtirpc::compile(sources, "speed", &folder, &[("server", parts)]);
        let mut server = Ended(Command::new(folder.join("server")).stdout(Stdio::piped()).spawn().unwrap());
        let mut ports = String::new();
        BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut ports).unwrap();
        let ports: Vec<_> = ports.split_whitespace().collect();
        let interface = sources.join("speed.x");
        for (target, more) in [
            (format!("tcp://127.0.0.1:{}", ports[0]), ["--in-flight", "8"]),
            (format!("udp://127.0.0.1:{}", ports[1]), ["--in-flight", "4"]),
            (format!("tcp://127.0.0.1:{}", ports[0]), ["--connections", "3"]),
        ] {
            let arguments = ["-t", &target, "-x", interface.to_str().unwrap(), "--json"];
            let (code, out, err) =
                run([&arguments[..], &["bench", "speed.echo", "00ff", "--count", "300"], &more].concat());
            assert_eq!(code, 0, "{target}: {err}");
            let results: Value = serde_json::from_str(&out).unwrap();
            assert_eq!((&results["calls"], &results["errors"]), (&300.into(), &serde_json::json!({})), "{target}");
            let (code, out, err) =
                run([&arguments[..], &["watch", "speed.echo", "00ff", "--count", "2", "--interval", "1ms"]].concat());
            assert_eq!((code, out.matches("\"value\":\"00ff\"").count()), (0, 2), "{target}: {out}{err}");
        }
    }
}
