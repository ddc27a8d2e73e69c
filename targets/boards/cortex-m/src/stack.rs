//! How deep the stack has been.

use core::arch::asm;

const PAINT: u32 = 0xDEAD_57AC;

#[expect(unsafe_code, reason = "the linker script names the ends of the stack")]
unsafe extern "C" {
    /// Just above the first word of the stack, which grows down from here.
    static _stack_start: u32;
    /// The first word that is not a static: the stack must not grow below.
    static __sheap: u32;
}

/// Fills the part of the stack that is not in use with a pattern.
#[inline(never)]
pub fn paint() {
    #[expect(unsafe_code, reason = "words below the stack pointer belong to nobody")]
    // SAFETY: writes only between the statics and the stack pointer; an interrupt that comes meanwhile pushes
    // and pops its frame there before the next word is written.
    unsafe {
        asm!(
            "2:",
            "cmp {word}, sp",
            "bhs 3f",
            "str {paint}, [{word}], #4",
            "b 2b",
            "3:",
            word = inout(reg) &raw const __sheap => _,
            paint = in(reg) PAINT,
            options(nostack),
        );
    }
}

/// Bytes of stack in use now.
#[inline(always)]
#[must_use]
pub fn position() -> usize {
    let pointer: usize;
    #[expect(unsafe_code, reason = "only an instruction reads the stack pointer")]
    // SAFETY: reads a register.
    unsafe {
        asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    (&raw const _stack_start).addr().wrapping_sub(pointer)
}

/// The most bytes of stack in use since [`paint`], those in use already then included.
#[must_use]
pub fn depth() -> usize {
    #[expect(unsafe_code, reason = "reads words that belong to nobody")]
    // SAFETY: reads only between the statics and the top of the stack, where the pattern ends at the latest.
    unsafe {
        let top = &raw const _stack_start;
        let mut word = &raw const __sheap;
        while word < top && word.read_volatile() == PAINT {
            word = word.add(1);
        }
        top.addr().wrapping_sub(word.addr())
    }
}
