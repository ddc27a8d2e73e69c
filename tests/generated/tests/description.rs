//! A device describes itself, and a host that does not know it reads that back.

use std::net::SocketAddr;
use std::process::Command;
use std::thread;

use oncilla::{CallError, Refusal, Table};
use oncilla_host::Server;
use oncilla_rpcgen::tree::{Definition, Specification};
use oncilla_rpcgen::{Preprocessor, ReadError, check, parse_file, read_description};
use oncilla_sensor::{History, Reading, Sample, description, sensor_1};

struct Sensor;

impl sensor_1::Service for Sensor {
    fn read(&mut self, channel: u32) -> Reading {
        if channel == 0 { Reading::Ok(Sample { time: 7, value: 21_500 }) } else { Reading::Default(1) }
    }
    fn history(&mut self, _: u32) -> History {
        History::new()
    }
    fn rename(&mut self, channel: u32, name: &str) -> bool {
        channel == 0 && !name.is_empty()
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

fn definitions(tree: &Specification) -> Vec<&Definition> {
    tree.items.iter().map(|item| &item.definition).collect()
}

#[test]
fn a_host_reads_the_interface_from_the_device() {
    serving(&DESCRIBED, |address| {
        let mut client = oncilla_host::tcp(address).unwrap();
        let mut parsed = read_description("the device", &mut client).unwrap();
        let written = parse_file("../../examples/sensor/sensor.x", &Preprocessor::default()).unwrap();
        assert_eq!(definitions(&parsed.tree), definitions(&written.tree));
        check(&parsed.tree, [], &mut parsed.report.diagnostics);
        assert!(parsed.report.diagnostics.is_empty(), "{}", parsed.report);
        let Some(Definition::Program(program)) = definitions(&parsed.tree).pop().cloned() else { panic!() };
        let procedures = program.versions[0].procedures.iter().map(|procedure| procedure.name.text.as_str());
        assert_eq!(procedures.collect::<Vec<_>>(), ["SENSOR_READ", "SENSOR_HISTORY", "SENSOR_RENAME"]);
        // The device's own program is served beside it.
        assert_eq!(sensor_1::Client::new(&mut client).read(1).unwrap(), Reading::Default(1));
    });
}

#[test]
fn the_example_lists_what_the_device_serves() {
    serving(&DESCRIBED, |address| {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "-p", "oncilla-rpcgen", "--features", "read", "--example", "describe"])
            // The folder of this test, where most of it is built already. Cargo does not lock it while tests run.
            .arg("--target-dir")
            .arg(concat!(env!("CARGO_TARGET_TMPDIR"), "/.."))
            .args(["--", &address.to_string()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines: Vec<_> = text.lines().take(2).collect();
        let first = "    reading SENSOR_READ(unsigned int channel) = 1;";
        assert_eq!(lines, ["program 0x20000051, version 1: SENSOR, SENSOR_1", first], "{text}");
    });
}

#[test]
fn text_is_given_in_pieces_up_to_its_end() {
    serving(&DESCRIBED, |address| {
        let mut client = oncilla_host::tcp(address).unwrap();
        let mut description = description::Client::new(&mut client);
        let info = description.info().unwrap();
        assert!(info.packed_size < info.size, "{info:?}");
        assert_eq!(description.read(0).unwrap().len(), 128);
        assert_eq!(description.read(info.packed_size - 1).unwrap().len(), 1);
        assert!(description.read(info.packed_size).unwrap().is_empty());
        assert!(description.read(u32::MAX).unwrap().is_empty());
    });
}

#[test]
fn a_device_that_says_nothing_refuses() {
    serving(&SILENT, |address| {
        let refused = read_description("the device", &mut oncilla_host::tcp(address).unwrap());
        assert!(
            matches!(refused, Err(ReadError::Call(CallError::Refused(Refusal::ProgramUnavailable)))),
            "{refused:?}"
        );
    });
}
