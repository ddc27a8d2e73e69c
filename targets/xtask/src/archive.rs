//! `cargo xtask c --archive TARGET`: the C library for firmware.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    capi, install,
    portability::TARGETS,
    process::step,
    targets::{self, Target},
    toolchain::Toolchain,
    workspace,
};

/// The profile that is measured and tested: optimised for size, with LTO. Without LTO, panics that cannot happen are
/// linked.
const PROFILE: &str = "firmware";

/// Builds the archive for a target without an operating system. Prints the paths of archive and header, and the size.
///
/// With `out`, copies both there.
pub fn build(name: &str, out: Option<&Path>, parts: capi::Parts, from_source: bool) -> Result<()> {
    let target = target(name)?;
    let toolchain = if from_source { Toolchain::from_source(target) } else { Toolchain::any(target)? };
    install::tools(&toolchain.tools())?;
    step(&format!("building the C library for {name} (profile {PROFILE})"));
    let mut archive = capi::library(toolchain, PROFILE, parts)?;
    let mut header = workspace::root().join("targets/capi/include/oncilla.h");
    if let Some(folder) = out {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        archive = copy(&archive, folder)?;
        header = copy(&header, folder)?;
    }
    let bytes = fs::metadata(&archive).with_context(|| format!("cannot read {}", archive.display()))?.len();
    println!("{} ({bytes} bytes)", whole(&archive).display());
    println!("{}", whole(&header).display());
    Ok(())
}

/// Returns the path of an existing file without `..`.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn copy(file: &Path, folder: &Path) -> Result<PathBuf> {
    let to = folder.join(file.file_name().context("it is a file")?);
    fs::copy(file, &to).with_context(|| format!("cannot copy {} to {}", file.display(), to.display()))?;
    Ok(to)
}

/// Returns the target of this name.
fn target(name: &str) -> Result<&'static Target> {
    let boards = [&targets::THUMBV6M, &targets::THUMBV7M, &targets::ARMV7A, &targets::AARCH64, &targets::AVR];
    if let Some(target) = boards.into_iter().find(|target| target.name == name) {
        return Ok(target);
    }
    // It lives as long as the program, as those of the boards do.
    match TARGETS.into_iter().find(|(known, _)| *known == name && !known.contains("linux")) {
        Some((name, _)) => Ok(Box::leak(Box::new(Target::of_rustup(name)))),
        None => {
            let names: Vec<_> =
                TARGETS.into_iter().map(|(name, _)| name).filter(|name| !name.contains("linux")).collect();
            bail!(
                "{name} is none of the targets without an operating system that this library is compiled for: {}; where \
                 there is one, run `cargo build --release --package oncilla-capi --lib`",
                names.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn targets_are_known_by_their_names() {
        assert_eq!(target("thumbv8m.main-none-eabihf").unwrap().name, "thumbv8m.main-none-eabihf");
        assert!(target("avr-none").unwrap().flags.contains("atmega328p"));
        let error = target("x86_64-unknown-linux-gnu").unwrap_err().to_string();
        assert!(error.contains("thumbv7em-none-eabihf") && error.contains("cargo build --release"), "{error}");
    }
}
