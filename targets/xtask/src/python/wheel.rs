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

/// Builds the wheel of this machine, as users get it, and returns its path.
pub fn wheel() -> Result<PathBuf> {
    step("building the wheel");
    let mut maturin = maturin(&Environment::of_tools()?, "build", &wheels())?;
    // A folder of its own, so that no other build waits for it.
    maturin.arg("--release").env("CARGO_INCREMENTAL", "0").env("CARGO_TARGET_DIR", folder().join("build"));
    made_by("whl", &wheels(), &mut maturin)
}

/// Builds the source distribution and returns its path. It has all crates of the workspace that the package needs.
pub fn source() -> Result<PathBuf> {
    source_in(&wheels())
}

fn source_in(out: &Path) -> Result<PathBuf> {
    step("building the source distribution");
    made_by("tar.gz", out, &mut maturin(&Environment::of_tools()?, "sdist", out)?)
}

/// Builds the source distribution, and installs the package from it alone, as a user's pip does.
///
/// It is not optimised, so that most of it is what the tests of the workspace have built, and has checks of overflows.
pub fn install_from_source(environment: &Environment) -> Result<()> {
    let out = folder().join("source");
    // Files of another source distribution would be packages, too.
    let _ = fs::remove_dir_all(&out);
    let archive = source_in(&out)?;
    step("installing the package from its source distribution");
    // Not by pip, which unpacks to a new path each time and so builds anew what is at the path. The time of each file is
    // that of now: cargo sees by it what has changed.
    run(Command::new("tar").args(["--touch", "-xzf"]).arg(&archive).arg("-C").arg(&out))?;
    let unpacked = archive.with_extension("").with_extension("");
    let mut pip = environment.command("python");
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"]).arg(unpacked);
    run(pip.env("CARGO_TARGET_DIR", workspace::target()).env("MATURIN_PEP517_ARGS", "--profile=dev"))
}

/// Returns a command of maturin for the package, whose results are in `out`.
fn maturin(tools: &Environment, subcommand: &str, out: &Path) -> Result<Command> {
    let mut maturin = tools.command("maturin");
    maturin.arg(subcommand).arg("--manifest-path").arg(package().join("Cargo.toml")).arg("--out").arg(out);
    // The cargo that runs this program.
    if let Some(cargo) = env::var_os("CARGO") {
        maturin.env("CARGO", cargo);
    }
    Ok(maturin)
}

/// Returns the folder of wheels.
fn wheels() -> PathBuf {
    workspace::target().join("wheels")
}

/// Runs a command that writes a file to a folder, and returns the file.
fn made_by(suffix: &str, folder: &Path, command: &mut Command) -> Result<PathBuf> {
    let before = SystemTime::now();
    run(command)?;
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
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
