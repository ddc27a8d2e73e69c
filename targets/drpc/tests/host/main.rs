//! Servers and clients on sockets: what they serve, refuse and outlive.
#![cfg(unix)]

mod bounds;
mod calls;
mod files;
#[path = "../../examples/pools.rs"]
mod pools;
mod responses;
mod stopping;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use oncilla::{Failure, Procedure, Program, Table, table};
use oncilla_drpc::{Call, Client, Error, Module, Modules, PACKET_MAX, Packets, Response, Server, Stopper, modules};
use socket2::{Domain, SockAddr, Socket, Type};

oncilla::program! {
    mod counter = 0x2000_0002, version 1 {
        fn add(a: i32, b: i32) -> i32 = 201;
        fn touch() = 202;
        fn note(number: u32) = 204, oneway;
    }
}

/// More than anything takes here.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest body that `ECHO` returns, and that `LARGE` does.
const ECHO_MAX: usize = PACKET_MAX - 100;
const LARGE_MAX: usize = 1 << 20;

/// Method 1 of module 7 returns its body, up to a packet. Method 2 returns more. Method 3 waits.
const BODIES: Program<State> = Program::new(
    0x2000_0007,
    1,
    const { &[Procedure::new(1, ECHO_MAX, echo), Procedure::new(2, LARGE_MAX, echo), Procedure::new(3, 0, wait)] },
);

/// The state: the sum of the numbers noted, and the ends of what a waiting procedure waits for.
#[derive(Default)]
struct State {
    noted: u32,
    gate: Option<(Sender<()>, Receiver<()>)>,
}

fn echo(_: &mut State, call: &oncilla::message::Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let body = call.arguments();
    room.get_mut(..body.len()).ok_or(Failure::SystemError)?.copy_from_slice(body);
    Ok(body.len())
}

/// Reports that it runs, and returns when it is told to.
fn wait(state: &mut State, _: &oncilla::message::Call<'_>, _: &mut [u8]) -> Result<usize, Failure> {
    let (begun, go_on) = state.gate.as_ref().ok_or(Failure::SystemError)?;
    begun.send(()).map_err(|_| Failure::SystemError)?;
    go_on.recv_timeout(PATIENCE).map_err(|_| Failure::SystemError)?;
    Ok(0)
}

impl counter::Service for State {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
    fn touch(&mut self) {}
    fn note(&mut self, number: u32) {
        self.noted += number;
    }
}

static TABLE: Table<State> = table![counter::program(), BODIES];
static MODULES: Modules = modules![Module::new(2, counter::PROGRAM, counter::VERSION), Module::new(7, 0x2000_0007, 1)];

/// A folder for one test, removed at its end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn socket(&self) -> PathBuf {
        self.0.path().join("s")
    }
}

/// A server that serves in a thread of its own.
struct Serving {
    path: PathBuf,
    stopper: Stopper,
    thread: Option<JoinHandle<(Result<(), Error>, State)>>,
    _folder: Folder,
}

impl Serving {
    fn start(set: impl FnOnce(Server) -> Server) -> Self {
        Self::start_with(State::default(), set)
    }

    fn start_with(mut state: State, set: impl FnOnce(Server) -> Server) -> Self {
        let folder = Folder::new();
        let path = folder.socket();
        let mut server = set(Server::bind(&path).unwrap());
        let stopper = server.stopper();
        let thread = thread::spawn(move || (server.serve(&MODULES, &TABLE, &mut state), state));
        Self { path, stopper, thread: Some(thread), _folder: folder }
    }

    fn client(&self) -> Client {
        Client::connect(&self.path, MODULES).unwrap().timeout(PATIENCE)
    }

    fn raw(&self) -> Raw {
        Raw::connect(&self.path)
    }

    /// Stops the server and returns the state.
    fn stop(mut self) -> State {
        self.stopper.stop();
        let (result, state) = self.thread.take().unwrap().join().unwrap();
        result.unwrap();
        state
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let joined = thread.join();
            assert!(thread::panicking() || joined.is_ok_and(|(result, _)| result.is_ok()), "the server failed");
        }
    }
}

/// A socket on which a test sends what it likes.
struct Raw(Socket);

impl Raw {
    fn connect(path: &Path) -> Self {
        let socket = Socket::new(Domain::UNIX, Type::SEQPACKET, None).unwrap();
        socket.connect(&SockAddr::unix(path).unwrap()).unwrap();
        Self::of(socket)
    }

    fn of(socket: Socket) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket.set_send_buffer_size(4 * PACKET_MAX).unwrap();
        Self(socket)
    }

    fn send(&mut self, packet: &[u8]) {
        assert_eq!(self.0.write(packet).unwrap(), packet.len());
    }

    /// Returns the next packet, which is empty at the end of the connection.
    fn receive(&mut self) -> Vec<u8> {
        let mut packet = vec![0; 2 * PACKET_MAX];
        match self.0.read(&mut packet) {
            Ok(length) => packet.truncate(length),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => packet.clear(),
            Err(error) => panic!("{error}"),
        }
        packet
    }

    fn call(&mut self, call: Call<'_>) {
        let mut message = vec![0; call.size()];
        call.write(&mut message).unwrap();
        self.send(&message);
    }

    /// Expects a response.
    fn expect(&mut self, sequence: i64, status: i32, body: &[u8]) {
        let packet = self.receive();
        assert!(!packet.is_empty(), "the connection is closed");
        let response = Response::parse(&packet).unwrap();
        assert_eq!((response.sequence, response.status.0), (sequence, status));
        assert!(response.body == body, "{} bytes of results", response.body.len());
    }
}
