//! A server whose process has too many open files continues to serve its connections. One test in a file of its own,
//! because the limit is that of the process.

#[path = "support/sockets.rs"]
mod sockets;

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sockets::*;

#[test]
fn a_connection_that_cannot_be_accepted_waits_and_the_others_are_served() {
    let served = Served::new(|server| server);
    let mut first = served.raw();
    check_alive(&mut first);

    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    // The client gets the last free file number, and the server has none for its end of the connection.
    let next = File::open("/dev/null").unwrap().as_raw_fd() as u64;
    setrlimit(Resource::RLIMIT_NOFILE, next + 1, hard).unwrap();
    let mut second = served.raw();
    second.write_all(&record(&call(1, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3]))).unwrap();
    second.set_read_timeout(Some(MOMENT)).unwrap();
    let unanswered = second.read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(unanswered, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{unanswered:?}");
    check_alive(&mut first);

    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    second.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_record(&mut second).unwrap(), reply(1, &[0, 0, 0, 5]));
    check_alive(&mut first);
}
