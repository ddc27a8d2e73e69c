//! The compiler's targets for firmware.

use crate::install::{ARM_C, AVR_LINKER, AVR_START, LINKER, Tool};

/// A target of the compiler, and what linking for it needs.
#[derive(Debug)]
pub struct Target {
    /// The compiler's name for the target.
    pub name: &'static str,
    /// Whether rustup has `core` for the target, with a linker.
    pub in_rustup: bool,
    /// The linker to use when `core` is built from source.
    pub linker: &'static Tool,
    /// Other tools that building needs.
    pub tools: &'static [&'static Tool],
    /// The parts of the standard library that are built from source.
    pub libraries: &'static str,
    /// Flags without which it does not compile, or not for the board.
    pub flags: &'static str,
    /// The suffix of the compiler's programs.
    pub suffix: &'static str,
}

impl Target {
    /// Returns a target for which rustup has `core`, and which needs no other tools.
    pub const fn of_rustup(name: &'static str) -> Self {
        Self { name, in_rustup: true, linker: &LINKER, tools: &[], libraries: "core", flags: "", suffix: "" }
    }

    /// Returns cargo's environment variable for a setting of the target.
    pub fn variable(&self, setting: &str) -> String {
        format!("CARGO_TARGET_{}_{setting}", self.name.to_uppercase().replace(['-', '.'], "_"))
    }
}

pub static THUMBV6M: Target = Target::of_rustup("thumbv6m-none-eabi");
pub static THUMBV7M: Target = Target::of_rustup("thumbv7m-none-eabi");
pub static THUMBV7EM_HF: Target = Target::of_rustup("thumbv7em-none-eabihf");
pub static RISCV32IMAC: Target = Target::of_rustup("riscv32imac-unknown-none-elf");
/// Without atomic access but loads and stores. HALs for it need `alloc` to be compiled, though nothing of that is linked.
pub static RISCV32IMC: Target = Target { libraries: "core,alloc", ..Target::of_rustup("riscv32imc-unknown-none-elf") };
pub static ARMV7A: Target = Target::of_rustup("armv7a-none-eabi");
pub static AARCH64: Target = Target::of_rustup("aarch64-unknown-none");
/// For a crate with C in it. It also needs `alloc` to be compiled, though nothing of that is linked.
pub static THUMBV7M_WITH_C: Target =
    Target { tools: &ARM_C, libraries: "core,alloc", ..Target::of_rustup("thumbv7m-none-eabi") };
/// The flag chooses the processor, and with it what avr-gcc links to start the firmware.
pub static AVR: Target = Target {
    in_rustup: false,
    linker: &AVR_LINKER,
    tools: &[&AVR_START],
    flags: "-C target-cpu=atmega328p",
    suffix: ".elf",
    ..Target::of_rustup("avr-none")
};
