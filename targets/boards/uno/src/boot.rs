//! A count of the board's starts.

#[expect(unsafe_code, reason = "the linker script defines the end of the statics")]
unsafe extern "C" {
    /// The first bytes behind the statics. A heap would begin here; the stack grows down towards them.
    static mut __heap_start: u32;
}

/// Returns a number for [`Link::with_boot_number`](oncilla::Link::with_boot_number), which changes with every start.
///
/// It is one more at every call, also over resets, so call it once, at the start. After power-on it starts from an
/// arbitrary value in memory, and so it does if the stack has ever reached its four bytes. In a product, use a
/// counter in EEPROM instead.
pub fn boot_number() -> u32 {
    let kept = &raw mut __heap_start;
    #[expect(unsafe_code, reason = "no variable is at this address")]
    // SAFETY: the memory is unused: there is no heap, and the stack has not reached it. Any bytes are a number.
    unsafe {
        let boot = kept.read_volatile().wrapping_add(1);
        kept.write_volatile(boot);
        boot
    }
}
