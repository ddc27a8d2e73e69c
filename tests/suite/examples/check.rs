//! Checks any board: `cargo run -p oncilla-suite --example check -- CARRIER ADDRESS PARTS`.
//!
//! CARRIER is `tcp`, `udp` or `serial`; on Unix systems also `unix` or `uart`, a UART that QEMU offers as a Unix socket.
//! PARTS are what the board must have, such as `types,replay`. It prints a table, and exits with 0 only when every check
//! passed that is about the board and the carrier.

use std::env;
use std::error::Error;
use std::io;
use std::net::{TcpStream, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use oncilla::framing::{self, Datagram, RecordAhead};
use oncilla_host::{Serial, Socket};
use oncilla_suite::checks::{Board, run};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [carrier, address, parts] = &arguments[..] else {
        return Err("usage: check tcp|udp|serial|unix|uart ADDRESS PARTS".into());
    };
    let board = Board::new(parts.parse()?);
    let report = match &carrier[..] {
        "tcp" => run(&board, || connection(address)),
        "udp" => run(&board, || datagrams(address)),
        "serial" => run(&board, || Serial::<framing::Serial>::open(address, 115_200)),
        #[cfg(unix)]
        "unix" => run(&board, || UnixStream::connect(address).map(Socket::<RecordAhead>::from)),
        #[cfg(unix)]
        "uart" => {
            let uart = UnixStream::connect(address)?;
            run(&board, || uart.try_clone().map(Socket::<framing::Serial>::from))
        }
        other => {
            return Err(format!("no carrier {other} here; use tcp, udp or serial, on Unix also unix or uart").into());
        }
    };
    println!("{report}");
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn connection(address: &str) -> io::Result<Socket<RecordAhead>> {
    let stream = TcpStream::connect(address)?;
    // Batches and bursts would wait for each other.
    stream.set_nodelay(true)?;
    Ok(stream.into())
}

fn datagrams(address: &str) -> io::Result<Socket<Datagram>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(address)?;
    Ok(socket.into())
}
