//! Calls without generated code, of our servers and of the system's rpcbind.

#[path = "../../../tests/rpcbind/daemon.rs"]
#[allow(dead_code)]
mod daemon;
#[path = "../../../tests/support/namespace.rs"]
mod namespace;

use std::net::SocketAddr;
use std::thread;

use oncilla::{Refusal, Table};
use oncilla_dynamic::{CallError, DescriptionError, Interface};
use oncilla_host::Server;
use oncilla_sensor::{History, Reading, Sample, description, sensor_1};
use serde_json::json;

struct Sensor;

impl sensor_1::Service for Sensor {
    fn read(&mut self, channel: u32) -> Reading {
        if channel == 0 { Reading::Ok(Sample { time: u64::MAX, value: 21_500 }) } else { Reading::Default(1) }
    }
    fn history(&mut self, channel: u32) -> History {
        (0..channel.min(8)).map(|time| Sample { time: time.into(), value: -1 }).collect()
    }
    fn rename(&mut self, channel: u32, name: &str) -> bool {
        channel == 0 && name == "hall"
    }
}

static DESCRIBED: Table<Sensor> = oncilla::table![sensor_1::program(), description::program()];
static SILENT: Table<Sensor> = oncilla::table![sensor_1::program()];

fn serving(table: &'static Table<Sensor>, test: impl FnOnce(SocketAddr)) {
    let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve(table, &mut Sensor));
    test(address);
    stopper.stop();
    serving.join().unwrap().unwrap();
}

#[test]
fn a_device_that_describes_itself_is_called_without_its_file() {
    serving(&DESCRIBED, |address| {
        let mut device = oncilla_host::tcp(address).unwrap();
        let interface = Interface::read("the device", &mut device).unwrap();
        let mut call = |name, arguments| interface.call(&mut device, name, &arguments).unwrap();
        assert_eq!(
            call("sensor.read", json!({"channel": 0})),
            json!({"STATUS_OK": {"time": u64::MAX, "value": 21_500}})
        );
        assert_eq!(call("sensor.read", json!([7])), json!({"STATUS_NO_SUCH_CHANNEL": null}));
        assert_eq!(
            call("sensor.history", json!({"channel": 2})),
            json!([{"time": 0, "value": -1}, {"time": 1, "value": -1}])
        );
        assert_eq!(call("sensor.rename", json!({"channel": 0, "name": "hall"})), json!(true));
    });
}

#[test]
fn what_fails_is_said_by_who_must_act() {
    serving(&SILENT, |address| {
        let mut device = oncilla_host::tcp(address).unwrap();
        let error = Interface::read("the device", &mut device).unwrap_err();
        assert!(matches!(error, DescriptionError::Read(_)), "{error}");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sensor/sensor.x");
        let interface = Interface::parse_file(file).unwrap();
        let mut fails = |name, arguments| interface.call(&mut device, name, &arguments).unwrap_err();
        let error = fails("sensor.rea", json!([0]));
        assert!(matches!(error, CallError::Name(_)), "{error}");
        let error = fails("sensor.read", json!(["zero"]));
        assert!(matches!(error, CallError::Arguments(_)), "{error}");

        // Other interfaces than that of the server.
        let other = |result: &str, number: u32| {
            let text = format!("program S {{ version V {{ {result} GET(int) = {number}; }} = 1; }} = 0x20000051;");
            Interface::parse(&text).unwrap()
        };
        let error = other("double", 1).call(&mut device, "get", &json!([0])).unwrap_err();
        assert!(matches!(error, CallError::Results(_)), "{error}");
        let error = other("int", 77).call(&mut device, "get", &json!([0])).unwrap_err();
        assert!(
            matches!(error, CallError::Call(oncilla::CallError::Refused(Refusal::ProcedureUnavailable))),
            "{error}"
        );
        // The link works on.
        assert_eq!(interface.call(&mut device, "rename", &json!([1, "hall"])).unwrap(), json!(false));
    });
}

/// The interface of RFC 1833, and a server that nobody here wrote: its list of programs is a linked list.
#[test]
fn rpcbind_lists_its_programs() {
    daemon::alone("rpcbind_lists_its_programs", || {
        let _rpcbind = daemon::Daemon::start(&[]);
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../rpcgen/tests/x/rpcbind.x");
        let interface = Interface::parse_file(file).unwrap();
        let mut rpcbind = oncilla_host::tcp(("127.0.0.1", oncilla::rpcbind::PORT)).unwrap();
        let programs = interface.call(&mut rpcbind, "rpcbprog.dump", &json!(null)).unwrap();
        let programs = programs.as_array().unwrap();
        let entries = programs.iter().map(|entry| &entry["rpcb_map"]);
        let own = entries.filter(|entry| entry["r_prog"] == 100_000);
        let networks: Vec<_> = own.filter_map(|entry| entry["r_netid"].as_str()).collect();
        assert!(networks.contains(&"tcp") && networks.contains(&"udp"), "{programs:?}");

        let wanted = json!([{"r_prog": 100_000, "r_vers": 4, "r_netid": "tcp", "r_addr": "", "r_owner": ""}]);
        let address = interface.call(&mut rpcbind, "rpcbprog.getaddr", &wanted).unwrap();
        assert!(address.as_str().is_some_and(|address| address.ends_with(".0.111")), "{address}");
    });
}
