//! Gives the linker the board's memory layout.

fn main() {
    oncilla_layout::microcontroller();
}
