//! The panic handler of programs without the standard library.

unsafe extern "C" {
    /// Defined nowhere: if code can panic, the linker reports this name.
    ///
    /// That is so with the archive of a plain `cargo build`, which contains panics that cannot happen. The profile
    /// `firmware` contains none; a panic there is a bug of this library.
    fn oncilla_panicked_use_cargo_xtask_c_archive() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: no program that contains this call links.
    unsafe { oncilla_panicked_use_cargo_xtask_c_archive() }
}
