//! `cargo xtask setup`.

use std::collections::HashSet;

use anyhow::Result;

use crate::{
    big_endian,
    boards::{self, Model},
    c_package, components,
    firmware::Firmware,
    install::{self, AARCH64_GCC, ARM_GCC, C_TOOLS, LINKER, PEERS, SETPRIV, Tool},
    process::step,
    windows,
};

/// Sets up what `demo`, `test` and developers need. With `from_source`, also what `size` needs.
pub fn all(from_source: bool) -> Result<()> {
    for_test(from_source)?;
    for_lint()?;
    components::find_or_install()?;
    step("all tools are installed");
    Ok(())
}

/// Sets up what the tests need, for all boards and for this machine.
pub fn for_test(from_source: bool) -> Result<()> {
    let firmware = all_firmware(from_source)?;
    let boards = firmware
        .iter()
        .flat_map(|firmware| [&[firmware.board.qemu, &SETPRIV], &*firmware.toolchain().tools()].concat());
    let c = [&ARM_GCC, &AARCH64_GCC, &LINKER];
    let c = c.into_iter().chain(C_TOOLS).chain(c_package::TOOLS);
    tools(boards.chain(PEERS).chain(big_endian::TOOLS).chain(windows::TOOLS).chain(c).collect())
}

/// Sets up what it takes to build and run the firmware of one board.
pub fn for_firmware(board: &'static Model, from_source: bool) -> Result<Firmware> {
    let firmware = Firmware::of(board, from_source)?;
    tools([&[board.qemu, &SETPRIV], &*firmware.toolchain().tools()].concat())?;
    Ok(firmware)
}

/// The linter of every board's firmware.
pub fn for_lint() -> Result<Vec<Firmware>> {
    let all = all_firmware(false)?;
    tools(
        all.iter()
            .flat_map(|firmware| [firmware.toolchain().linter(), &firmware.toolchain().tools()].concat())
            .collect(),
    )?;
    Ok(all)
}

/// The firmware of every board.
pub fn all_firmware(from_source: bool) -> Result<Vec<Firmware>> {
    boards::ALL.iter().map(|board| Firmware::of(board, from_source)).collect()
}

/// Finds or installs all tools at once, so that one command installs all that is missing.
fn tools(mut tools: Vec<&Tool>) -> Result<()> {
    step("looking for the tools");
    let mut seen = HashSet::new();
    tools.retain(|tool| seen.insert(tool.file));
    install::tools(&tools)
}
