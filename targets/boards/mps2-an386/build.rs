//! Passes the board's memory layout to the linker.

fn main() {
    if oncilla_layout::is_for(&["thumbv7em-none-eabihf"]) {
        oncilla_layout::scripts(&["memory.x"]);
    }
}
