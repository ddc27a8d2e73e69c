//! `cargo xtask test` and `cargo xtask ci`.

use anyhow::{Context, Result};

use crate::{
    firmware, firmware_tests,
    process::{run, step},
    setup, size,
    workspace::cargo,
};

/// Every test, or only those of the firmware.
pub fn test(from_source: bool, firmware_only: bool) -> Result<()> {
    let toolchain = setup::for_test(from_source)?;
    if !firmware_only {
        step("testing the workspace");
        run(cargo().args(["test", "--all-features"]))?;
    }
    firmware_tests::run(toolchain)
}

/// What must be good before a change goes in.
pub fn all() -> Result<()> {
    step("checking the formatting");
    run(cargo().args(["fmt", "--all", "--", "--check"]))
        .context("run `cargo fmt --all`, or `rustup component add rustfmt` if there is no formatter")?;
    step("linting");
    run(cargo().args(["clippy", "--all-targets", "--all-features", "--", "-D", "warnings"]))
        .context("mend the warnings, or `rustup component add clippy` if there is no linter")?;
    firmware::lint(setup::for_lint()?)?;
    step("checking the documentation");
    run(cargo().args(["doc", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    test(false, false)?;
    size::run(false, false)
}
