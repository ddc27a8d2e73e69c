//! A device that measures, and the program that reads it, in three generations: each is a binary of its own that
//! shares no interface with the others, as firmware in the field shares none with the host that was updated.
//!
//! - `first`: version 1 of the interface.
//! - `second`: a procedure more in version 1.
//! - `third`: version 2 beside version 1.
//!
//! `first serve` is the firmware: it prints its address and serves until its input ends. `first call ADDRESS` is the
//! host: it prints what it has read, and how.

use std::env;
use std::error::Error;
use std::io;
use std::thread;

use oncilla::Table;
use oncilla_host::{Client, Server};

/// What the device measures on its channels, in thousandths of a degree Celsius.
pub const MEASURED: [i32; 3] = [20_500, -5_000, 0];

/// What may go wrong in either.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Does what the command line says: serves `table`, or reads by `read` what the device at an address measures.
///
/// # Errors
/// The command line is another, or whatever went wrong.
pub fn run<S: Default>(table: &'static Table<S>, read: impl FnOnce(Client) -> Result<String>) -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(table),
        ["call", address] => {
            println!("{}", read(oncilla_host::tcp(*address)?)?);
            Ok(())
        }
        _ => Err("usage: serve, or call ADDRESS".into()),
    }
}

fn serve<S: Default>(table: &Table<S>) -> Result<()> {
    let mut server = Server::new()?.tcp("127.0.0.1:0")?;
    let stopper = server.stopper();
    println!("{}", server.tcp_addresses()[0]);
    thread::spawn(move || {
        // Whoever has started it is gone.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        stopper.stop();
    });
    Ok(server.serve(table, &mut S::default())?)
}
