//! `oncilla fleet` and targets mqtt://, with a real broker, a gateway and a stand-in, run as a user runs them.
#![cfg(unix)]
#![allow(missing_docs)]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use oncilla_fleet_tests::broker::{Broker, Settings};
use serde_json::Value;

const INTERFACE: &str = "\
struct reading { int millidegrees; };
program THERMOSTAT { version THERMOSTAT_1 { reading THERMOSTAT_READ(unsigned int channel) = 1; } = 1; } = 0x20000042;
";

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn oncilla(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oncilla"));
    command.current_dir(folder).args(words).env("XDG_CONFIG_HOME", folder).env("XDG_STATE_HOME", folder);
    command
}

fn start(folder: &Path, words: &[&str]) -> Running {
    let silent = Stdio::null;
    Running(oncilla(folder, words).stdin(silent()).stdout(silent()).stderr(silent()).spawn().unwrap())
}

/// A fleet of three devices, two of which are there.
struct Plant {
    folder: tempfile::TempDir,
    broker: Broker,
    port: u16,
    _gateway: Running,
    serve: Option<Running>,
}

impl Plant {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let broker = Broker::start(&Settings::default()).unwrap();
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (port, nobody) = (free(), free());
        fs::write(folder.path().join("oven.x"), INTERFACE).unwrap();
        let file = format!(
            "fleet = \"plant\"\ngateway = \"west\"\n[broker]\naddress = \"mqtt://127.0.0.1:{}\"\n\
             [devices.\"oven-{{1..2}}\"]\ntarget = \"tcp://127.0.0.1:{port}\"\ngroups = [\"ovens\"]\n\
             [devices.fridge]\ntarget = \"tcp://127.0.0.1:{nobody}\"\n",
            broker.port()
        );
        fs::write(folder.path().join("fleet.toml"), file).unwrap();
        let place = format!("tcp://127.0.0.1:{port}");
        let serve = start(folder.path(), &["serve", "--listen", &place, "oven.x"]);
        let gateway = start(folder.path(), &["gateway", "fleet.toml"]);
        let plant = Self { folder, broker, port, _gateway: gateway, serve: Some(serve) };
        plant.until(|plant| plant.fleet(&["list", "--json"]).0.matches("\"online\":true").count() == 2);
        plant
    }

    fn until(&self, mut is: impl FnMut(&Self) -> bool) {
        let until = Instant::now() + Duration::from_secs(60);
        while !is(self) {
            assert!(Instant::now() < until, "it did not happen within 60 s: {:?}", self.fleet(&["list"]));
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Runs a command. Returns what it printed, its errors, and its exit code.
    fn run(&self, place: &str, words: &[&str]) -> (String, String, i32) {
        let target = format!("mqtt://127.0.0.1:{}/plant{place}", self.broker.port());
        let Output { status, stdout, stderr } =
            oncilla(self.folder.path(), words).env("ONCILLA_TARGET", target).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(stdout), text(stderr), status.code().unwrap())
    }

    fn fleet(&self, words: &[&str]) -> (String, String, i32) {
        self.run("", &[&["fleet"], words].concat())
    }
}

fn lines(text: &str) -> Vec<Value> {
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.sort_by_key(|line| line["device"].to_string());
    lines
}

#[test]
fn one_device_is_called_as_any_other() {
    let plant = Plant::new();
    assert_eq!(plant.run("/oven-1", &["call", "thermostat.read", "0"]), ("millidegrees: 0\n".into(), String::new(), 0));
    assert_eq!(plant.run("/any:ovens", &["call", "thermostat.read", "0"]).2, 0);
    let (described, ..) = plant.run("/oven-1", &["describe"]);
    assert!(described.contains("THERMOSTAT_READ"), "{described}");
    let (listed, ..) = plant.run("/oven-1", &["list"]);
    assert!(listed.contains("0x20000042"), "{listed}");
    let (_, errors, exit) = plant.run("/fridge", &["call", "thermostat.read", "0"]);
    assert!(errors.contains("fridge has been away for") && exit == 3, "{errors}");
    let (_, errors, exit) = plant.run("/oven-9", &["call", "thermostat.read", "0"]);
    assert!(errors.contains("no gateway has published a device oven-9") && exit == 3, "{errors}");
    let (_, errors, exit) = plant.run("/group:ovens", &["call", "thermostat.read", "0"]);
    assert!(errors.contains("oncilla fleet call --group ovens") && exit == 2, "{errors}");
    let (_, errors, exit) = plant.run("/oven-1", &["--as", "0:0", "call", "thermostat.read", "0"]);
    assert!(errors.contains("AUTH_SYS do not apply to a fleet") && exit == 2, "{errors}");
    let (_, errors, exit) = plant.run("/oven-1", &["bench", "--in-flight", "4", "-c", "1", "thermostat.read", "0"]);
    assert!(errors.contains("no calls in flight") && exit == 2, "{errors}");
}

#[test]
fn many_devices_are_listed_and_called() {
    let mut plant = Plant::new();
    let (table, notes, exit) = plant.fleet(&["list"]);
    assert!(table.starts_with("DEVICE") && table.contains("thermostat 1") && exit == 0, "{table}");
    assert!(notes.contains("3 devices, 2 online, 1 away"), "{notes}");
    let away = lines(&plant.fleet(&["list", "--away", "--json"]).0);
    assert_eq!((&away[0]["device"], &away[0]["online"], away.len()), (&"fridge".into(), &false.into(), 1));

    for words in [&["--group", "ovens"][..], &["--group", "ovens", "--fan-out"], &["--device", "oven-1,oven-2"]] {
        let called = plant.fleet(&[&["call", "thermostat.read", "0", "--json"], words].concat());
        let outcomes = lines(&called.0);
        assert_eq!((outcomes.len(), called.2), (2, 0), "{called:?}");
        assert_eq!(outcomes[1]["result"]["millidegrees"], 0);
    }
    let (printed, errors, exit) = plant.fleet(&["call", "thermostat.read", "0", "--all", "--json"]);
    let outcomes = lines(&printed);
    assert_eq!((outcomes.len(), &outcomes[0]["fleet"], exit), (3, &"away".into(), 1), "{printed}");
    assert!(errors.contains("1 of 3 devices failed: 1 × away"), "{errors}");
    let (_, errors, exit) = plant.fleet(&["call", "thermostat.read", "0", "--device", "fridge"]);
    assert!(errors.contains("fridge has been away for") && exit == 3, "{errors}");
    let (_, errors, exit) = plant.fleet(&["call", "thermostat.read", "0"]);
    assert!(errors.contains("no device is given") && exit == 2, "{errors}");

    // Who goes is seen at once.
    let watching = oncilla(plant.folder.path(), &["fleet", "watch", "--json", "-c", "2"])
        .env("ONCILLA_TARGET", format!("mqtt://127.0.0.1:{}/plant", plant.broker.port()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    plant.serve = None;
    let watched = watching.wait_with_output().unwrap();
    let seen = lines(&String::from_utf8(watched.stdout).unwrap());
    assert!(seen.iter().all(|line| line["online"] == false && line["time"].is_string()), "{seen:?}");
    plant.serve =
        Some(start(plant.folder.path(), &["serve", "--listen", &format!("tcp://127.0.0.1:{}", plant.port), "oven.x"]));
    plant.until(|plant| plant.run("/oven-2", &["call", "thermostat.read", "0"]).2 == 0);
}

#[test]
fn a_cap_is_set_in_one_place() {
    let plant = Plant::new();
    assert_eq!(plant.fleet(&["cap"]), (String::new(), "there is no cap\n".into(), 0));
    assert_eq!(plant.fleet(&["cap", "thermostat", "0"]).2, 0);
    assert_eq!(plant.fleet(&["cap"]).0, "0x20000042 version 0\n");
    let (_, errors, exit) = plant.run("/oven-1", &["call", "thermostat.read", "0"]);
    assert!(errors.contains("cap of program 0x20000042 is version 0") && exit == 2, "{errors}");
    assert_eq!(plant.fleet(&["cap", "0x20000042", "none"]).2, 0);
    assert_eq!(plant.run("/oven-1", &["call", "thermostat.read", "0"]).2, 0);
    let (_, errors, exit) = plant.fleet(&["cap", "toaster", "1"]);
    assert!(errors.contains("no device of the fleet has a program \"toaster\"") && exit == 2, "{errors}");
    let (_, errors, exit) = plant.fleet(&["state", "oven-1/-/00ff"]);
    assert!(errors.contains("no gateway knows a call oven-1/-/00ff") && exit == 1, "{errors}");
}
