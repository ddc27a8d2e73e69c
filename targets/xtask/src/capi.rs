//! The C library, built for targets without an operating system.

use std::{io, path::PathBuf};

use anyhow::{Context, Result};

use crate::{process::run, toolchain::Toolchain};

/// How it is optimised: as firmware is, and the same with every arithmetic overflow a panic.
pub const PROFILES: [&str; 2] = ["firmware-checked", "firmware"];

/// How C is compiled here.
pub const STRICT: [&str; 5] = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"];

/// Builds the static library; returns where it is.
pub fn library(toolchain: Toolchain, profile: &str) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("rustc");
    cargo.args(["--package", "oncilla-capi", "--lib", "--crate-type", "staticlib", "--profile", profile]);
    run(cargo.stdout(io::stderr())).context("the C library was not built")?;
    Ok(toolchain.built(profile, "liboncilla_capi.a"))
}
