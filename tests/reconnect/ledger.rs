//! A program that counts how often it executed each call.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use oncilla_host::{Server, Stopper};

oncilla::program! {
    /// Each call has a number of its own.
    pub mod ledger = 0x2000_0097, version 1 {
        /// Returns how often this call was executed so far.
        fn enter(number: u32) -> u32 = 1;
        /// The same, for a procedure that the interface marks.
        fn read(number: u32) -> u32 = 2, idempotent;
        fn note(number: u32) = 3, oneway;
    }
}

/// The executions of each number. Clones share them, as servers that follow each other do.
#[derive(Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<HashMap<u32, u32>>>,
    accident: Arc<Mutex<Option<Accident>>>,
}

/// What happens during a call.
type Accident = Box<dyn FnOnce() + Send>;

impl Ledger {
    /// Returns how often a number was executed.
    pub fn executions(&self, number: u32) -> u32 {
        self.entries.lock().unwrap().get(&number).copied().unwrap_or(0)
    }

    /// Makes this happen during the next call, after it was counted and before it is answered.
    pub fn during_the_next(&self, accident: impl FnOnce() + Send + 'static) {
        *self.accident.lock().unwrap() = Some(Box::new(accident));
    }
}

impl ledger::Service for Ledger {
    fn enter(&mut self, number: u32) -> u32 {
        let executions = {
            let mut entries = self.entries.lock().unwrap();
            let executions = entries.entry(number).or_default();
            *executions += 1;
            *executions
        };
        if let Some(accident) = self.accident.lock().unwrap().take() {
            accident();
        }
        executions
    }

    fn read(&mut self, number: u32) -> u32 {
        self.enter(number)
    }

    fn note(&mut self, number: u32) {
        self.enter(number);
    }
}

pub static TABLE: oncilla::Table<Ledger> = oncilla::table![ledger::program()];

/// A server of a ledger in a thread of its own, stopped when it is dropped.
pub struct Running {
    pub address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Serves on TCP at `address`.
    pub fn at(address: SocketAddr, ledger: &Ledger) -> Self {
        Self::on(Server::new().unwrap().tcp(address).unwrap(), ledger)
    }

    /// Serves on a free port, with other settings.
    pub fn with(ledger: &Ledger, settings: impl FnOnce(Server) -> Server) -> Self {
        Self::on(settings(Server::new().unwrap().tcp("127.0.0.1:0").unwrap()), ledger)
    }

    fn on(mut server: Server, ledger: &Ledger) -> Self {
        let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
        let mut ledger = ledger.clone();
        let thread = thread::spawn(move || server.serve(&TABLE, &mut ledger).unwrap());
        Self { address, stopper, thread: Some(thread) }
    }

    /// Serves on a free port.
    pub fn new(ledger: &Ledger) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), ledger)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        let ended = self.thread.take().unwrap().join();
        if !thread::panicking() {
            ended.unwrap();
        }
    }
}
