//! A thermostat, served and called over TCP. Its interface and its device are in the crate `examples/thermostat`,
//! because firmware serves them too: `cargo xtask demo`.
//!
//! ```text
//! cargo run --example quickstart                            server and client in one process
//! cargo run --example quickstart -- serve 20049             serves until stopped
//! cargo run --example quickstart -- call 127.0.0.1:20049    calls that server
//! rpcinfo -a 127.0.0.1.78.81 -T tcp 536870978 1             checks that the server answers
//! rpcinfo -n 20049 -t 127.0.0.1 536870978 1                 the same, where rpcinfo obeys -n
//! ```
//!
//! rpcinfo takes decimal numbers only: 536870978 is 0x2000_0042, and 78.81 is port 20049 as 78 × 256 + 81. The rpcinfo
//! of rpcbind 1.2.6 asks a port mapper even if -n gives the port.

use std::error::Error;
use std::process::ExitCode;
use std::thread;

use clap::{Parser, Subcommand};
use oncilla_host::{Client, Server};
use oncilla_thermostat::Reading;
pub use oncilla_thermostat::{Device, thermostat};

// The server: a table lists the programs it serves. The state implements their procedures.

pub static TABLE: oncilla::Table<Device> = oncilla::table![thermostat::program()];

pub fn server(port: u16) -> Result<Server, oncilla_host::Error> {
    Server::new()?.connections(16).call_max(thermostat::CALL_MAX).tcp(("127.0.0.1", port))
}

// The client: calls are methods. Errors of a call and errors of the application have different types.

fn call(client: &mut Client) -> Result<(), Box<dyn Error>> {
    let mut thermostat = thermostat::Client::new(client);

    if let Ok(Reading { place, millidegrees }) = thermostat.read(0)? {
        println!("the {place} has {} °C", f64::from(millidegrees) / 1000.0);
    }
    for channel in 1..=2 {
        println!("channel {channel}: {:?}", thermostat.read(channel)?);
    }
    println!("channel 0 is renamed: {:?}", thermostat.rename(0, "kitchen")?);
    println!("channel 0: {:?}", thermostat.read(0)?);

    if let Err(error) = thermostat.rename(0, "the garden behind the house") {
        println!("the name is too long: {error}");
    }
    Ok(())
}

#[derive(Parser)]
#[command(about = "A thermostat, served and called over TCP; without a command, both in one process")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves on this machine until stopped, for example by Ctrl-C
    Serve {
        /// The TCP port; 0 takes any free port
        port: u16,
    },
    /// Calls a server
    Call {
        /// The address of the server, such as 127.0.0.1:20049
        address: String,
    },
}

fn run(command: Option<Command>) -> Result<(), Box<dyn Error>> {
    match command {
        Some(Command::Serve { port }) => {
            let mut server = server(port)?.stop_on_signals()?;
            let address = server.tcp_addresses()[0];
            println!("serving program {} version {} on {address}", thermostat::PROGRAM, thermostat::VERSION);
            server.serve(&TABLE, &mut Device::default())?;
            println!("stopped");
            Ok(())
        }
        Some(Command::Call { address }) => call(&mut oncilla_host::tcp(&*address)?),
        None => {
            let mut server = server(0)?;
            let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
            thread::scope(|scope| {
                let serving = scope.spawn(move || server.serve(&TABLE, &mut Device::default()));
                let called = oncilla_host::tcp(address).map_err(Into::into).and_then(|mut client| call(&mut client));
                stopper.stop();
                serving.join().expect("the server does not panic")?;
                called
            })
        }
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}
