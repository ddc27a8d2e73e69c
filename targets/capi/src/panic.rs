//! What Rust asks for in every program that has no standard library.

unsafe extern "C" {
    /// Defined nowhere: the linker names it when something can panic. It is a bug of this library then.
    fn oncilla_panicked() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: no program that contains this call links.
    unsafe { oncilla_panicked() }
}
