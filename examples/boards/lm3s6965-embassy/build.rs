//! Passes the linker script of `cortex-m-rt` to the linker. The crate `lm3s6965` has the layout of the memory.

fn main() {
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
}
