//! Passes the linker its scripts.

fn main() {
    if oncilla_layout::is_for(&["thumbv7em-none-eabihf"]) {
        oncilla_layout::arguments(&oncilla_layout::MICROCONTROLLER);
    }
}
