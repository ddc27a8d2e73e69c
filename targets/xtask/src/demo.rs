//! `cargo xtask demo`.

use std::time::Duration;

use anyhow::Result;

use crate::{
    firmware::{self, Features, Profile},
    process::step,
    qemu::Board,
    setup,
};

/// More than the calls below take.
const LIMIT: Duration = Duration::from_secs(60);

/// Boots the firmware in QEMU and calls it.
pub fn run(from_source: bool) -> Result<()> {
    let toolchain = setup::for_firmware(from_source)?;
    let programs = firmware::build(toolchain, Profile::Plain, Features::All, &["demo"])?;
    for program in &programs {
        step("booting the firmware in QEMU");
        let board = Board::boot(program, LIMIT)?;
        eprintln!("{}", board.log());
    }
    Ok(())
}
