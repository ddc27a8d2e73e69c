//! The entries of the matrix. To add a board, add its entry.

use std::path::Path;

use anyhow::Result;
use oncilla_suite::{Parts, checks::Report};

use super::{LIMIT, ethernet, instrument, line};
use crate::{
    boards::{AARCH64_VIRT, ARMV7A_VIRT, FREERTOS, LM3S6965EVB, MICROBIT, MPS2_AN386, Model, RISCV32_VIRT, UNO},
    firmware_tests::{
        ethernet::{SERVER, instrument::PROGRAM},
        freertos,
    },
    qemu::Board,
};

/// A firmware with the suite, or the multimeter.
pub struct Entry {
    pub board: &'static Model,
    /// The name of the program in the board's crate.
    pub program: &'static str,
    /// Boots the firmware in this file and runs the checks.
    pub check: fn(&Model, &Path) -> Result<Vec<Reported>>,
}

/// The results of the checks over a carrier.
pub struct Reported {
    pub carrier: &'static str,
    pub report: Report,
}

/// All firmware with the suite, and the multimeter, in the order of the table.
pub static ENTRIES: [&Entry; 12] = [
    &Entry { board: &LM3S6965EVB, program: "suite", check: on_line },
    &Entry { board: &LM3S6965EVB, program: SERVER, check: ethernet::check },
    &Entry { board: &LM3S6965EVB, program: PROGRAM, check: instrument::check },
    &Entry { board: &FREERTOS, program: "tasks", check: while_a_task_spins },
    &Entry { board: &MICROBIT, program: "suite", check: on_line },
    &Entry { board: &MPS2_AN386, program: "suite", check: on_line },
    &Entry { board: &MPS2_AN386, program: SERVER, check: ethernet::check },
    &Entry { board: &MPS2_AN386, program: PROGRAM, check: instrument::check },
    &Entry { board: &RISCV32_VIRT, program: "suite", check: on_line },
    &Entry { board: &ARMV7A_VIRT, program: "suite", check: on_line },
    &Entry { board: &AARCH64_VIRT, program: "suite", check: on_line },
    // What there is room for in 32 KiB of flash and 2 KiB of RAM.
    &Entry { board: &UNO, program: "suite", check: |model, file| line::check(model, file, SMALL) },
];

/// The parts of the suite that need neither many types nor large messages.
const SMALL: Parts = Parts::ALL.without(Parts::TYPES).without(Parts::BULK).without(Parts::POSTCARD);

/// Runs the whole suite on a serial line.
fn on_line(model: &Model, file: &Path) -> Result<Vec<Reported>> {
    line::check(model, file, Parts::ALL)
}

/// Runs the suite of FreeRTOS on a serial line, while the firmware also calls its host and a task spins.
fn while_a_task_spins(model: &Model, file: &Path) -> Result<Vec<Reported>> {
    let board = Board::boot(model, file, LIMIT)?;
    let _watcher = freertos::watcher_of_spinning(&board)?;
    Ok(vec![Reported { carrier: "UART", report: freertos::suite(&board) }])
}
