//! Gives the linker the board's memory layout.

fn main() {
    if oncilla_layout::is_for(&["thumbv7em-none-eabihf"]) {
        oncilla_layout::scripts(&["memory.x"]);
    }
}
