//! `cargo xtask setup`.

use anyhow::Result;

use crate::{
    big_endian, components,
    install::{self, PEERS, QEMU, Tool},
    process::step,
    toolchain::Toolchain,
};

/// What `demo`, `test` and a developer need, and `size` with `from_source`.
pub fn all(from_source: bool) -> Result<()> {
    for_test(from_source)?;
    components::find_or_install()?;
    step("everything is there");
    Ok(())
}

/// A compiler for the firmware and the machine that runs it.
pub fn for_firmware(from_source: bool) -> Result<Toolchain> {
    with(from_source, &[&QEMU])
}

/// What the tests need beside.
pub fn for_test(from_source: bool) -> Result<Toolchain> {
    with(from_source, &[&[&QEMU], PEERS.as_slice(), &big_endian::TOOLS].concat())
}

/// The firmware's linter.
pub fn for_lint() -> Result<Toolchain> {
    let toolchain = Toolchain::any()?;
    install::tools(&[toolchain.tools(), toolchain.linter()].concat())?;
    Ok(toolchain)
}

/// All tools at once, so that one who must install them by hand is told once.
fn with(from_source: bool, others: &[&Tool]) -> Result<Toolchain> {
    let toolchain = if from_source { Toolchain::Source } else { Toolchain::any()? };
    step("looking for the other tools");
    install::tools(&[toolchain.tools(), others].concat())?;
    Ok(toolchain)
}
