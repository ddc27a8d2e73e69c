//! `oncilla ping`.

use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::Command;

use serde_json::Value;

use crate::line::{answering, reply_once};
use crate::running::Running;
use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, run, started};

#[test]
fn every_answer_counts_and_silence_is_a_time_out() {
    let silent = Serving::start(&SILENT);
    let (code, out, _) = run(["-t", &silent.target(), "ping", "-c", "2", "--interval", "1ms"]);
    assert_eq!(code, 0);
    assert!(out.contains("call=2 time=") && out.contains("(PROG_UNAVAIL)"), "{out}");
    assert!(out.contains("\n2 calls, 2 replies, 0% loss, ") && out.contains("\nmin/avg/median/max/stddev = "), "{out}");
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("udp://{}", nobody.local_addr().unwrap());
    let (code, out, err) = run(["-t", &target, "--timeout", "50ms", "ping", "-c", "1"]);
    assert_eq!(code, 4);
    assert!(out.contains("1 call, 0 replies, 100% loss"), "{out}");
    assert!(
        err.contains("with UDP, a port without a server is silent") && err.contains("rpc://127.0.0.1 list"),
        "{err}"
    );
}

#[test]
fn programs_have_names_and_versions() {
    let described = Serving::start(&DESCRIBED);
    for (program, answer) in [
        (None, "answered"),
        (Some("sensor"), "answered"),
        (Some("SENSOR_1"), "answered"),
        (Some("0x20000051"), "answered"),
        (Some("sensor.7"), "PROG_MISMATCH"),
        (Some("100003.3"), "PROG_UNAVAIL"),
    ] {
        let target = described.target();
        let arguments = ["-t", &target, "-x", SENSOR_X, "--json", "ping", "-c", "1"].into_iter().chain(program);
        let (code, out, err) = run(arguments);
        assert_eq!((code, err.as_str()), (0, ""));
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["answer"], answer, "{program:?}");
        assert_eq!((&lines[1]["calls"], &lines[1]["loss_percent"]), (&1.into(), &0.0.into()));
    }
    // The device knows the name, too.
    let mut standin = Running::start(["serve", SENSOR_X]);
    let standin_target = standin.target();
    for target in [&described.target(), &standin_target] {
        for program in ["sensor", "sensor.1", "SENSOR"] {
            let (code, out, _) = run(["-t", target, "ping", program, "-c", "1"]);
            assert!(code == 0 && out.contains("program 0x20000051 version 1") && !out.contains("PROG"), "{out}");
        }
    }
    let (code, _, err) = run(["-t", &described.target(), "-x", SENSOR_X, "ping", "senser"]);
    assert_eq!(code, 2);
    assert!(err.contains("the most similar name is `sensor`"), "{err}");
}

#[test]
fn a_lost_connection_is_made_again() {
    let address = answering(|_, stream| reply_once(stream)).to_string();
    let (code, out, err) = run(["-t", &address, "ping", "-c", "6", "-i", "1ms"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("\n6 calls, 3 replies, 50% loss, "), "{out}");
    assert_eq!(err.matches("the connection is lost").count(), 3, "{err}");
    assert_eq!(err.matches("connected again after ").count(), 2, "{err}");
}

#[test]
fn ctrl_c_prints_the_summary_even_during_a_call() {
    // The first call is answered, the second never.
    let address = answering(|_, stream| {
        reply_once(stream);
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.read(&mut [0; 1024]);
    });
    let mut ping = started(["--timeout", "60s", "-t", &address.to_string(), "ping", "-i", "1ms"]);
    let mut lines = BufReader::new(ping.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("calling procedure 0 of program 0x3fffde5c version 1 at tcp://"));
    assert!(lines.next().unwrap().starts_with("call=1 time="));
    let killed = Command::new("kill").args(["-INT", &ping.0.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let rest: Vec<_> = lines.collect();
    assert!(rest[1].starts_with("1 call, 1 reply, 0% loss, "), "{rest:?}");
    assert_eq!(ping.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_deadline_and_a_flood_end() {
    let silent = Serving::start(&SILENT);
    let (code, out, _) = run(["-t", &silent.target(), "ping", "--flood", "--count", "200"]);
    assert_eq!(code, 0);
    assert!(out.contains("200 calls, 200 replies"), "{out}");
    assert!(!out.contains("call=1 "), "{out}");
    let (code, out, err) = run(["-t", &silent.target(), "ping", "-w", "300ms", "-c", "1000", "-i", "100ms"]);
    assert_eq!(code, 4, "{out}");
    assert!(err.contains("of 1000 replies arrived before the deadline"), "{err}");
}
