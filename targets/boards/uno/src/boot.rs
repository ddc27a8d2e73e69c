//! How often the board has started.

#[expect(unsafe_code, reason = "the linker script names the end of the statics")]
unsafe extern "C" {
    /// The first bytes that are no static. A heap would begin here; the stack grows down towards them.
    static mut __heap_start: u32;
}

/// A number for [`Link::with_boot_number`](oncilla::Link::with_boot_number): one more at every start, over resets too. Call it
/// once, before much else.
///
/// After power-on it begins with what the memory happens to have, and if the stack has ever come down to its four bytes it is
/// what that left there. A product takes a counter in its EEPROM instead.
pub fn boot_number() -> u32 {
    let kept = &raw mut __heap_start;
    #[expect(unsafe_code, reason = "no variable is there")]
    // SAFETY: memory that belongs to nobody: there is no heap, and the stack has not come there. Any bytes are a number.
    unsafe {
        let boot = kept.read_volatile().wrapping_add(1);
        kept.write_volatile(boot);
        boot
    }
}
