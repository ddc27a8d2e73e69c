//! The serial port of the shim, with a Rust host as its peer.

use std::io::{Read, Write};
use std::thread;

use crate::examples::{LIMIT, Server, WAYS, add, failure, ours, run};
use oncilla::{Failure, Procedure, Program, Table};
use oncilla_host::{Connector, Serial};
use serialport::{SerialPort, TTYPort};

/// Numbers whose bytes a terminal that is not raw would change: carriage return, line feed, end of file, flow control,
/// delete, and the 0xff of a break.
const SPECIAL: [i32; 4] = [0x0d0a_0304, 0x1113_7f15, 0x1a1c_0d00, -1];

/// A serial line whose two ends are opened by name: two pseudo-terminals, and threads that copy bytes between them.
struct Line {
    near: TTYPort,
    far: TTYPort,
}

impl Line {
    fn new() -> Self {
        let (near_end, near) = TTYPort::pair().unwrap();
        let (far_end, far) = TTYPort::pair().unwrap();
        carry(&near_end, &far_end);
        carry(&far_end, &near_end);
        Self { near, far }
    }

    fn near(&self) -> String {
        self.near.name().unwrap()
    }

    fn far(&self) -> String {
        self.far.name().unwrap()
    }
}

/// Copies bytes until the line is closed.
fn carry(from: &TTYPort, to: &TTYPort) {
    let mut from = from.try_clone_native().unwrap();
    let mut to = to.try_clone_native().unwrap();
    from.set_timeout(LIMIT).unwrap();
    thread::spawn(move || {
        let mut bytes = [0; 64];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            if to.write_all(&bytes[..length]).is_err() {
                return;
            }
        }
    });
}

#[test]
fn the_hosts_client_calls_our_server() {
    for way in WAYS {
        let line = Line::new();
        let mut command = ours("server", way);
        command.args(["0", &line.far()]);
        let server = Server::start(command);
        let mut client = oncilla_host::serial(&line.near(), 115_200).unwrap();
        client.set_timeout(LIMIT);
        for number in SPECIAL {
            assert_eq!(add(&mut client, number, 7).unwrap(), number.wrapping_add(7));
        }
        // The same thread serves UDP meanwhile.
        let mut datagrams = server.datagrams();
        assert_eq!(add(&mut datagrams, 1, 2).unwrap(), 3);
        assert_eq!(add(&mut client, 3, 4).unwrap(), 7);
        server.end();
    }
}

fn adds(_: &mut (), call: &oncilla::message::Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    use oncilla::{Reader, Writer, Xdr};
    let mut arguments = Reader::new(call.arguments());
    let a = arguments.take::<Xdr, i32>().map_err(|_| Failure::GarbageArguments)?;
    let b = arguments.take::<Xdr, i32>().map_err(|_| Failure::GarbageArguments)?;
    let mut results = Writer::new(room);
    results.put::<Xdr, _>(&a.wrapping_add(b)).map_err(|_| Failure::SystemError)?;
    Ok(4)
}

static PROCEDURES: [Procedure<()>; 1] = [Procedure::new(1, 4, adds)];
static PROGRAMS: [Program<()>; 1] = [Program::new(0x2000_0055, 1, &PROCEDURES)];

#[test]
fn our_client_calls_the_hosts_server() {
    for way in WAYS {
        let line = Line::new();
        let port = Serial::open(&line.near(), 115_200).unwrap();
        thread::spawn(move || {
            let table = Table::new(&PROGRAMS).unwrap();
            // The thread ends when the line is closed.
            let _ = Connector::new().link(port).serve(&table, &mut ());
        });
        for number in SPECIAL {
            let output = run(ours("client", way).args(["serial", &line.far(), &number.to_string(), "7"]), "valgrind");
            assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", number.wrapping_add(7)));
        }
    }
}

#[test]
fn the_peer_is_missing() {
    for way in WAYS {
        let line = Line::new();
        let said = failure(ours("client", way).args(["serial", &line.far(), "1", "2", "1", "200"]));
        assert!(said.starts_with("ONCILLA_TIMED_OUT"), "{said}");
        let said = failure(ours("client", way).args(["serial", "/nowhere/at-all", "1", "2"]));
        assert!(said.starts_with("ONCILLA_TRANSPORT") && said.ends_with(": No such file or directory\n"), "{said}");
    }
}

#[test]
fn lines_are_served_independently() {
    for way in WAYS {
        run(&mut ours("lines", way), "valgrind");
    }
}
