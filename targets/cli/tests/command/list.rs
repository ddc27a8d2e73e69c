//! `oncilla list`.

use std::collections::BTreeSet;
use std::process::Command;

use oncilla::rpcbind::{Binding, RpcBind, universal};
use oncilla_host::unix;
use serde_json::Value;

use crate::daemon::{Daemon, SOCKET, alone};
use crate::line::{self, Port};
use crate::namespace::found;
use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, run};

fn json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_device_is_listed_by_its_description() {
    let described = Serving::start(&DESCRIBED);
    let (code, out, err) = run(["-t", &described.target(), "list"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<Vec<_>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["PROGRAM", "NAME", "VERSIONS", "PROCEDURES"]);
    assert_eq!(lines[1], ["0x20000051", "SENSOR", "1", "3"]);
    assert_eq!(lines[2], ["0x3fffde5c", "description", "1"]);
}

#[test]
fn a_device_without_a_description_is_tried() {
    let (port, far) = Port::new();
    line::serve::<oncilla::framing::Serial>(far, &SILENT);
    let silent = Serving::start(&SILENT);
    for target in [silent.target(), port.target()] {
        let (code, out, _) = run(["-t", &target, "-x", SENSOR_X, "list", "--json"]);
        assert_eq!(code, 0);
        let listed = json(&out);
        assert_eq!(listed.len(), 1, "{out}");
        assert_eq!((&listed[0]["program"], &listed[0]["version"]), (&0x2000_0051.into(), &1.into()));
        assert_eq!((&listed[0]["name"], &listed[0]["from"]), (&"SENSOR".into(), &"try".into()));
        let (code, out, _) = run(["-t", &target, "list", "--try", "0x20000040-0x2000005f", "--json"]);
        assert_eq!((code, json(&out).len()), (0, 1), "{out}");
        let (code, _, err) = run(["-t", &target, "list"]);
        assert_eq!(code, 1);
        assert!(err.contains("neither describes itself nor is an rpcbind") && err.contains("list --try"), "{err}");
    }
    let (code, _, err) = run(["-t", &silent.target(), "list", "--try", "0-0xffffff"]);
    assert_eq!(code, 2);
    assert!(err.contains("16777216 programs; 65536 are tried"), "{err}");
    let (code, _, err) = run(["-t", "rpc://127.0.0.1", "list", "--try"]);
    assert_eq!(code, 2);
    assert!(err.contains("`--try` does not apply to rpc://"), "{err}");
}

/// What rpcinfo lists: program, version, netid, address, service and owner.
fn by_rpcinfo() -> BTreeSet<[String; 6]> {
    let output = Command::new(found("rpcinfo")).arg("127.0.0.1").output();
    let output = output.unwrap_or_else(|error| panic!("cannot run rpcinfo: {error}; install it: apt install rpcbind"));
    let text = String::from_utf8(output.stdout).unwrap();
    let fields = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    text.lines().skip(1).map(|line| fields(line).try_into().unwrap()).collect()
}

#[test]
fn the_systems_rpcbind_is_listed_as_rpcinfo_lists_it() {
    alone("list::the_systems_rpcbind_is_listed_as_rpcinfo_lists_it", || {
        let _daemon = Daemon::start(&["-r"]);
        let served = Serving::start(&DESCRIBED);
        let address = universal(served.tcp);
        let mut client = unix(SOCKET).unwrap();
        let binding = Binding { program: 0x2000_0051, version: 1, netid: "tcp", address: &address, owner: "" };
        assert!(RpcBind::version_4(&mut client).set(&binding).unwrap());
        for target in ["rpc://127.0.0.1", "rpc://127.0.0.1?transport=udp", "tcp://127.0.0.1:111", "udp://127.0.0.1:111"]
        {
            let (code, out, err) = run(["-t", target, "--json", "list"]);
            assert_eq!((code, err.as_str()), (0, ""), "{target}");
            let text = |line: &Value, name: &str| match &line[name] {
                Value::String(text) => text.clone(),
                Value::Null => "-".to_owned(),
                other => other.to_string(),
            };
            let names = ["program", "version", "transport", "address", "name", "owner"];
            let listed: BTreeSet<_> = json(&out).iter().map(|line| names.map(|name| text(line, name))).collect();
            assert_eq!(listed, by_rpcinfo(), "{target}");
        }
        let (code, out, _) = run(["-t", "rpc://127.0.0.1", "-x", SENSOR_X, "list"]);
        assert_eq!(code, 0);
        let sensor = out.lines().find(|line| line.starts_with("0x20000051")).unwrap();
        let fields: Vec<_> = sensor.split_whitespace().collect();
        let address = served.tcp.to_string();
        assert_eq!(&fields[1..5], ["SENSOR", "1", "tcp", &address]);
        // It can be called at the listed address.
        let (code, out, err) = run(["-t", "rpc://127.0.0.1", "-x", SENSOR_X, "ping", "sensor", "-c", "1", "-v"]);
        assert_eq!(code, 0, "{out}{err}");
        assert!(err.contains(&format!("version 1 on port {}", served.tcp.port())), "{err}");
        let (code, out, _) = run(["--timeout", "2s", "list", "--network"]);
        assert_eq!((code, out.as_str()), (0, "udp://127.0.0.1:111\n"));
        let (code, out, err) = run(["--timeout", "300ms", "-x", SENSOR_X, "list", "--network", "sensor"]);
        assert_eq!((code, out.as_str()), (0, ""));
        assert!(err.contains("no host answered within 300ms"), "{err}");
    });
}

#[test]
fn serial_ports_are_listed() {
    let ports = oncilla_host::ports().unwrap();
    let (code, out, _) = run(["list", "--ports", "--json"]);
    assert_eq!(code, 0);
    let names: Vec<_> = json(&out).iter().map(|port| port["port"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ports.iter().map(|port| port.name.clone()).collect::<Vec<_>>());
    assert_eq!(run(["list", "--ports"]).0, 0);
}
