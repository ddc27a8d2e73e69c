//! The boards that QEMU models, and the crates with their firmware. To add a board, add it to [`ALL`].

use std::path::PathBuf;

use crate::{
    install::{QEMU_AARCH64, QEMU_ARM, QEMU_AVR, QEMU_RISCV32, Tool},
    targets::{AARCH64, ARMV7A, AVR, RISCV32IMAC, THUMBV6M, THUMBV7EM_HF, THUMBV7M, THUMBV7M_WITH_C, Target},
    workspace,
};

/// A board, and the crate with its firmware.
#[derive(Debug)]
pub struct Model {
    /// The name of the board's crate without `oncilla-`. One crate may be for several processors.
    pub name: &'static str,
    /// The folder of the crate in `targets`.
    pub folder: &'static str,
    /// A description for people.
    pub description: &'static str,
    /// The target of the board's firmware.
    pub target: &'static Target,
    /// The program that models the board.
    pub qemu: &'static Tool,
    /// The arguments that select the board and disable what it does not use.
    pub machine: &'static [&'static str],
    /// The argument before the firmware's file.
    pub image: &'static str,
    /// The uses of its serial ports, in QEMU's order.
    pub ports: &'static [Port],
}

/// What a serial port is for.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    /// Text for people, stored in a file.
    Log,
    /// Calls. If there are several such ports, the firmware serves on the first.
    Calls,
}

impl Model {
    /// Returns the name of the board's crate.
    pub fn package(&self) -> String {
        format!("oncilla-{}", self.name)
    }

    /// Returns the name of the crate with its firmware.
    pub fn firmware(&self) -> String {
        format!("oncilla-{}-firmware", self.name)
    }

    /// Returns the folder of the board's crate.
    pub fn folder(&self) -> PathBuf {
        workspace::root().join("targets").join(self.folder)
    }
}

pub static LM3S6965EVB: Model = Model {
    name: "lm3s6965evb",
    folder: "boards/lm3s6965evb",
    description: "Cortex-M3",
    target: &THUMBV7M,
    qemu: &QEMU_ARM,
    machine: &["-machine", "lm3s6965evb"],
    image: "-kernel",
    ports: &[Port::Log, Port::Calls],
};

pub static MICROBIT: Model = Model {
    name: "microbit",
    folder: "boards/microbit",
    description: "Cortex-M0",
    target: &THUMBV6M,
    qemu: &QEMU_ARM,
    machine: &["-machine", "microbit"],
    image: "-kernel",
    ports: &[Port::Calls],
};

pub static MPS2_AN386: Model = Model {
    name: "mps2-an386",
    folder: "boards/mps2-an386",
    description: "Cortex-M4F",
    target: &THUMBV7EM_HF,
    qemu: &QEMU_ARM,
    machine: &["-machine", "mps2-an386"],
    image: "-kernel",
    ports: &[Port::Log, Port::Calls],
};

/// Returns a machine that exists only in QEMU, with one serial port. A fault of the firmware ends it by semihosting.
const fn virt(
    name: &'static str,
    folder: &'static str,
    description: &'static str,
    target: &'static Target,
    qemu: &'static Tool,
    machine: &'static [&'static str],
) -> Model {
    Model { name, folder, description, target, qemu, machine, image: "-kernel", ports: &[Port::Calls] }
}

pub static RISCV32_VIRT: Model = virt(
    "riscv32-virt",
    "boards/riscv32-virt",
    "RV32IMAC",
    &RISCV32IMAC,
    &QEMU_RISCV32,
    &["-machine", "virt", "-semihosting", "-bios", "none"],
);

pub static ARMV7A_VIRT: Model = virt(
    "arm-virt",
    "boards/arm-virt",
    "Cortex-A15",
    &ARMV7A,
    &QEMU_ARM,
    &["-machine", "virt", "-semihosting", "-nic", "none", "-cpu", "cortex-a15"],
);

pub static AARCH64_VIRT: Model = virt(
    "arm-virt",
    "boards/arm-virt",
    "Cortex-A53",
    &AARCH64,
    &QEMU_AARCH64,
    &["-machine", "virt", "-semihosting", "-nic", "none", "-cpu", "cortex-a53"],
);

/// The lm3s6965evb, with FreeRTOS.
pub static FREERTOS: Model = Model {
    name: "freertos",
    folder: "systems/freertos",
    description: "FreeRTOS on Cortex-M3",
    target: &THUMBV7M_WITH_C,
    qemu: &QEMU_ARM,
    machine: &["-machine", "lm3s6965evb"],
    image: "-kernel",
    // The first serves, and on the second the firmware calls.
    ports: &[Port::Log, Port::Calls, Port::Calls],
};

pub static UNO: Model = Model {
    name: "uno",
    folder: "boards/uno",
    description: "AVR",
    target: &AVR,
    qemu: &QEMU_AVR,
    machine: &["-machine", "uno"],
    image: "-bios",
    ports: &[Port::Calls],
};

/// Every board.
pub static ALL: [&Model; 8] =
    [&LM3S6965EVB, &FREERTOS, &MICROBIT, &MPS2_AN386, &RISCV32_VIRT, &ARMV7A_VIRT, &AARCH64_VIRT, &UNO];
