//! Passes the linker its scripts.

use std::env;

fn main() {
    if oncilla_layout::is_for(&["armv7a-none-eabi", "aarch64-unknown-none"]) {
        match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
            Ok("aarch64") => oncilla_layout::arguments(&["-Timage.ld", "-Timage.x", "--nmagic"]),
            _ => oncilla_layout::arguments(&oncilla_layout::MICROCONTROLLER),
        }
    }
}
