//! Devices to call, and the command.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::Output;
#[cfg(unix)]
use std::process::Stdio;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use assert_cmd::Command;
use oncilla::Table;
use oncilla_host::{Server, Stopper};
use oncilla_sensor::{History, Reading, Sample, description, sensor_1};

/// The interface of [`Sensor`].
pub const SENSOR_X: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sensor/sensor.x");

/// How long a command may take, on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Returns the command with arguments, without the settings of this machine's user.
pub fn oncilla<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::cargo_bin("oncilla").unwrap();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONCILLA_")) {
        command.env_remove(name);
    }
    // The user has no files, and none can be made.
    command
        .env("HOME", "/dev/null")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME")
        .args(arguments)
        .timeout(LIMIT);
    command
}

/// Returns the command for a process that runs during the test.
pub fn process<'a>(arguments: impl IntoIterator<Item = &'a str>) -> std::process::Command {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("oncilla"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONCILLA_")) {
        command.env_remove(name);
    }
    command.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME").args(arguments);
    command
}

/// Starts the command, whose output is read while it runs.
#[cfg(unix)]
pub fn started<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ended {
    // The pseudo-terminals of tests are inherited, and a line that is open here is never hung up.
    let close = r#"for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done; exec "$@""#;
    let mut command = std::process::Command::new("bash");
    command.args(["-c", close, "bash"]).arg(oncilla([]).get_program());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONCILLA_")) {
        command.env_remove(name);
    }
    command.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME").args(arguments);
    Ended(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap())
}

/// Runs the command and returns its exit code, standard output and standard error.
pub fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> (i32, String, String) {
    outcome(oncilla(arguments).output().unwrap())
}

/// Returns the exit code, standard output and standard error.
pub fn outcome(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A sensor with one channel, 0. It counts its calls.
#[derive(Default)]
pub struct Sensor {
    calls: u64,
}

impl sensor_1::Service for Sensor {
    fn read(&mut self, channel: u32) -> Reading {
        self.calls += 1;
        if channel == 0 { Reading::Ok(Sample { time: self.calls, value: 21_500 }) } else { Reading::Default(1) }
    }
    fn history(&mut self, channel: u32) -> History {
        (0..channel.min(8)).map(|time| Sample { time: time.into(), value: -1 }).collect()
    }
    fn rename(&mut self, channel: u32, name: &str) -> bool {
        channel == 0 && name == "hall"
    }
}

/// A server that describes itself.
pub static DESCRIBED: Table<Sensor> = oncilla::table![sensor_1::program(), description::program()];
/// A server that does not.
pub static SILENT: Table<Sensor> = oncilla::table![sensor_1::program()];

/// A server on TCP and UDP. It stops when it is dropped.
pub struct Serving {
    pub tcp: SocketAddr,
    pub udp: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    pub fn start(table: &'static Table<Sensor>) -> Self {
        Self::start_at("127.0.0.1:0", table)
    }

    /// Starts at an address, such as that of a server that has ended.
    pub fn start_at(tcp: impl ToSocketAddrs + std::fmt::Debug, table: &'static Table<Sensor>) -> Self {
        let mut server = Server::new().unwrap().tcp(tcp).unwrap().udp("127.0.0.1:0").unwrap();
        let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
        let thread = Some(thread::spawn(move || server.serve(table, &mut Sensor::default()).unwrap()));
        Self { tcp, udp, stopper, thread }
    }

    /// Returns the target of the server on TCP.
    pub fn target(&self) -> String {
        format!("tcp://{}", self.tcp)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let served = thread.join();
            assert!(served.is_ok() || thread::panicking());
        }
    }
}

/// A process that is ended when it is dropped.
pub struct Ended(pub std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
