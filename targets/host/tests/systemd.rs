//! Servers that `systemd-socket-activate` starts, and what they report to a service manager.
#![cfg(all(target_os = "linux", feature = "systemd"))]

#[path = "../../../tests/support/sockets.rs"]
mod sockets;

use std::env;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use oncilla_host::Server;
use sockets::*;

/// Tells this program to be the server that is started.
const ROLE: &str = "ONCILLA_ROLE";

/// The file into which that server writes the error of taking its sockets, instead of serving.
const REPORT: &str = "ONCILLA_REPORT";

/// The server that the tests start: this program again, with this test only.
#[test]
fn server() {
    let Ok(role) = env::var(ROLE) else { return };
    let server = Server::new().unwrap().systemd();
    if let Ok(report) = env::var(REPORT) {
        std::fs::write(report, server.map_or_else(|error| error.to_string(), |_| "no error".into())).unwrap();
        return;
    }
    let mut server = server.unwrap();
    assert_eq!(server.has_addresses(), role == "passed");
    if role == "alone" {
        server = server.tcp("127.0.0.1:0").unwrap();
    }
    server.stop_on_signals().unwrap().serve(&TABLE, &mut Service::default()).unwrap();
}

/// A server in a process of its own. Dropping it ends the process.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::null()).spawn().expect("install the package systemd"))
    }

    /// Asks the server to stop, and waits until its test has passed.
    fn stop(mut self) {
        kill(Pid::from_raw(self.0.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        self.join();
    }

    fn join(&mut self) {
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended if the test went right.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server when somebody calls one of the addresses, and passes it their sockets.
fn activate(options: &[&str], role: &str, addresses: &[&str]) -> Process {
    let mut command = Command::new("systemd-socket-activate");
    command.args(options).arg(format!("--setenv={ROLE}={role}"));
    for address in addresses {
        command.args(["-l", address]);
    }
    Process::start(command.arg(env::current_exe().unwrap()).args(["server", "--exact", "--nocapture"]))
}

/// Returns an address of which nobody uses the port for TCP or UDP.
fn free() -> SocketAddr {
    loop {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

/// Creates an empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("oncilla-systemd-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Connects to a server. While no socket listens on its port, the system may connect a new socket to itself there.
fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    if stream.local_addr()? == address { Err(std::io::ErrorKind::ConnectionRefused.into()) } else { Ok(stream) }
}

/// Repeats an attempt until the server's sockets exist.
fn patiently<T>(mut attempt: impl FnMut() -> std::io::Result<T>) -> T {
    for _ in 0..6000 {
        match attempt() {
            Ok(value) => return value,
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
    attempt().unwrap()
}

#[test]
fn tcp_and_unix_sockets_are_taken_from_systemd() {
    let folder = folder("passed");
    let (tcp, path) = (free(), folder.join("socket"));
    let process = activate(&[], "passed", &[&tcp.to_string(), path.to_str().unwrap()]);
    let mut one = patiently(|| connect(tcp));
    let mut other = patiently(|| UnixStream::connect(&path));
    one.set_read_timeout(Some(PATIENCE)).unwrap();
    other.set_read_timeout(Some(PATIENCE)).unwrap();
    check_alive(&mut one);
    check_alive(&mut other);
    check_alive(&mut one);
    process.stop();
    // The file is not the server's.
    assert!(path.exists());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn udp_sockets_are_taken_from_systemd() {
    let (udp, other) = (free(), free());
    let process = activate(&["--datagram"], "passed", &[&udp.to_string(), &other.to_string()]);
    for udp in [udp, other] {
        let mut client = oncilla_host::udp(udp).unwrap();
        client.set_timeout(PATIENCE);
        // Calls are sent again until the socket exists.
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    }
    process.stop();
}

#[test]
fn the_connection_of_one_client_is_refused() {
    let folder = folder("accept");
    let (tcp, report) = (free(), folder.join("report"));
    let setting = format!("--setenv={REPORT}={}", report.display());
    let _process = activate(&["--accept", &setting], "passed", &[&tcp.to_string()]);
    drop(patiently(|| connect(tcp)));
    let report = patiently(|| {
        std::fs::read_to_string(&report)
            .and_then(|text| if text.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(text) })
    });
    let expected = "cannot serve socket 0 of those that systemd passed: it is not a TCP, UDP or listening Unix socket; \
                    use ListenStream= or ListenDatagram=, and not Accept=yes";
    assert_eq!(report, expected);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A server that reports its state to `socket`.
fn reporting(socket: &Path, watchdog: Option<Duration>) -> Process {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["server", "--exact", "--nocapture"]).env(ROLE, "alone").env("NOTIFY_SOCKET", socket);
    if let Some(watchdog) = watchdog {
        command.env("WATCHDOG_USEC", watchdog.as_micros().to_string());
    }
    Process::start(&mut command)
}

fn next(manager: &UnixDatagram) -> String {
    let mut message = [0; 256];
    let length = manager.recv(&mut message).unwrap();
    String::from_utf8(message[..length].to_vec()).unwrap()
}

#[test]
fn the_manager_learns_the_state_of_the_server() {
    let folder = folder("state");
    let path = folder.join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let process = reporting(&path, None);
    assert_eq!(next(&manager), "READY=1\n");
    process.stop();
    assert_eq!(next(&manager), "STOPPING=1\n");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_watchdog_learns_again_and_again_that_the_server_works() {
    let folder = folder("watchdog");
    let path = folder.join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let process = reporting(&path, Some(MOMENT));
    assert_eq!(next(&manager), "READY=1\n");
    for _ in 0..5 {
        assert_eq!(next(&manager), "WATCHDOG=1\n");
    }
    process.stop();
    while next(&manager) != "STOPPING=1\n" {}
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn systemd_accepts_the_example_units() {
    let folder = folder("units");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/systemd");
    let units = ["clock.socket", "clock.service"].map(|name| {
        let text = std::fs::read_to_string(examples.join(name)).unwrap();
        // The program must exist.
        std::fs::write(folder.join(name), text.replace("/usr/local/bin/clock", "/bin/true")).unwrap();
        folder.join(name)
    });
    let output = Command::new("systemd-analyze").arg("verify").args(units).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    std::fs::remove_dir_all(folder).unwrap();
}
