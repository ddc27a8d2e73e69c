//! A module of storage pools on dRPC: a server, and a client with its generated functions.

use std::error::Error;
use std::path::Path;
use std::{env, fs, process, thread};

use oncilla::{Table, table};
use oncilla_drpc::{Client, Module, Modules, Server, modules};

oncilla::program! {
    /// Storage pools.
    mod pools = 0x2000_0002, version 1 {
        /// Creates a pool of this many bytes; returns its number.
        fn create(size: u64) -> u32 = 207;
        /// Returns the size of a pool in bytes, or nothing if it does not exist.
        fn query(pool: u32) -> Option<u64> = 223;
    }
}

/// The state of the server.
#[derive(Default)]
struct Pools(Vec<u64>);

impl pools::Service for Pools {
    fn create(&mut self, size: u64) -> u32 {
        self.0.push(size);
        self.0.len() as u32 - 1
    }

    fn query(&mut self, pool: u32) -> Option<u64> {
        self.0.get(pool as usize).copied()
    }
}

static TABLE: Table<Pools> = table![pools::program()];

// Module 2 is this program: its method 207 is procedure 207.
static MODULES: Modules = modules![Module::new(2, pools::PROGRAM, pools::VERSION)];

fn call(socket: &Path) -> Result<(), Box<dyn Error>> {
    let mut client = Client::connect(socket, MODULES)?;
    let mut pools = pools::Client::new(&mut client);
    let pool = pools.create(1 << 40)?;
    assert_eq!(pools.query(pool)?, Some(1 << 40));
    // Without an interface: the body is what the procedure decodes.
    let response = client.call_method(2, 223, &[0, 0, 0, 9])?;
    println!("{}: {:?}", response.status, response.body);
    Ok(())
}

/// Serves and calls.
///
/// # Errors
/// Those of the server and of the calls.
pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("pools-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let socket = folder.join("server.sock");

    let mut server = Server::bind(&socket)?;
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&MODULES, &TABLE, &mut Pools::default()));
    let called = call(&socket);
    stopper.stop();
    serving.join().map_err(|_| "the server panicked")??;
    fs::remove_dir_all(&folder)?;
    called
}
