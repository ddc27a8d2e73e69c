//! Stops with an error when the firmware is built for another chip. The compiler knows the chip's memory.

fn main() {
    let _ = oncilla_layout::is_for(&["avr-none"]);
}
