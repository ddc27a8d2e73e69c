//! Text and an exit code for the host that runs firmware in QEMU with `-semihosting-config enable=on`.
//!
//! Without a debugger or QEMU, each of these operations is a fault.

use core::arch::asm;

pub use oncilla_bare::semihosting::Console;

/// Ends QEMU, with exit code 0 or 1.
///
/// It takes 48 bytes of flash less than the function for other processors, and is part of firmware whose size is
/// measured.
pub fn exit(good: bool) -> ! {
    const EXIT: usize = 0x18;
    const APPLICATION_EXIT: usize = 0x2_0026;
    const RUN_TIME_ERROR: usize = 0x2_0023;
    loop {
        let argument = if good { APPLICATION_EXIT } else { RUN_TIME_ERROR };
        #[expect(unsafe_code, reason = "semihosting is a breakpoint instruction")]
        // SAFETY: the operation reads no memory and changes r0 only.
        unsafe {
            asm!("bkpt 0xAB", inout("r0") EXIT => _, in("r1") argument, options(nostack));
        }
    }
}
