//! A program whose procedures may run at the same time, served with workers.

#![allow(dead_code)] // Each test crate uses its own part.

use std::net::{SocketAddr, TcpStream};
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use oncilla::ProcedureId;
use oncilla_host::{Client, Error, Server, Stopper};

use crate::sockets::PATIENCE;

oncilla::program! {
    pub mod house = 0x2000_009a, version 1 {
        /// Returns when so many of these calls run.
        fn meet(callers: u32) = 1;
        /// Notes the call of a client, and returns its number.
        fn note(client: u32, number: u32) -> u32 = 2;
        fn panic() = 3;
        /// The same, which takes a tenth of a second.
        fn slow_note(client: u32, number: u32) -> u32 = 4;
        /// Returns so many bytes.
        fn bytes(length: u32) -> &[u8] [..1 << 22] = 5, idempotent;
        /// Returns the number of bytes.
        fn take(data: &[u8] [..1 << 22]) -> u32 = 6;
    }
}

/// A handle of the one house.
#[derive(Clone, Default)]
pub struct Handle {
    shared: Arc<(Mutex<State>, Condvar)>,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct State {
    calls: usize,
    /// Callers that have come, and groups that have left.
    waiting: u32,
    groups: u32,
    notes: Vec<(u32, u32)>,
}

impl Handle {
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap()
    }

    /// The number of calls so far.
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// Clients and numbers, in the order of their calls.
    pub fn notes(&self) -> Vec<(u32, u32)> {
        self.state().notes.clone()
    }
}

impl house::Service for Handle {
    fn meet(&mut self, callers: u32) {
        let mut state = self.state();
        state.calls += 1;
        state.waiting += 1;
        if state.waiting == callers {
            state.waiting = 0;
            state.groups += 1;
            self.shared.1.notify_all();
            return;
        }
        let group = state.groups;
        let (state, waited) = self.shared.1.wait_timeout_while(state, PATIENCE, |state| state.groups == group).unwrap();
        drop(state);
        assert!(!waited.timed_out(), "fewer than {callers} calls run at the same time");
    }

    fn note(&mut self, client: u32, number: u32) -> u32 {
        let mut state = self.state();
        state.calls += 1;
        state.notes.push((client, number));
        number
    }

    fn panic(&mut self) {
        resume_unwind(Box::new("the house is on fire"));
    }

    fn slow_note(&mut self, client: u32, number: u32) -> u32 {
        thread::sleep(Duration::from_millis(100));
        self.note(client, number)
    }

    fn bytes(&mut self, length: u32) -> &[u8] {
        self.state().calls += 1;
        self.bytes.resize(length as usize, 7);
        &self.bytes
    }

    fn take(&mut self, data: &[u8]) -> u32 {
        self.state().calls += 1;
        data.len() as u32
    }
}

pub static TABLE: oncilla::Table<Handle> = oncilla::table![house::program()];

/// The address of one of the procedures.
pub const fn procedure(number: u32) -> ProcedureId {
    ProcedureId { program: house::PROGRAM, version: house::VERSION, procedure: number }
}

/// A server with workers, stopped when it is dropped. With none, procedures run in the one thread of the server.
pub struct Served {
    pub address: SocketAddr,
    house: Handle,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl Served {
    pub fn new(workers: usize, settings: impl FnOnce(Server) -> Server) -> Self {
        Self::on(workers, settings(Server::new().unwrap()).tcp("127.0.0.1:0").unwrap())
    }

    pub fn on(workers: usize, mut server: Server) -> Self {
        let address = server.tcp_addresses().first().copied().unwrap_or(([0, 0, 0, 0], 0).into());
        let (stopper, house) = (server.stopper(), Handle::default());
        let mut handle = house.clone();
        let thread = thread::spawn(move || match workers {
            0 => server.serve(&TABLE, &mut handle),
            _ => server.serve_with_workers(workers, &TABLE, handle),
        });
        Self { address, house, stopper, thread: Some(thread) }
    }

    pub fn client(&self) -> Client {
        let mut client = oncilla_host::Connector::new().buffer((1 << 22) + 1024).tcp(self.address).unwrap();
        client.set_timeout(PATIENCE);
        client
    }

    pub fn raw(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn house(&self) -> &Handle {
        &self.house
    }

    pub fn stop(mut self) -> Handle {
        self.stopper.stop();
        self.join()
    }

    pub fn stop_within(mut self, limit: Duration) -> Handle {
        self.stopper.stop_within(limit);
        self.join()
    }

    fn join(&mut self) -> Handle {
        match self.thread.take().unwrap().join() {
            Ok(served) => served.unwrap(),
            Err(panic) => resume_unwind(panic),
        }
        self.house.clone()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if self.thread.is_some() && !thread::panicking() {
            self.stopper.stop();
            self.join();
        }
    }
}
