//! Passes the board's memory layout to the linker.

fn main() {
    if oncilla_layout::is_for(&["riscv32imac-unknown-none-elf"]) {
        oncilla_layout::scripts(&["memory.x"]);
    }
}
