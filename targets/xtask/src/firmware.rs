//! Firmware, built.

use std::{fs, io, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    process::{run, step},
    toolchain::Toolchain,
    workspace,
};

const PACKAGE: &str = "oncilla-lm3s6965evb";

/// How firmware is optimised.
#[derive(Clone, Copy)]
pub enum Profile {
    /// What is run and measured.
    Plain,
    /// The same with every arithmetic overflow a panic. It links only if none can happen.
    Checked,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "firmware",
            Self::Checked => "firmware-checked",
        }
    }
}

/// Which of the board's features a firmware is built with.
#[derive(Clone, Copy)]
pub enum Features {
    /// None: the smallest firmware.
    None,
    /// All, for firmware that keeps time.
    All,
}

/// Builds programs of the board's crate and returns where they are, in the order of `programs`.
pub fn build(toolchain: Toolchain, profile: Profile, features: Features, programs: &[&str]) -> Result<Vec<PathBuf>> {
    step(&format!("building {} (profile {})", programs.join(", "), profile.name()));
    let mut cargo = toolchain.cargo("build");
    cargo.args(["--package", PACKAGE, "--profile", profile.name()]).stdout(io::stderr());
    if let Features::All = features {
        cargo.arg("--all-features");
    }
    for program in programs {
        cargo.args(["--bin", program]);
    }
    run(&mut cargo)
        .context("the firmware was not built; an undefined symbol named panic-never means that it contains a panic")?;
    Ok(programs.iter().map(|program| toolchain.built(profile.name(), program)).collect())
}

/// The linter over the whole crate, warnings as errors.
pub fn lint(toolchain: Toolchain) -> Result<()> {
    let mut cargo = toolchain.cargo("clippy");
    cargo.args(["--package", PACKAGE, "--all-features", "--lib", "--bins", "--", "-D", "warnings"]);
    run(&mut cargo)
}

/// The library's documentation, warnings as errors.
pub fn document(toolchain: Toolchain) -> Result<()> {
    let mut cargo = toolchain.cargo("doc");
    cargo.args(["--package", PACKAGE, "--all-features", "--lib", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    run(&mut cargo)
}

/// The names of the board's programs that begin with `prefix`, without it, sorted.
pub fn names(prefix: &str) -> Result<Vec<String>> {
    let folder = workspace::board().join("src/bin");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let file = entry?.file_name().into_string().ok();
        let name = file.as_deref().and_then(|file| file.strip_suffix(".rs")?.strip_prefix(prefix));
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}
