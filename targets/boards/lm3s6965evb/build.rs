//! Passes the board's memory layout to the linker.

fn main() {
    if oncilla_layout::is_for(&["thumbv7m-none-eabi"]) {
        oncilla_layout::scripts(&["memory.x"]);
    }
}
