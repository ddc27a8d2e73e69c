//! Measures the depth of the stack.

use core::arch::asm;

const PAINT: u32 = 0xDEAD_57AC;

#[expect(unsafe_code, reason = "the linker script defines the ends of the stack")]
unsafe extern "C" {
    /// The end of the stack, which grows down from here.
    static _stack_start: u32;
    /// The first word behind the statics. The stack must not grow below it.
    static __sheap: u32;
}

/// Fills the unused part of the stack with a pattern.
#[inline(never)]
pub fn paint() {
    #[expect(unsafe_code, reason = "words below the stack pointer are unused")]
    // SAFETY: writes only between the statics and the stack pointer. An interrupt meanwhile pushes and pops its frame
    // there before the next word is written.
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

/// Returns the bytes of stack in use now.
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

/// Returns the most bytes of stack in use since [`paint`].
///
/// Bytes in use at that time are included.
#[must_use]
pub fn depth() -> usize {
    #[expect(unsafe_code, reason = "reads unused words")]
    // SAFETY: reads only between the statics and the top of the stack, where the loop ends at the latest.
    unsafe {
        let top = &raw const _stack_start;
        let mut word = &raw const __sheap;
        while word < top && word.read_volatile() == PAINT {
            word = word.add(1);
        }
        top.addr().wrapping_sub(word.addr())
    }
}
