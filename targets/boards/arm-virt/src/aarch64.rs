//! The 64-bit processor: its registers, its start and its faults. The runtime crate sets up the memory management unit,
//! floating point, the stack and the statics.

use aarch64_cpu::asm::{barrier, wfi};
use aarch64_cpu::registers::{
    CNTV_CTL_EL0, CNTV_CVAL_EL0, CNTVCT_EL0, ESR_EL1, FAR_EL1, Readable as _, Writeable as _,
};
use aarch64_rt::{ExceptionHandlers, InitialPagetable, RegisterStateRef, exception_handlers, initial_pagetable};
use oncilla_bare::semihosting;

/// Declares the function, without arguments, with which firmware starts. It has 16 KiB of stack.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        fn start(_: u64, _: u64, _: u64, _: u64) -> ! {
            $main()
        }
        $crate::aarch64_rt::entry!(start, 4);
    };
}

/// Blocks of 1 GiB that are mapped to themselves.
const VALID: usize = 1;
const ACCESSED: usize = 1 << 10;
/// Devices: accessed in order, not executable.
const DEVICES: usize = VALID | ACCESSED | 0b11 << 53;
/// Cached memory. Unmapped memory would behave as a device, for which unaligned accesses are faults; the compiler emits
/// unaligned accesses for this target.
const MEMORY: usize = VALID | ACCESSED | 1 << 2 | 0b11 << 8;

initial_pagetable!({
    let mut pieces = [0; 512];
    pieces[0] = DEVICES;
    pieces[1] = MEMORY | 0x4000_0000;
    InitialPagetable(pieces)
});

pub fn count() -> u64 {
    CNTVCT_EL0.get()
}

pub fn set_alarm(count: Option<u64>) {
    if let Some(count) = count {
        CNTV_CVAL_EL0.set(count);
    }
    CNTV_CTL_EL0.set(count.is_some().into());
}

pub fn wait_for_interrupt() {
    // The alarm must be set before the sleep starts.
    barrier::isb(barrier::SY);
    barrier::dsb(barrier::SY);
    wfi();
}

struct Faults;

exception_handlers!(Faults);

/// No exception is expected.
impl ExceptionHandlers for Faults {
    extern "C" fn sync_current(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn irq_current(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn fiq_current(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn serror_current(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn sync_lower(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn irq_lower(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn fiq_lower(state: RegisterStateRef) {
        fault(&state);
    }
    extern "C" fn serror_lower(state: RegisterStateRef) {
        fault(&state);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "pointers have 64 bits here")]
fn fault(state: &RegisterStateRef) -> ! {
    semihosting::fault(&[
        ("instruction", state.elr),
        ("data address", FAR_EL1.get() as usize),
        ("status", ESR_EL1.get() as usize),
    ])
}
