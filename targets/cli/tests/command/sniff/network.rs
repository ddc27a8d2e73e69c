//! Traffic of libtirpc and of Oncilla on the loopback interface, captured by dumpcap.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use oncilla_test_support::libtirpc;
use serde_json::{Value, json};

use super::capture::Capture;
use super::dissector::{dissect, lines, messages_of, sorted};
use super::namespace::alone;
use crate::c_server::CServer;
use crate::running::Running;
use crate::support::{DESCRIBED, SENSOR_X, Serving, oncilla, outcome, run};

const CONSTRUCTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Compiles the C programs of the interoperability tests.
fn program(name: &str) -> Command {
    static COMPILED: Once = Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sniffed");
    COMPILED.call_once(|| {
        let server = ["c/server.c", "c/describe.c", "constructs_xdr.c", "constructs_svc.c"];
        let client = ["c/client.c", "c/samples.c", "c/describe.c", "constructs_xdr.c", "constructs_clnt.c"];
        let programs: [(&str, &[&str]); 2] = [("server", &server), ("client", &client)];
        libtirpc::compile(Path::new(CONSTRUCTS), "constructs", &into, &programs);
    });
    Command::new(into.join(name))
}

/// Writes what sniff shows to another capture, in which Wireshark must see the same messages.
fn check_written(capture: &Path, interface: &str) -> Vec<Value> {
    let written = capture.with_extension("written.pcapng");
    let arguments = ["-x", interface, "--json", "sniff", text(capture), "--write", text(&written)];
    let (code, out, err) = run(arguments);
    assert_eq!((code, err.as_str()), (0, ""));
    let events = lines(&out);
    let seen = sorted(messages_of(&events));
    assert_eq!(sorted(dissect(&written)), seen, "in the written capture");
    assert_eq!(sorted(dissect(capture)), seen, "in the first capture");
    events
}

#[test]
fn calls_of_a_c_client_are_decoded_as_it_made_them() {
    alone("sniff::network::calls_of_a_c_client_are_decoded_as_it_made_them", || {
        let server = CServer::start(program("server"));
        let capture = Capture::start("sniffed-c");
        for (transport, address) in ["tcp", "udp"].into_iter().zip(&server.addresses) {
            let client = program("client").args([transport, &address.port().to_string()]).output().unwrap();
            assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
        }
        let capture = capture.finish();
        let events = check_written(&capture, &format!("{CONSTRUCTS}/constructs.x"));
        // One-way calls have no reply. Every other echo returns what it was sent.
        let mut echoes = 0;
        for event in &events {
            let name = event["name"].as_str().unwrap();
            if name.ends_with(".note") {
                assert_eq!(event["outcome"], "unanswered", "{event}");
                continue;
            }
            assert_eq!(event["outcome"], "results", "{event}");
            assert!(event["arguments"].get("bytes").is_none() && event["results"].get("error").is_none(), "{event}");
            if name.contains(".echo_") {
                let arguments = event["arguments"].as_object().unwrap();
                let sent = arguments.values().next().unwrap_or(&Value::Null);
                assert_eq!(event["results"], *sent, "{name}");
                echoes += 1;
            }
        }
        assert!(echoes > 50, "{echoes} echoes of {} calls", events.len());
    });
}

#[test]
fn calls_of_ours_are_shown_with_names_values_and_refusals() {
    alone("sniff::network::calls_of_ours_are_shown_with_names_values_and_refusals", || {
        let serving = Serving::start(&DESCRIBED);
        let capture = Capture::start("sniffed-ours");
        let udp = format!("udp://{}", serving.udp);
        for target in [&serving.target(), &udp] {
            let call = |arguments: &[&str]| run([&["-t", target, "-x", SENSOR_X, "--as", "7:8"], arguments].concat()).0;
            assert_eq!(call(&["call", "sensor.read", "0"]), 0);
            assert_eq!(call(&["call", "sensor.rename", "0", "hall"]), 0);
            assert_eq!(run(["-t", target, "ping", "0x20000042", "-c", "1"]).0, 0);
        }
        // A server that is not there: the calls have no reply.
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let silent = format!("udp://{}", nobody.local_addr().unwrap());
        let silent =
            ["-t", &silent, "--timeout", "700ms", "--retry", "100ms", "-x", SENSOR_X, "call", "sensor.read", "0"];
        assert_eq!(run(silent).0, 4);
        let capture = capture.finish();
        check(&capture, serving.tcp, nobody.local_addr().unwrap());
    });
}

#[test]
fn keyed_links_are_shown_sealed_and_opened_by_their_key() {
    alone("sniff::network::keyed_links_are_shown_sealed_and_opened_by_their_key", || {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (key, other) = (file("oven.key"), file("other.key"));
        for path in [&key, &other] {
            assert_eq!(run(["key", "new", path, "--id", "7"]).0, 0);
        }
        let capture = Capture::start("sniffed-keyed");
        for suite in ["light", "forward-secret"] {
            for place in ["tcp://127.0.0.1:0", "udp://127.0.0.1:0"] {
                let under = ["--link-key", &key, "--suite", suite];
                let mut running = Running::start(["serve", SENSOR_X, "-l", place].into_iter().chain(under));
                let target = running.target();
                let call = ["-t", &target, "-x", SENSOR_X, "call", "sensor.read", "0"];
                for _ in 0..2 {
                    let (code, _, err) = run(call.into_iter().chain(under));
                    assert_eq!(code, 0, "{err}");
                }
            }
        }
        let capture = capture.finish();
        let sniff = |options: &[&str]| {
            let (code, out, err) = run([&["-x", SENSOR_X, "--json", "sniff", text(&capture)], options].concat());
            assert_eq!((code, err.as_str()), (0, ""));
            lines(&out)
        };
        let count =
            |events: &[Value], name: &str, value: &str| events.iter().filter(|event| event[name] == value).count();
        // Each call has a handshake, itself and its reply.
        for options in [&[][..], &["--link-key", &other]] {
            let events = sniff(options);
            assert_eq!(count(&events, "event", "sealed"), events.len(), "{events:?}");
            for (kind, least) in [("HELLO", 8), ("CHALLENGE", 8), ("OPEN", 8), ("DATA", 8)] {
                assert!(count(&events, "kind", kind) >= least, "{kind}: {events:?}");
            }
        }
        let events = sniff(&["--link-key", &key]);
        let calls: Vec<_> = events.iter().filter(|event| event["event"] == "exchange").collect();
        assert_eq!(calls.len(), 4, "those of the light suite: {events:?}");
        for call in calls {
            assert_eq!(
                (&call["name"], &call["key"], &call["outcome"]),
                (&json!("sensor.read"), &json!(7), &json!("results"))
            );
            assert_eq!(call["arguments"], json!({"channel": 0}));
        }
        assert_eq!(count(&events, "kind", "DATA"), 4, "those of the forward secret suite");
        let [summary] = &sniff(&["--stats"])[..] else { panic!("several summaries") };
        assert!(summary["sealed"].as_u64().unwrap() >= 32, "{summary}");
        let (_, out, _) = run(["sniff", text(&capture)]);
        assert!(out.contains("HELLO of a keyed link, key 7") && out.contains("bytes sealed"), "{out}");
    });
}

fn check(capture: &Path, tcp: SocketAddr, silent: SocketAddr) {
    let file = text(capture);
    let (code, out, err) = run(["-x", SENSOR_X, "--json", "sniff", file]);
    assert_eq!((code, err.as_str()), (0, ""));
    let events = lines(&out);
    let [read, rename, null] = [&events[0], &events[1], &events[2]];
    assert_eq!((&read["name"], &read["carrier"], &read["to"]), (&json!("sensor.read"), &json!("tcp"), &json!(tcp)));
    assert_eq!(read["arguments"], json!({"channel": 0}));
    assert_eq!(read["results"], json!({"STATUS_OK": {"time": 1, "value": 21500}}));
    assert_eq!(read["user"], json!({"uid": 7, "gid": 8}));
    assert!(read["latency_us"].as_f64().unwrap() > 0.0);
    assert_eq!((&rename["arguments"]["name"], &rename["results"]), (&json!("hall"), &json!(true)));
    assert_eq!((&null["outcome"], &null["refusal"]["name"]), (&json!("refused"), &json!("PROG_UNAVAIL")));
    let lost = events.last().unwrap();
    assert_eq!((&lost["outcome"], &lost["to"]), (&json!("unanswered"), &json!(silent)));
    assert!(lost["sent"].as_u64().unwrap() > 1, "{lost}");

    // For people.
    let (_, out, _) =
        run(["-x", SENSOR_X, "sniff", file, "--filter", "sensor.read", "--filter", &format!("peer={tcp}")]);
    assert!(out.contains(&format!("> {tcp} tcp sensor.read(channel=0) = {{\"STATUS_OK\":{{\"time\":1")), "{out}");
    assert!(out.ends_with("as 7:8\n") && out.lines().count() == 1, "{out}");
    // Without the interface, numbers and bytes.
    let (_, out, _) = run(["sniff", file, "--count", "1"]);
    assert!(out.contains(".1.1(<4 bytes 00000000>) = <"), "{out}");
    let (_, out, _) = run(["-x", SENSOR_X, "sniff", file, "--filter", "errors"]);
    assert!(out.contains("PROG_UNAVAIL: ") && out.contains("no reply"), "{out}");
    assert_eq!(out.lines().count(), 3, "{out}");
    let (_, out, _) = run(["-x", SENSOR_X, "--json", "sniff", file, "--stats"]);
    let read = lines(&out).into_iter().find(|row| row["name"] == "sensor.read").unwrap();
    assert_eq!([&read["calls"], &read["results"], &read["unanswered"]], [&json!(3), &json!(2), &json!(1)]);
    assert!(read["median_us"].as_f64().unwrap() > 0.0);
    let (_, out, _) = run(["-x", SENSOR_X, "sniff", file, "--stats"]);
    assert!(out.contains("procedure") && out.contains("sensor.rename"), "{out}");
    // The same from a pipe, and only what passes the filters is written.
    let written = capture.with_extension("filtered.pcapng");
    let arguments = ["-x", SENSOR_X, "--json", "sniff", "-", "--filter", "sensor.rename", "--write", text(&written)];
    let (code, out, _) = outcome(oncilla(arguments).write_stdin(fs::read(capture).unwrap()).output().unwrap());
    assert_eq!((code, lines(&out).len()), (0, 2));
    assert_eq!(dissect(&written), messages_of(&lines(&out)));
}

#[test]
fn rpcbind_is_known_without_an_interface() {
    alone("sniff::network::rpcbind_is_known_without_an_interface", || {
        let rpcbind = rpcbind();
        let capture = Capture::start("sniffed-rpcbind");
        for arguments in [&["-p", "127.0.0.1"][..], &["127.0.0.1"], &["-T", "udp", "127.0.0.1", "100000", "4"]] {
            let output = Command::new(super::namespace::found("rpcinfo")).args(arguments).output();
            let output = output.unwrap_or_else(|error| panic!("cannot run rpcinfo: {error}; apt install rpcbind"));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let capture = capture.finish();
        drop(rpcbind);
        let events = check_written(&capture, SENSOR_X);
        let dump = events.iter().find(|event| event["name"] == "rpcbind.dump" && event["version"] == 2).unwrap();
        let mapping = json!({"map": {"prog": 100_000, "vers": 2, "prot": 17, "port": 111}});
        assert!(dump["results"].as_array().unwrap().contains(&mapping), "{dump}");
        assert!(events.iter().any(|event| event["name"] == "rpcbind.dump" && event["version"] == 3));
        assert!(events.iter().any(|event| event["name"] == "rpcbind.null" && event["carrier"] == "udp"));
        assert!(events.iter().all(|event| event["outcome"] == "results"), "{events:?}");
    });
}

/// A process that ends with this value.
struct Daemon(std::process::Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// rpcbind, which answers.
fn rpcbind() -> Daemon {
    // Its lock and its socket belong to the test.
    let mounted = Command::new("mount").args(["-t", "tmpfs", "none", "/run"]).status();
    assert!(mounted.is_ok_and(|status| status.success()), "cannot mount /run");
    let program: PathBuf = super::namespace::found("rpcbind").into();
    let child = Command::new(program).args(["-f"]).spawn();
    let daemon = Daemon(child.unwrap_or_else(|error| panic!("cannot run rpcbind: {error}; apt install rpcbind")));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 111));
    let is_there = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::net::TcpStream::connect(address).is_ok()
    });
    assert!(is_there, "rpcbind does not listen");
    daemon
}
