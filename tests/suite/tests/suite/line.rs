//! The whole suite over serial lines, served as boards serve it.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use embedded_io::{ErrorType, Read, ReadReady, Write};
use oncilla::framing::{Cobs, Serial};
use oncilla::{Clock, Link, Stream, Time, Transport};
use oncilla_host::Socket;
use oncilla_suite::checks::{Board, Carrier, Report, run};
use oncilla_suite::{CALL_MAX, Memory, Parts, REPLY_MAX, Suite, TABLE};

use crate::carriers::is_good;

/// A line's end, as a board's driver is one.
struct Uart(UnixStream);

impl ErrorType for Uart {
    type Error = io::Error;
}

impl Read for Uart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.set_nonblocking(false)?;
        io::Read::read(&mut self.0, into)
    }
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> io::Result<bool> {
        self.0.set_nonblocking(true)?;
        let socket = socket2::SockRef::from(&self.0);
        match socket.peek(&mut [std::mem::MaybeUninit::uninit()]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            // The end is to be read, too.
            result => result.map(|_| true),
        }
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set_nonblocking(false)?;
        io::Write::write(&mut self.0, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A clock of the system.
struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&mut self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn idle(&mut self, _: Time) {
        thread::sleep(Duration::from_micros(20));
    }
}

/// Runs the checks on one end of a line while the other is served.
pub fn on_line<F: Carrier>(board: Board, serve: impl FnOnce(UnixStream) + Send) -> Report {
    let (near, far) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| serve(far));
        let report = run(&board, || near.try_clone().map(Socket::<F>::from));
        // Ends the server.
        drop(near);
        report
    })
}

/// Serves as a board does until the line ends.
fn serve<T: Transport<Framing = Serial>>(transport: T) {
    let mut memory = Memory::new();
    // The line ends, perhaps amid a hello.
    let _ = oncilla_suite::run(&mut oncilla_suite::board(transport, 7, &mut memory));
}

#[test]
fn with_a_driver_and_a_clock() {
    let clock = || SystemClock(Instant::now());
    let report =
        on_line::<Serial>(Board::new(Parts::BUILT | Parts::LINE), |far| serve(Stream::new(Uart(far), clock())));
    is_good(&report, 55);
}

#[test]
fn with_a_transport() {
    let report = on_line::<Serial>(Board::new(Parts::BUILT | Parts::LINE), |far| serve(Socket::<Serial>::from(far)));
    is_good(&report, 55);
}

/// A host that knows nothing of short headers.
#[test]
fn with_a_host_that_does_not_introduce_itself() {
    let report = on_line::<Cobs>(Board::new(Parts::BUILT | Parts::LINE), |far| serve(Socket::<Serial>::from(far)));
    is_good(&report, 54);
}

/// A board that knows nothing of them.
#[test]
fn with_a_board_that_does_not_introduce_itself() {
    let report = on_line::<Cobs>(Board::new(Parts::BUILT), |far| {
        let (rx, tx) = (vec![0; Cobs::buffer(CALL_MAX)], vec![0; Cobs::buffer(REPLY_MAX)]);
        let mut link = Link::new(Socket::<Cobs>::from(far), rx, tx);
        let _ = link.serve(&TABLE, &mut Suite::new(Parts::NONE));
    });
    is_good(&report, 45);
}
