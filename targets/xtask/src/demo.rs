//! `cargo xtask demo`.

use std::{
    fmt::Display,
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use oncilla::{Caller, Client, Link, Retry, Table, framing::Cobs};
use oncilla_host::{Server, Stopper};
use oncilla_hostcalls::end as hostcalls;
use oncilla_thermostat::{Device, thermostat};

use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Profile},
    install::RPCINFO,
    qemu::Board,
    rpcinfo, setup,
    tour::{self, Row},
    workspace,
};

/// The time limit of a board. The calls take less.
const LIMIT: Duration = Duration::from_secs(60);

/// The number of calls of which the median is printed.
const MANY: usize = 1000;

static TABLE: Table<Device> = oncilla::table![thermostat::program()];

/// Calls a thermostat in firmware, and the same thermostat on this host.
pub fn run(from_source: bool) -> Result<()> {
    let firmware = setup::for_firmware(&LM3S6965EVB, from_source)?;
    let programs = firmware.build(Profile::Plain, Features::None, &["thermostat"])?;
    let program = programs.first().context("one firmware was built")?;
    on_the_board(program)?;
    let programs = firmware.build(Profile::Plain, Features::Clock, &["hostcalls"])?;
    let program = programs.first().context("one firmware was built")?;
    calls_its_host(program)?;
    on_this_host()
}

/// Boots firmware that prints, calls this program and is called by it, all on one UART.
fn calls_its_host(program: &Path) -> Result<()> {
    println!("\nA sensor in firmware that calls its host: one UART, short headers, text beside calls");
    let board = Board::boot(&LM3S6965EVB, program, LIMIT)?;
    let line = board.socket()?.with_log(hostcalls::show);
    let mut end = hostcalls::end(line, &workspace::root().join("examples/hostcalls/files"));
    hostcalls::look(&mut end, 6)?;
    Ok(())
}

fn on_the_board(program: &Path) -> Result<()> {
    println!("\nA thermostat in firmware: lm3s6965evb (Cortex-M3) in QEMU, over UART1, COBS with CRC-32");
    const CALL: usize = Cobs::buffer(thermostat::CALL_MAX);
    const REPLY: usize = Cobs::buffer(thermostat::REPLY_MAX);
    let start = Instant::now();
    let board = Board::boot(&LM3S6965EVB, program, LIMIT)?;
    let mut client = Client::new(Link::new(board.socket::<Cobs>()?, vec![0; REPLY], vec![0; CALL]), 1);
    // The firmware would execute a retransmitted call again, and this line loses nothing.
    client.set_retry(Retry::NEVER);
    thermostat::Client::new(&mut client).null()?;
    print_line("null()", start.elapsed(), "the first call, from starting QEMU to its reply");
    calls(&mut client)
}

fn on_this_host() -> Result<()> {
    let mut server = Server::new()?.call_max(thermostat::CALL_MAX).tcp("127.0.0.1:0")?;
    let [address] = server.tcp_addresses()[..] else { bail!("the server listens on one address") };
    let stopper = server.stopper();
    println!("\nThe same thermostat on this host: TCP to {address}, record marking");
    thread::scope(|scope| {
        let serving = scope.spawn(move || server.serve(&TABLE, &mut Device::default()));
        let stop = Stop(stopper);
        let called = oncilla_host::tcp(address).map_err(Into::into).and_then(|mut client| calls(&mut client));
        let found = called.and_then(|()| find(address));
        drop(stop);
        serving.join().ok().context("the server panicked; its message is above")??;
        found
    })
}

/// Stops a server when it is dropped.
struct Stop(Stopper);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Makes all calls of the tour, then many null calls.
fn calls<C: Caller<Error: Display + Send + Sync + std::error::Error + 'static>>(client: &mut C) -> Result<()> {
    let mut wrong = 0;
    tour::run(client, |row| {
        wrong += u32::from(row.came != row.expected);
        print(&row);
    });
    ensure!(wrong == 0, "{wrong} calls returned wrong results; they are marked above");
    let mut thermostat = thermostat::Client::new(client);
    let mut times = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        let start = Instant::now();
        thermostat.null()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    print_line("null()", times[MANY / 2], &format!("the median of {MANY}"));
    Ok(())
}

fn print(row: &Row) {
    let Row { call, expected, came, meaning, took } = row;
    let meaning = if meaning.is_empty() { String::new() } else { format!(" - {meaning}") };
    print_line(call, *took, &format!("{came}{meaning}"));
    if came != expected {
        println!("    {:<44}  WRONG: expected {expected}", "");
    }
}

fn print_line(call: &str, took: Duration, what: &str) {
    println!("    {call:<34}{:>7} µs  {what}", took.as_micros());
}

/// Calls the thermostat with rpcinfo, the standard's own tool.
fn find(address: SocketAddr) -> Result<()> {
    if !RPCINFO.is_there() {
        println!(
            "\nrpcinfo, the standard's own tool, is not installed (package rpcbind); it would find the thermostat too"
        );
        return Ok(());
    }
    println!("\nWhat rpcinfo reports");
    let printed = rpcinfo::find(address, thermostat::PROGRAM, thermostat::VERSION)?;
    println!("    {printed}");
    ensure!(printed.ends_with("ready and waiting"), "rpcinfo did not find the thermostat ready");
    Ok(())
}
