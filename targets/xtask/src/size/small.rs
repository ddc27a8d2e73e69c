//! The price of keys on smaller processors: the light suite on Cortex-M0 and AVR.

use anyhow::{Context, Result, ensure};

use super::figures::{All, of_footprint};
use crate::{
    boards::{MICROBIT, Model, UNO},
    firmware::{Features, Firmware, Profile},
    footprint::Footprint,
    setup,
};

/// The boards, and the names of their figures.
const BOARDS: [(&str, &Model); 2] = [("m0_keys", &MICROBIT), ("avr_keys", &UNO)];

/// Measures how much larger a server is under a key, on each board. That is its flash and static RAM, which includes
/// the larger buffers.
pub fn measure() -> Result<All> {
    let mut all = All::new();
    for (name, board) in BOARDS {
        let firmware = setup::for_firmware(board, true)?;
        let plain = footprint(firmware, Features::None, "priced")?;
        let keyed = footprint(firmware, Features::Keys, "priced_keyed")?;
        ensure!(keyed.flash > plain.flash, "keys take no flash on {}: the server has none", board.name);
        let footprint = Footprint {
            flash: keyed.flash - plain.flash,
            static_ram: keyed.static_ram.saturating_sub(plain.static_ram),
        };
        all.insert(name.to_owned(), of_footprint(footprint));
    }
    Ok(all)
}

fn footprint(firmware: Firmware, features: Features, program: &str) -> Result<Footprint> {
    // Linking is the check: neither build may contain a panic.
    firmware.build(Profile::Checked, features, &[program])?;
    let files = firmware.build(Profile::Plain, features, &[program])?;
    Footprint::of(files.first().context("the firmware was built")?)
}
