//! The boards that QEMU models, and the crates with their firmware. To add a board, add it to [`ALL`].

use std::path::PathBuf;

use crate::{
    install::{QEMU_ARM, Tool},
    targets::{THUMBV7M, Target},
    workspace,
};

/// A board, and the crate with its firmware.
#[derive(Debug)]
pub struct Model {
    /// The folder in `targets`; with `oncilla-` before it, the name of the crate.
    pub name: &'static str,
    /// What it is, for people.
    pub description: &'static str,
    /// What its firmware is built for.
    pub target: &'static Target,
    /// The program that models it.
    pub qemu: &'static Tool,
    /// The arguments that choose the board and shut what it does not use.
    pub machine: &'static [&'static str],
    /// The argument before the firmware's file.
    pub image: &'static str,
    /// What its serial ports are for, in QEMU's order.
    pub ports: &'static [Port],
}

/// What a serial port is for.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    /// Text for people, which is kept in a file.
    Log,
    /// Calls.
    Calls,
}

impl Model {
    /// The name of the crate.
    pub fn package(&self) -> String {
        format!("oncilla-{}", self.name)
    }

    /// The folder of the crate.
    pub fn folder(&self) -> PathBuf {
        workspace::root().join("targets").join(self.name)
    }
}

pub static LM3S6965EVB: Model = Model {
    name: "lm3s6965evb",
    description: "Cortex-M3",
    target: &THUMBV7M,
    qemu: &QEMU_ARM,
    machine: &["-machine", "lm3s6965evb"],
    image: "-kernel",
    ports: &[Port::Log, Port::Calls],
};

/// Every board.
pub static ALL: [&Model; 1] = [&LM3S6965EVB];
