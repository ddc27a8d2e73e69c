//! The portable suite over a serial port of Windows: Wine's `COM33` is a pseudo-terminal, at whose other end the suite
//! is served as a board serves it.

use std::{fs, os::unix::fs::symlink, thread, time::Duration};

use anyhow::{Context, Result, anyhow};
use oncilla::framing;
use oncilla_host::Serial;
use oncilla_suite::{Memory, Parts};
use serialport::{SerialPort, TTYPort};

use super::wine::Wine;
use crate::{
    foreign::Machine,
    process::{run_within, step},
};

/// What the board has: everything, as on a serial line.
const PARTS: Parts = Parts::ALL;

/// The time limit. The suite takes less than a minute.
const LIMIT: Duration = Duration::from_secs(300);

/// Serves the suite on a pseudo-terminal, and runs the checks on Windows.
pub fn test(wine: &Wine, windows: &Machine<'_>) -> Result<()> {
    step("running the portable suite over a serial port of Windows");
    let (board, port) = TTYPort::pair().context("no pseudo-terminal")?;
    let device = wine.device("com33");
    // The link of an earlier run, if there was one.
    let _ = fs::remove_file(&device);
    symlink(port.name().context("the pseudo-terminal has a name")?, &device)?;
    let serving = thread::spawn(move || {
        let mut memory = Memory::new();
        let mut board = oncilla_suite::board(Serial::<framing::Serial>::from(board), 7, &mut memory);
        // The line ends, perhaps amid a hello.
        let _ = oncilla_suite::run(&mut board);
    });
    let checked = run_within(LIMIT, windows.example("check").args(["serial", "COM33", &PARTS.to_string()]));
    // Ends the server. Until here it keeps the line open between two checks.
    drop(port);
    serving.join().map_err(|_| anyhow!("the board panicked"))?;
    checked
}
