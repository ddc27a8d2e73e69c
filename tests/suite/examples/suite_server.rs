//! Serves the suite on TCP, on a port of loopback that the system chooses and that is printed, until its input ends.
//!
//! Built for another machine and run in an emulator it shows that the order of bytes there makes no difference:
//! `cargo xtask test` does so with a big-endian one.

use std::error::Error;
use std::io::{self, Write};
use std::thread;

use oncilla_host::Server;
use oncilla_suite::{Parts, Suite, TABLE};

fn main() -> Result<(), Box<dyn Error>> {
    let mut server = Server::new()?.tcp("127.0.0.1:0")?;
    let stopper = server.stopper();
    for address in server.tcp_addresses() {
        println!("{address}");
    }
    io::stdout().flush()?;
    thread::spawn(move || {
        // Whoever started this has ended, or wants it to end.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        stopper.stop();
    });
    server.serve(&TABLE, &mut Suite::new(Parts::NONE))?;
    Ok(())
}
