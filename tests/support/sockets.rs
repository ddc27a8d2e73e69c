//! A program served on real sockets, and the other end of a connection played by hand.

#![allow(dead_code)] // Each test crate uses its own part.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId};
use oncilla_host::{Client, Error, Server, Stopper};

/// Bytes of the largest data that `echo` takes: more than a socket takes at once.
pub const DATA_MAX: usize = 1 << 20;

/// Long enough for anything that should happen, so that a test that goes wrong ends.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Long enough to see that nothing happens.
pub const MOMENT: Duration = Duration::from_millis(100);

oncilla::program! {
    /// What the tests call.
    pub mod probe = 0x2000_0099, version 3 {
        fn echo(data: &[u8] [..1 << 20]) -> &[u8] [..1 << 20] = 1;
        fn add(a: i32, b: i32) -> i32 = 2;
        fn divide(a: i32, b: i32) -> Result<i32, u32> = 3;
        /// The number of calls so far, this one too; NULL does not count.
        fn count() -> u32 = 4;
        /// Takes so many milliseconds.
        fn sleep(milliseconds: u32) = 5;
    }
}

#[derive(Default)]
pub struct Service {
    pub calls: u32,
}

impl probe::Service for Service {
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        self.calls += 1;
        data
    }
    fn add(&mut self, a: i32, b: i32) -> i32 {
        self.calls += 1;
        a.wrapping_add(b)
    }
    fn divide(&mut self, a: i32, b: i32) -> Result<i32, u32> {
        self.calls += 1;
        a.checked_div(b).ok_or(33)
    }
    fn count(&mut self) -> u32 {
        self.calls += 1;
        self.calls
    }
    fn sleep(&mut self, milliseconds: u32) {
        self.calls += 1;
        thread::sleep(Duration::from_millis(milliseconds.into()));
    }
}

pub static TABLE: oncilla::Table<Service> = oncilla::table![probe::program()];

/// The address of one of the procedures.
pub const fn procedure(number: u32) -> ProcedureId {
    ProcedureId { program: probe::PROGRAM, version: probe::VERSION, procedure: number }
}

/// A server in a thread of its own, stopped when it is dropped.
pub struct Served {
    pub address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<Service, Error>>>,
}

impl Served {
    /// Serves on a free TCP port of this machine.
    pub fn new(settings: impl FnOnce(Server) -> Server) -> Self {
        Self::on(settings(Server::new().unwrap()).tcp("127.0.0.1:0").unwrap())
    }

    /// Serves where `server` listens.
    pub fn on(mut server: Server) -> Self {
        let address = server.tcp_addresses().first().copied().unwrap_or(([0, 0, 0, 0], 0).into());
        let stopper = server.stopper();
        let thread = thread::spawn(move || {
            let mut service = Service::default();
            server.serve(&TABLE, &mut service).map(|()| service)
        });
        Self { address, stopper, thread: Some(thread) }
    }

    /// A client of ours.
    pub fn client(&self) -> Client {
        patient(oncilla_host::Connector::new().buffer(DATA_MAX + 1024).tcp(self.address).unwrap())
    }

    /// A connection to be played on by hand.
    pub fn raw(&self) -> TcpStream {
        raw(TcpStream::connect(self.address).unwrap())
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> Service {
        self.stopper.stop();
        self.join()
    }

    /// Waits until it has stopped.
    pub fn join(&mut self) -> Service {
        self.thread.take().unwrap().join().unwrap().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.stopper.stop();
            let served = thread.join();
            if !thread::panicking() {
                served.unwrap().unwrap();
            }
        }
    }
}

fn patient(mut client: Client) -> Client {
    client.set_timeout(PATIENCE);
    client
}

fn raw(stream: TcpStream) -> TcpStream {
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A server played by hand: `script` has the one connection, the client is ours.
pub fn scripted<R>(script: impl FnOnce(TcpStream) + Send, test: impl FnOnce(Client) -> R) -> R {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || script(raw(listener.accept().unwrap().0)));
        test(patient(oncilla_host::Connector::new().buffer(4096).tcp(address).unwrap()))
    })
}

/// A whole call, before framing.
pub fn call(xid: u32, id: ProcedureId, arguments: &[u8]) -> Vec<u8> {
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; 40];
    assert_eq!(header.write(&mut message), Some(40));
    message.extend(arguments);
    message
}

/// A whole reply with results, before framing.
pub fn reply(xid: u32, results: &[u8]) -> Vec<u8> {
    let words = [xid, 1, 0, 0, 0, 0];
    words.into_iter().flat_map(u32::to_be_bytes).chain(results.iter().copied()).collect()
}

/// One fragment of a record.
pub fn fragment(bytes: &[u8], last: bool) -> Vec<u8> {
    let mark = bytes.len() as u32 | if last { 1 << 31 } else { 0 };
    [&mark.to_be_bytes(), bytes].concat()
}

/// A message as a record of one fragment.
pub fn record(message: &[u8]) -> Vec<u8> {
    fragment(message, true)
}

/// A message as fragments of one byte, with one of none between any two and at the end.
pub fn crumbs(message: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        message.iter().flat_map(|byte| [fragment(&[*byte], false), fragment(&[], false)].concat()).collect();
    bytes.extend(fragment(&[], true));
    bytes
}

/// Reads one record of one fragment, as all of ours are.
pub fn read_record(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark)?;
    let mark = u32::from_be_bytes(mark);
    assert!(mark >> 31 == 1 && mark << 1 >> 1 <= DATA_MAX as u32 + 1024, "a mark of {mark:#x}");
    let mut message = vec![0; (mark << 1 >> 1) as usize];
    stream.read_exact(&mut message)?;
    Ok(message)
}

/// The xid of a message.
pub fn xid(message: &[u8]) -> u32 {
    u32::from_be_bytes(message[..4].try_into().unwrap())
}

/// Whether the other end has closed or reset the connection; what it sent before is skipped.
pub fn is_closed(stream: &mut TcpStream) -> bool {
    loop {
        match stream.read(&mut [0; 1 << 16]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

/// Calls `add` over a connection played by hand, and checks the reply byte for byte.
pub fn check_alive(stream: &mut (impl Read + Write)) {
    stream.write_all(&record(&call(0xabcd, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3]))).unwrap();
    assert_eq!(read_record(stream).unwrap(), reply(0xabcd, &[0, 0, 0, 5]));
}
