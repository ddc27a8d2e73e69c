//! A server's counters: the text is read by Python's parser of the Prometheus format, which nobody here wrote.
#![cfg(all(unix, feature = "metrics"))]

#[path = "../../../tests/support/sockets.rs"]
mod sockets;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use oncilla::ProcedureId;
use oncilla_host::{Metrics, Server};
use sockets::*;

/// Prints each sample on a line, as name, labels and value. Checks the types.
const READ: &str = "
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation and family.type in ('counter', 'gauge', 'histogram'), family
    for sample in family.samples:
        labels = ','.join(f'{name}={value}' for name, value in sorted(sample.labels.items()))
        print(f'{sample.name} {labels} {sample.value:g}')
";

/// Reads the metrics by the other parser. Returns the value of each sample by name and labels.
fn read(metrics: &Metrics) -> BTreeMap<String, String> {
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("install the packages python3 and python3-prometheus-client");
    python.stdin.take().unwrap().write_all(metrics.text().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "install the package python3-prometheus-client, or see above");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.rsplit_once(' ').unwrap()).map(|(key, value)| (key.into(), value.into())).collect()
}

fn serve(settings: impl FnOnce(Server) -> Server) -> (Served, Metrics) {
    let mut server = settings(Server::new().unwrap()).tcp("127.0.0.1:0").unwrap();
    let metrics = server.metrics();
    (Served::on(server), metrics)
}

#[test]
fn calls_are_counted_by_procedure_and_outcome() {
    let (served, metrics) = serve(|server| server.names(&[probe::NAMES]));
    let mut client = served.raw();
    for _ in 0..3 {
        check_alive(&mut client);
    }
    let mut ask = |id, arguments: &[u8]| {
        client.write_all(&record(&call(1, id, arguments))).unwrap();
        read_record(&mut client).unwrap();
    };
    ask(procedure(2), &[]);
    for number in 100..120 {
        ask(procedure(number), &[]);
        ask(ProcedureId { program: number, version: number, procedure: number }, &[]);
    }
    assert_eq!(read(&metrics)["oncilla_server_connections "], "1");
    served.stop();
    let samples = read(&metrics);
    let value = |key: &str| samples.get(key).map(String::as_str);
    let add = "procedure=add,program=probe,version=3";
    let unknown = "procedure=unknown,program=unknown,version=unknown";
    for (key, expected) in [
        (format!("oncilla_server_calls_total outcome=executed,{add}"), "3"),
        (format!("oncilla_server_calls_total outcome=GARBAGE_ARGS,{add}"), "1"),
        (format!("oncilla_server_calls_total outcome=PROC_UNAVAIL,{unknown}"), "20"),
        (format!("oncilla_server_calls_total outcome=PROG_UNAVAIL,{unknown}"), "20"),
        (format!("oncilla_server_call_bytes_total {add}"), "184"),
        (format!("oncilla_server_reply_bytes_total {add}"), "108"),
        (format!("oncilla_server_duration_seconds_count {add}"), "4"),
        (format!("oncilla_server_duration_seconds_bucket le=+Inf,{add}"), "4"),
        ("oncilla_server_accepted_total ".into(), "1"),
        ("oncilla_server_connections ".into(), "0"),
        ("oncilla_server_closed_total reason=stopped".into(), "1"),
    ] {
        assert_eq!(value(&key), Some(expected), "{key} in {samples:#?}");
    }
    // However many procedures clients invent, they share one label.
    let procedures = samples.keys().filter(|key| key.starts_with("oncilla_server_duration_seconds_count")).count();
    assert_eq!(procedures, 2);
}

#[test]
fn the_counters_of_several_runs_add_up_and_numbers_stand_for_names() {
    let mut server = Server::new().unwrap().udp("127.0.0.1:0").unwrap();
    let (metrics, same) = (server.metrics(), server.metrics());
    let (address, stopper) = (server.udp_addresses()[0], server.stopper());
    for _ in 0..2 {
        std::thread::scope(|scope| {
            let serving = scope.spawn(|| server.serve(&TABLE, &mut Service::default()));
            probe::Client::new(&mut oncilla_host::udp(address).unwrap()).null().unwrap();
            stopper.stop();
            serving.join().unwrap().unwrap();
        });
    }
    for metrics in [metrics, same] {
        let samples = read(&metrics);
        let key = "oncilla_server_calls_total outcome=executed,procedure=0,program=536871065,version=3";
        assert_eq!(samples.get(key).map(String::as_str), Some("2"), "{samples:#?}");
    }
}
