//! What Rust asks for in every program that has no standard library.

unsafe extern "C" {
    /// Defined nowhere: the linker names it when something can panic. The archive is one of a plain `cargo build` then,
    /// which has panics that cannot happen; the profile `firmware` has none, and one in there is a bug of this library.
    fn oncilla_panicked_use_cargo_xtask_c_archive() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: no program that contains this call links.
    unsafe { oncilla_panicked_use_cargo_xtask_c_archive() }
}
