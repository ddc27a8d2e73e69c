//! Text and an exit code for the host that runs the firmware in QEMU with `-semihosting-config enable=on`.
//!
//! Without a debugger or QEMU each of these is a fault.

use core::arch::asm;

use oncilla_bare::Print;

const WRITE_CHARACTER: usize = 0x03;
const EXIT: usize = 0x18;

/// Text to the host's console.
#[derive(Debug)]
pub struct Console;

impl Print for Console {
    fn byte(&mut self, byte: u8) {
        call(WRITE_CHARACTER, (&raw const byte).addr());
    }
}

/// Ends QEMU, with exit code 0 or 1.
pub fn exit(good: bool) -> ! {
    const APPLICATION_EXIT: usize = 0x2_0026;
    const RUN_TIME_ERROR: usize = 0x2_0023;
    loop {
        call(EXIT, if good { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    }
}

fn call(operation: usize, argument: usize) {
    #[expect(unsafe_code, reason = "semihosting is a breakpoint instruction")]
    // SAFETY: the two operations used here read at most the one byte `argument` points at, and change r0 only.
    unsafe {
        asm!("bkpt 0xAB", inout("r0") operation => _, in("r1") argument, options(nostack));
    }
}
