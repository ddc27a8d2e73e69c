//! The 32-bit processor: its registers, its start and its faults. The runtime crate sets up the stacks and the statics.
//!
//! The memory management unit stays off, so unaligned accesses are faults. The compiler emits none for this target.

use aarch32_cpu::asm::{dsb, isb, wfi};
use aarch32_cpu::register::{CntVct, CntvCtl, CntvCval, Dfar, Dfsr, Ifsr};
use aarch32_rt as _;
use oncilla_bare::semihosting;

/// Declares the function, without arguments, with which firmware starts.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[expect(unsafe_code, reason = "the runtime crate calls it by this name")]
        // SAFETY: it has the signature that the runtime crate documents, and nothing else has the name.
        #[unsafe(no_mangle)]
        extern "C" fn kmain() -> ! {
            $main()
        }
    };
}

pub fn count() -> u64 {
    CntVct::read().0
}

pub fn set_alarm(count: Option<u64>) {
    if let Some(count) = count {
        CntvCval::write(CntvCval(count));
    }
    CntvCtl::write(CntvCtl::new_with_raw_value(0).with_enable(count.is_some()));
}

pub fn wait_for_interrupt() {
    // The alarm must be set before the sleep starts.
    isb();
    dsb();
    wfi();
}

#[expect(unsafe_code, reason = "the linker script passes it to the runtime crate by this name")]
// SAFETY: its exceptions all pass the same argument, it never returns, and nothing else has the name.
#[unsafe(no_mangle)]
extern "C" fn fault(address: usize) -> ! {
    semihosting::fault(&[
        ("instruction", address),
        ("data address", Dfar::read().0 as usize),
        ("data status", Dfsr::read().raw_value() as usize),
        ("instruction status", Ifsr::read().raw_value() as usize),
    ])
}
