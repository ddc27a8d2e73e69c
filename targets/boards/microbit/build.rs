//! Gives the linker the board's memory layout.

fn main() {
    if oncilla_layout::is_for(&["thumbv6m-none-eabi"]) {
        oncilla_layout::scripts(&["memory.x"]);
    }
}
