//! The wheel of this machine, and the source distribution.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::{Context, Result, ensure};

use super::environment::{Environment, folder, package};
use crate::{
    process::{run, step},
    workspace,
};

/// Builds the wheel and the source distribution, and prints their paths.
pub fn build() -> Result<()> {
    println!("{}", wheel()?.display());
    println!("{}", source()?.display());
    Ok(())
}

/// Builds the wheel of this machine and returns its path.
pub fn wheel() -> Result<PathBuf> {
    step("building the wheel");
    made_by("whl", maturin(&Environment::of_tools()?, "build")?.arg("--release").env("CARGO_INCREMENTAL", "0"))
}

/// Builds the source distribution and returns its path. It has all crates of the workspace that the package needs.
pub fn source() -> Result<PathBuf> {
    step("building the source distribution");
    made_by("tar.gz", &mut maturin(&Environment::of_tools()?, "sdist")?)
}

/// Returns a command of maturin for the package, whose results are in the folder of wheels.
fn maturin(tools: &Environment, subcommand: &str) -> Result<Command> {
    let mut maturin = tools.command("maturin");
    maturin.arg(subcommand).arg("--manifest-path").arg(package().join("Cargo.toml")).arg("--out").arg(wheels());
    // A folder of its own, so that no other build waits for it.
    maturin.env("CARGO_TARGET_DIR", folder().join("build"));
    // The cargo that runs this program.
    if let Some(cargo) = env::var_os("CARGO") {
        maturin.env("CARGO", cargo);
    }
    Ok(maturin)
}

/// Returns the folder of wheels.
pub fn wheels() -> PathBuf {
    workspace::target().join("wheels")
}

/// Runs a command that writes a file to the folder of wheels, and returns the file.
fn made_by(suffix: &str, command: &mut Command) -> Result<PathBuf> {
    let before = SystemTime::now();
    run(command)?;
    let entries = fs::read_dir(wheels()).with_context(|| format!("cannot read {}", wheels().display()))?;
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    for entry in entries {
        let path = entry?.path();
        if !ends(&path, suffix) {
            continue;
        }
        let written = fs::metadata(&path)?.modified()?;
        if newest.as_ref().is_none_or(|(other, _)| *other < written) {
            newest = Some((written, path));
        }
    }
    let (written, path) = newest.with_context(|| format!("maturin wrote no .{suffix}"))?;
    // The clock of a file system may be some milliseconds behind.
    let is_new = written.checked_add(std::time::Duration::from_secs(2)).is_some_and(|written| written >= before);
    ensure!(is_new, "maturin wrote no .{suffix}; the newest is {}", path.display());
    Ok(path)
}

fn ends(path: &Path, suffix: &str) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(&format!(".{suffix}")))
}
