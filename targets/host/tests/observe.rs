//! What a server's observer sees: one event for each call, connection and dropped message.
#![cfg(unix)]

#[path = "../../../tests/support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oncilla::message::{Call, CallHeader, OpaqueAuth, SysCredential};
use oncilla::{Handled, Handler, Needs, Outcome, ProcedureId, Refusal};
use oncilla_host::{Closed, Dropped, Event, Origin, Server};
use sockets::*;

/// An event with nothing borrowed.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    /// Where from, program and procedure, user, bytes in and out, outcome.
    Call(Origin, Option<(&'static str, &'static str)>, Option<(u32, u32, String)>, (usize, usize), Outcome),
    Accepted(Origin),
    Leaving(Origin),
    Closed(Origin, Closed),
    Dropped(Origin, Dropped),
}

fn seen(event: &Event<'_>) -> Seen {
    match event {
        Event::Call(call) => Seen::Call(
            call.origin,
            call.program.zip(call.procedure),
            call.user().map(|user| (user.uid, user.gid, String::from_utf8_lossy(user.machine).into_owned())),
            (call.call_bytes, call.reply_bytes),
            call.outcome,
        ),
        Event::Accepted(origin) => Seen::Accepted(*origin),
        Event::Leaving(origin) => Seen::Leaving(*origin),
        Event::Closed { origin, why } => Seen::Closed(*origin, *why),
        Event::Dropped { origin, why } => Seen::Dropped(*origin, *why),
        other => panic!("an unknown event: {other:?}"),
    }
}

/// A server whose events can be waited for.
struct Observed {
    served: Served,
    events: Receiver<Seen>,
}

impl Observed {
    fn new(settings: impl FnOnce(Server) -> Server) -> Self {
        let (sender, events) = channel();
        let observe = move |event: &Event<'_>| sender.send(seen(event)).unwrap_or_default();
        let server = Server::new().unwrap().names(&[probe::NAMES]).observe(observe);
        Self { served: Served::on(settings(server)), events }
    }

    fn tcp(settings: impl FnOnce(Server) -> Server) -> Self {
        Self::new(|server| settings(server).tcp("127.0.0.1:0").unwrap())
    }

    fn next(&self) -> Seen {
        self.events.recv_timeout(PATIENCE).unwrap()
    }

    fn expect(&self, expected: &[Seen]) {
        for expected in expected {
            assert_eq!(&self.next(), expected);
        }
    }
}

fn origin(stream: &TcpStream) -> Origin {
    Origin::Tcp(stream.local_addr().unwrap())
}

fn named(procedure: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("probe", procedure))
}

/// Sends a call and reads its reply.
fn ask(stream: &mut TcpStream, message: &[u8]) {
    stream.write_all(&record(message)).unwrap();
    read_record(stream).unwrap();
}

#[test]
fn a_call_on_tcp_is_seen_with_its_connection() {
    let observed = Observed::tcp(|server| server);
    let mut client = observed.served.raw();
    let from = origin(&client);
    check_alive(&mut client);
    drop(client);
    observed.expect(&[
        Seen::Accepted(from),
        Seen::Call(from, named("add"), None, (48, 28), Outcome::Executed),
        Seen::Closed(from, Closed::Client),
    ]);
}

#[test]
fn the_claimed_user_is_seen() {
    let observed = Observed::tcp(|server| server);
    let mut client = observed.served.raw();
    let credential = SysCredential::new(1, "desk", 1000, 100, &[24]).unwrap();
    let verifier = OpaqueAuth::NONE;
    let header = CallHeader { xid: 7, id: procedure(0), credential: credential.as_auth(), verifier };
    let mut message = vec![0; header.size()];
    header.write(&mut message).unwrap();
    ask(&mut client, &message);
    let from = origin(&client);
    let user = Some((1000, 100, "desk".into()));
    observed
        .expect(&[Seen::Accepted(from), Seen::Call(from, named("null"), user, (message.len(), 24), Outcome::Executed)]);
}

#[test]
fn refusals_are_seen_with_their_reason() {
    let observed = Observed::tcp(|server| server);
    let mut client = observed.served.raw();
    let from = origin(&client);
    observed.expect(&[Seen::Accepted(from)]);
    let stranger = ProcedureId { program: 5, version: 1, procedure: 1 };
    let refused = |names, bytes, refusal| Seen::Call(from, names, None, bytes, Outcome::Refused(refusal));
    for (message, expected) in [
        (call(1, stranger, &[]), refused(None, (40, 24), Refusal::ProgramUnavailable)),
        (call(2, procedure(9), &[]), refused(None, (40, 24), Refusal::ProcedureUnavailable)),
        (call(3, procedure(2), &[]), refused(named("add"), (40, 24), Refusal::GarbageArguments)),
        (
            [1u32, 0, 3].into_iter().flat_map(u32::to_be_bytes).chain([0; 28]).collect(),
            refused(None, (40, 24), Refusal::RpcMismatch { low: 2, high: 2 }),
        ),
    ] {
        ask(&mut client, &message);
        observed.expect(&[expected]);
    }
}

#[test]
fn the_text_of_an_event_has_what_a_log_needs() {
    let (sender, lines) = channel();
    let observe = move |event: &Event<'_>| sender.send(event.to_string()).unwrap_or_default();
    let server = Server::new().unwrap().names(&[probe::NAMES]).observe(observe);
    let served = Served::on(server.tcp("127.0.0.1:0").unwrap());
    let mut client = served.raw();
    let from = client.local_addr().unwrap();
    check_alive(&mut client);
    ask(&mut client, &call(1, ProcedureId { program: 5, version: 6, procedure: 7 }, &[]));
    drop(client);
    assert_eq!(lines.recv().unwrap(), format!("tcp {from}: accepted"));
    let line = lines.recv().unwrap();
    assert!(line.starts_with(&format!("tcp {from}: probe.add: executed in ")), "{line}");
    assert!(line.ends_with(" µs, 48 bytes in, 28 bytes out"), "{line}");
    let line = lines.recv().unwrap();
    let start = format!("tcp {from}: program 0x5 version 6 procedure 7: refused with PROG_UNAVAIL (");
    assert!(line.starts_with(&start), "{line}");
    assert_eq!(lines.recv().unwrap(), format!("tcp {from}: closed: the client closed the connection"));
}

/// A socket whose peer is the UDP address of a server.
fn udp(server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

#[test]
fn a_retransmitted_datagram_is_seen_as_repeated_or_in_progress() {
    let mut address = None;
    let observed = Observed::new(|server| {
        let server = server.udp("127.0.0.1:0").unwrap();
        address = server.udp_addresses().pop();
        server
    });
    let client = udp(address.unwrap());
    let from = Origin::Udp(client.local_addr().unwrap());
    let count = call(1, procedure(4), &[]);
    for outcome in [Outcome::Executed, Outcome::Repeated] {
        client.send(&count).unwrap();
        client.recv(&mut [0; 64]).unwrap();
        observed.expect(&[Seen::Call(from, named("count"), None, (40, 28), outcome)]);
    }
    // Two copies arrive while the procedure runs.
    let sleep = call(2, procedure(5), &300u32.to_be_bytes());
    client.send(&sleep).unwrap();
    client.send(&sleep).unwrap();
    observed.expect(&[
        Seen::Call(from, named("sleep"), None, (44, 24), Outcome::Executed),
        Seen::Dropped(from, Dropped::InProgress),
    ]);
    // A reply is not a call.
    client.send(&reply(1, &[])).unwrap();
    observed.expect(&[Seen::Dropped(from, Dropped::NotACall)]);
}

#[test]
fn the_user_of_a_unix_socket_is_the_systems_knowledge() {
    let folder = new_folder();
    let path = folder.join("socket");
    let observed = Observed::new(|server| server.unix(&path).unwrap());
    let mut client = UnixStream::connect(&path).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    check_alive(&mut client);
    let from = Origin::Unix { uid: Some(nix::unistd::getuid().as_raw()) };
    observed.expect(&[Seen::Accepted(from), Seen::Call(from, named("add"), None, (48, 28), Outcome::Executed)]);
    drop(observed);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Creates an empty folder.
fn new_folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("oncilla-observe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn each_way_to_lose_a_connection_has_its_reason() {
    let limits =
        |server: Server| server.connections(1).message_timeout(MOMENT).idle_timeout(Some(Duration::from_millis(400)));
    let observed = Observed::tcp(limits);

    let mut half = observed.served.raw();
    half.write_all(&[0x80, 0]).unwrap();
    let from = origin(&half);
    observed.expect(&[Seen::Accepted(from), Seen::Closed(from, Closed::MessageTimeout)]);

    let idle = observed.served.raw();
    let from = origin(&idle);
    observed.expect(&[Seen::Accepted(from), Seen::Closed(from, Closed::IdleTimeout)]);

    let observed = Observed::tcp(|server| server);
    let reset = observed.served.raw();
    let from = origin(&reset);
    observed.expect(&[Seen::Accepted(from)]);
    socket2::SockRef::from(&reset).set_linger(Some(Duration::ZERO)).unwrap();
    drop(reset);
    observed.expect(&[Seen::Closed(from, Closed::Failed)]);
}

/// Waits until it sees that its client leaves.
#[derive(Clone)]
struct Waits(Arc<Mutex<Receiver<Seen>>>);

impl Handler for Waits {
    fn reply_max(&self) -> usize {
        32
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: 0, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, _: &mut [u8]) -> Handled {
        let left = Seen::Leaving(Origin::Tcp(*call.peer().unwrap()));
        let events = self.0.lock().unwrap();
        while events.recv_timeout(PATIENCE).unwrap() != left {}
        Handled::Dropped
    }
}

#[test]
fn a_client_that_leaves_while_a_worker_executes_its_call_is_seen_at_once() {
    let (sender, events) = channel();
    let observe = move |event: &Event<'_>| sender.send(seen(event)).unwrap_or_default();
    let mut server = Server::new().unwrap().observe(observe).tcp("127.0.0.1:0").unwrap();
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve_by(1, Waits(Arc::new(Mutex::new(events)))));
    let request = call(1, ProcedureId { program: probe::PROGRAM, version: probe::VERSION, procedure: 1 }, &[]);
    for reset in [false, true] {
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(&record(&request)).unwrap();
        if reset {
            socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        }
        drop(client);
    }
    // The only worker is free again when both of them were seen.
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(&record(&request)).unwrap();
    drop(client);
    stopper.stop();
    serving.join().unwrap().unwrap();
}

/// Returns a copy of the server's socket of a client, as a child process has it between its fork and its exec.
#[cfg(target_os = "linux")]
fn copy(client: &TcpStream) -> TcpStream {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let this = pidfd_open(getpid(), PidfdFlags::empty()).unwrap();
    let address = client.local_addr().unwrap();
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
    descriptors
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|number| Some(TcpStream::from(pidfd_getfd(&this, number, PidfdGetfdFlags::empty()).ok()?)))
        .find(|stream| stream.peer_addr().is_ok_and(|peer| peer == address))
        .unwrap()
}

/// Waits for some time to see that its client leaves, which must not be.
#[cfg(target_os = "linux")]
#[derive(Clone)]
struct Stays(Arc<Mutex<Receiver<Seen>>>);

#[cfg(target_os = "linux")]
impl Handler for Stays {
    fn reply_max(&self) -> usize {
        32
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: 0, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, _: &mut [u8]) -> Handled {
        let left = Seen::Leaving(Origin::Tcp(*call.peer().unwrap()));
        let events = self.0.lock().unwrap();
        while let Ok(event) = events.recv_timeout(MOMENT) {
            if event == left {
                return Handled::Refused(Refusal::SystemError);
            }
        }
        Handled::Results(0)
    }
}

/// The system watches a socket until the last process has closed it. Its end is not that of the next connection.
#[cfg(target_os = "linux")]
#[test]
fn the_end_of_a_connection_that_a_child_process_has_too_is_not_that_of_another_one() {
    let (sender, events) = channel();
    let observe = move |event: &Event<'_>| sender.send(seen(event)).unwrap_or_default();
    let mut server = Server::new().unwrap().connections(1).observe(observe).tcp("127.0.0.1:0").unwrap();
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve_by(1, Stays(Arc::new(Mutex::new(events)))));
    let request = call(1, ProcedureId { program: probe::PROGRAM, version: probe::VERSION, procedure: 1 }, &[]);
    let mut before: Option<TcpStream> = None;
    for _ in 0..5 {
        // It makes room for this one, in whose slot it was.
        let child = before.as_ref().map(copy);
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(&record(&request)).unwrap();
        assert_eq!(read_record(&mut client).unwrap()[8..], [0; 16]);
        drop(child);
        before = Some(client);
    }
    stopper.stop();
    serving.join().unwrap().unwrap();
}

#[test]
fn a_connection_that_makes_room_and_one_without_a_slot_are_told_apart() {
    let observed = Observed::tcp(|server| server.connections(1));
    let mut first = observed.served.raw();
    check_alive(&mut first);
    let second = observed.served.raw();
    let (one, two) = (origin(&first), origin(&second));
    let add = Seen::Call(one, named("add"), None, (48, 28), Outcome::Executed);
    observed.expect(&[Seen::Accepted(one), add, Seen::Accepted(two), Seen::Closed(one, Closed::MadeRoom)]);

    // A connection that has made a call and is in the middle of another one is not idle.
    let mut second = second;
    check_alive(&mut second);
    observed.expect(&[Seen::Call(two, named("add"), None, (48, 28), Outcome::Executed)]);
    second.write_all(&[0x80, 0]).unwrap();
    std::thread::sleep(MOMENT);
    let third = observed.served.raw();
    let three = origin(&third);
    observed.expect(&[Seen::Accepted(three), Seen::Closed(three, Closed::NoSlot)]);

    let Observed { served, events } = observed;
    served.stop();
    assert_eq!(events.recv().unwrap(), Seen::Closed(two, Closed::Stopped));
    assert!(events.recv().is_err(), "an event after the end");
}

/// A second panic while the first unwinds would abort the process.
#[test]
fn an_observer_that_panics_again_and_again_ends_the_server_with_its_first_panic() {
    for last in 1..4 {
        let events = AtomicU32::new(0);
        let observe = move |_: &Event<'_>| {
            let event = events.fetch_add(1, Ordering::Relaxed);
            if event >= last {
                resume_unwind(Box::new(event));
            }
        };
        let mut server = Server::new().unwrap().observe(observe).tcp("127.0.0.1:0").unwrap();
        let address = server.tcp_addresses()[0];
        let serving =
            thread::spawn(move || catch_unwind(AssertUnwindSafe(|| server.serve(&TABLE, &mut Service::default()))));
        let _clients = [(); 4].map(|()| TcpStream::connect(address));
        let panic = serving.join().unwrap().unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&last));
    }
}
