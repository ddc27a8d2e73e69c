//! The bridge when the system lacks something, or too many connect. One test alone: the limit of files is the process's.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use oncilla::Table;
use oncilla_bridge::{AT_ONCE, Bridge};
use oncilla_host::{Connector, Serial};
use oncilla_thermostat::{Device, thermostat};
use serialport::TTYPort;

/// Long enough for anything that should happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// More than any test connects.
const MANY: usize = 1000;

static TABLE: Table<Device> = oncilla::table![thermostat::program()];

/// Calls the device on a connection of its own.
fn check_alive(address: SocketAddr) {
    let mut caller = oncilla_host::tcp(address).unwrap();
    caller.set_timeout(PATIENCE);
    let check = thermostat::Client::new(&mut caller).show(&[1, 2]).unwrap();
    assert_eq!(check, oncilla::framing::crc32(&[1, 2]));
}

fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    matches!(stream.read(&mut [0]), Ok(0))
        || stream.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

#[test]
fn a_bridge_outlives_what_the_system_lacks_and_has_a_limit() {
    let (far, near) = TTYPort::pair().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Neither of them ends before the process does.
    thread::spawn(move || {
        let mut link = Connector::new().link(Serial::from(far));
        link.serve(&TABLE, &mut Device::default()).unwrap();
    });
    let serving = thread::spawn(move || oncilla_bridge::serve(&listener, &Bridge::new(Serial::from(near)), MANY));
    check_alive(address);

    // The client gets the last number that there is, and the bridge none for its end.
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let next = File::open("/dev/null").unwrap().as_raw_fd() as u64;
    setrlimit(Resource::RLIMIT_NOFILE, next + 1, hard).unwrap();
    let mut waiting = TcpStream::connect(address).unwrap();
    waiting.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let unanswered = waiting.read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(unanswered, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{unanswered:?}");
    assert!(!serving.is_finished(), "it ended for lack of a file descriptor");
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    check_alive(address);
    drop(waiting);

    // Those that say nothing take places, and one more is closed.
    let mut silent: Vec<TcpStream> = (0..2 * AT_ONCE).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert!(is_closed(silent.last_mut().unwrap()));
    drop(silent);
    // When they have gone there are places again.
    while oncilla_host::tcp(address).is_ok_and(|mut caller| thermostat::Client::new(&mut caller).null().is_err()) {}
    check_alive(address);
}
