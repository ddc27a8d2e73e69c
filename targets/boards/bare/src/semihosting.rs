//! Text and an exit code for the host that runs firmware in QEMU with `-semihosting-config enable=on`.
//!
//! Without a debugger or QEMU, each of these operations is a fault.

use semihosting::{process, sys::arm_compat::sys_writec};

use crate::Print;

/// The console of the host.
#[derive(Debug)]
pub struct Console;

impl Print for Console {
    fn byte(&mut self, byte: u8) {
        sys_writec(byte);
    }
}

/// Reports a processor fault with its registers, as [`figures`](Print::figure), and ends QEMU with exit code 1.
#[cold]
pub fn fault(figures: &[(&str, usize)]) -> ! {
    Console.text("fault\n");
    for &(name, value) in figures {
        #[expect(clippy::cast_possible_truncation, reason = "firmware and its devices are in the lower 4 GiB")]
        Console.figure(name, value as u32);
    }
    process::exit(1)
}
