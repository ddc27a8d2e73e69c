//! Passes the linker its scripts.

fn main() {
    if oncilla_layout::is_for(&["riscv32imac-unknown-none-elf"]) {
        oncilla_layout::arguments(&oncilla_layout::MICROCONTROLLER);
    }
}
