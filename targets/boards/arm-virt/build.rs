//! Passes the machine's memory layout to the linker, in the form that the processor's runtime crate needs.

use std::env;

fn main() {
    if oncilla_layout::is_for(&["armv7a-none-eabi", "aarch64-unknown-none"]) {
        match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
            Ok("aarch64") => oncilla_layout::scripts(&["image.x"]),
            _ => oncilla_layout::scripts(&["memory.x"]),
        }
    }
}
