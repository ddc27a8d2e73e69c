//! FreeRTOS: tasks that serve, call, print and spin at the same time.

mod watcher;

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use object::{Object, ObjectSymbol};
use oncilla::{Client, Link, Retry, framing::Serial};
use oncilla_host::Socket;
use oncilla_suite::{
    Parts,
    checks::{self, Board as Told},
    suite_1,
};

use self::watcher::Watcher;
use super::Case;
use crate::qemu::Board;

pub(super) const CASES: &[&Case] = &[
    &Case { claim: "no allocator is linked with FreeRTOS", program: "tasks", check: nothing_allocates },
    &Case {
        claim: "a task of FreeRTOS serves while another waits for a silent host",
        program: "tasks",
        check: served_alone,
    },
    &Case { claim: "tasks of FreeRTOS share state under its lock", program: "tasks", check: shared },
    &Case {
        claim: "the suite passes and calls to the host go on while a task of FreeRTOS spins",
        program: "tasks",
        check: all_at_once,
    },
    &Case {
        claim: "calls of FreeRTOS are answered with and without a task that spins",
        program: "tasks",
        check: latency,
    },
];

/// The parts of the suite that the firmware has.
const PARTS: Parts = Parts::TYPES.and(Parts::BULK).and(Parts::POSTCARD).and(Parts::REPLAY);

/// The number of bytes that each stack must have left. FreeRTOS would detect an overflow, but not in this test.
const MARGIN: u32 = 128;

/// Symbols of allocators, in C and in Rust.
const ALLOCATORS: [&str; 9] =
    ["malloc", "calloc", "realloc", "free", "_sbrk", "pvPortMalloc", "vPortFree", "__rust_alloc", "__rust_dealloc"];

fn nothing_allocates(board: &Board) -> Result<String> {
    let data = fs::read(board.firmware())?;
    let file = object::File::parse(&*data)?;
    let names: Vec<_> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    // Where no symbols are, none would be found.
    for kernel in ["xTaskCreateStatic", "xStreamBufferGenericCreateStatic", "memcpy"] {
        ensure!(names.iter().any(|name| name.contains(kernel)), "the firmware has no symbol {kernel}");
    }
    let found: Vec<_> = names
        .iter()
        // Rust's have its mangling around.
        .filter(|name| ALLOCATORS.iter().any(|part| *name == part || part.starts_with("__rust") && name.contains(part)))
        .collect();
    ensure!(found.is_empty(), "it has {found:?}");
    Ok(String::new())
}

type Caller = Client<Socket<Serial>, Vec<u8>>;

/// Returns a client on the port on which the firmware serves. It sends every call once.
fn client(board: &Board, boot: u32) -> Result<Caller> {
    let link = Link::with_boot_number(board.socket::<Serial>()?, vec![0; 1 << 12], vec![0; 1 << 12], boot);
    let mut client = Client::new(link, boot << 16);
    client.set_timeout(Duration::from_secs(10));
    client.set_retry(Retry::NEVER);
    Ok(client)
}

/// The firmware's message when its client has waited in vain.
const SILENT: &str = "client: the host is silent\n";

fn served_alone(board: &Board) -> Result<String> {
    watcher::silent(board)?;
    let mut client = client(board, 1)?;
    let start = Instant::now();
    while !board.log().contains(SILENT) {
        suite_1::Client::new(&mut client).null()?;
        ensure!(start.elapsed() < Duration::from_secs(30), "the client did not find its host silent");
    }
    Ok(String::new())
}

fn shared(board: &Board) -> Result<String> {
    let watcher = watcher_of_spinning(board)?;
    let mut client = client(board, 1)?;
    for amount in 1..=20 {
        let sum = suite_1::Client::new(&mut client).add(amount)?;
        let reported = watcher.report()?.sum;
        ensure!(reported == sum, "the client's task sees {reported} where the server's has {sum}");
    }
    Ok(String::new())
}

/// Returns the host of a board whose lowest task spins.
pub fn watcher_of_spinning(board: &Board) -> Result<Watcher> {
    let watcher = Watcher::of(board)?;
    watcher.set_spinning(true)?;
    Ok(watcher)
}

/// Runs the portable suite.
pub fn suite(board: &Board) -> checks::Report {
    checks::run(&Told::new(PARTS), || board.socket::<Serial>())
}

fn all_at_once(board: &Board) -> Result<String> {
    let watcher = watcher_of_spinning(board)?;
    let (before, rounds, silent) = (watcher.reports(), watcher.report()?.rounds, board.log().matches(SILENT).count());
    let report = suite(board);
    let reports = watcher.reports() - before;
    ensure!(report.is_good(), "{report}");
    let last = watcher.report()?;
    ensure!(last.rounds != rounds, "the lowest task did not spin");
    ensure!(reports > 10, "the firmware reported only {reports} times meanwhile");
    ensure!(last.lost == 0, "the log had no room for {} lines", last.lost);

    let log = board.log();
    ensure!(log.matches(SILENT).count() == silent, "a call to the host failed meanwhile");
    for line in ["started\n", "spinner: on\n", "server: the host has introduced itself\n"] {
        ensure!(log.contains(line), "the log has no line {line:?}");
    }
    let mut told =
        format!("{} checks passed, {reports} calls to the host meanwhile; of the stacks never used:", report.passed());
    for (task, left) in ["server", "client", "log", "spinner"].into_iter().zip(last.stacks_left) {
        ensure!(
            log.contains(&format!("bytes of stack never used by {task} ")),
            "the log does not tell of {task}'s stack"
        );
        ensure!(left >= MARGIN, "the stack of {task} has only {left} bytes left");
        told += &format!(" {task} {left}");
    }
    Ok(told + " bytes")
}

/// The number of series of calls of each kind.
const TURNS: usize = 5;
const CALLS: usize = 200;

/// Measures calls. No time is asserted, because it depends on this machine.
fn latency(board: &Board) -> Result<String> {
    let watcher = Watcher::of(board)?;
    let mut client = client(board, 1)?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (spin, times) in [false, true].into_iter().zip(&mut times) {
            watcher.set_spinning(spin)?;
            for _ in 0..CALLS {
                let start = Instant::now();
                suite_1::Client::new(&mut client).null()?;
                times.push(start.elapsed());
            }
        }
    }
    let [(idle, idle_late), (busy, busy_late)] = times.map(|mut times| {
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 95 / 100])
    });
    let ratio = |busy: Duration, idle: Duration| busy.as_secs_f64() / idle.as_secs_f64();
    Ok(format!(
        "null call, median {} µs idle and {} µs with a task that spins ({:.2} ×); 95 % within {} and {} µs ({:.2} ×)",
        idle.as_micros(),
        busy.as_micros(),
        ratio(busy, idle),
        idle_late.as_micros(),
        busy_late.as_micros(),
        ratio(busy_late, idle_late)
    ))
}
