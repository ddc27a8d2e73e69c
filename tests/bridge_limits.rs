//! The bridge without free file numbers, and with too many connections. One test in a file of its own, because the
//! limit of files is that of the process.

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

/// A limit against hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// More connections than any test makes.
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
fn a_bridge_survives_a_lack_of_files_and_limits_its_connections() {
    let (far, near) = TTYPort::pair().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Neither ends before the process does.
    thread::spawn(move || {
        let mut link = Connector::new().link(Serial::from(far));
        link.serve(&TABLE, &mut Device::default()).unwrap();
    });
    let serving = thread::spawn(move || oncilla_bridge::serve(&listener, &Bridge::new(Serial::from(near)), MANY));
    check_alive(address);

    // The client gets the last free file number, and the bridge has none for its end of the connection.
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

    // Silent connections take all places, and a further one is closed.
    let mut silent: Vec<TcpStream> = (0..2 * AT_ONCE).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert!(is_closed(silent.last_mut().unwrap()));
    drop(silent);
    // After they have closed there are free places again.
    while oncilla_host::tcp(address).is_ok_and(|mut caller| thermostat::Client::new(&mut caller).null().is_err()) {}
    check_alive(address);
}
