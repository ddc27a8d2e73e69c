//! The oldest compiler that the crates support.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{
    process::{find, output, run, run_within},
    workspace,
};

/// The time limit for a download of some hundred megabytes.
const LIMIT: Duration = Duration::from_secs(300);

/// What others build: the crates that are published, and the example that firmware is begun from.
const PACKAGES: [&str; 16] = [
    "oncilla",
    "oncilla-capi",
    "oncilla-cli",
    "oncilla-device",
    "oncilla-drpc",
    "oncilla-dynamic",
    "oncilla-fleet",
    "oncilla-gateway",
    "oncilla-hal",
    "oncilla-host",
    "oncilla-protobuf",
    "oncilla-protobuf-build",
    "oncilla-rpcgen",
    "oncilla-thermostat",
    "oncilla-vxi11",
    "oncilla-web",
];

/// Builds with the declared compiler. If it cannot be installed, for example offline, prints a note.
pub fn check() -> Result<()> {
    let version = declared()?;
    if let Err(why) = get(&version) {
        println!("note: nothing was built with rust {version}, the declared rust-version: {why:#}");
        return Ok(());
    }
    let mut cargo = rustup_run(&version, "cargo");
    cargo.args(["check", "--all-features", "--target-dir"]).arg(workspace::target().join(format!("rust-{version}")));
    for package in PACKAGES {
        cargo.args(["--package", package]);
    }
    run(&mut cargo).with_context(|| {
        format!("rust {version} does not build what says that it does; mend it, or raise rust-version in Cargo.toml")
    })
}

/// Returns the version that the workspace declares.
fn declared() -> Result<String> {
    let text = fs::read_to_string(workspace::root().join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: toml::Table = toml::from_str(&text)?;
    let version =
        |table: &str| manifest.get(table)?.get("package").or(manifest.get(table))?.get("rust-version")?.as_str();
    let (package, workspace) = (version("package"), version("workspace"));
    ensure!(package == workspace, "Cargo.toml declares rust-version {package:?} and, for the workspace, {workspace:?}");
    Ok(package.context("Cargo.toml declares no rust-version")?.to_owned())
}

/// Returns whether a compiler is at least as new as declared.
pub fn is_enough(compiler: &str) -> bool {
    let found = output(Command::new(compiler).arg("--version")).ok();
    let found = found.as_deref().and_then(|text| number(text.split_whitespace().nth(1)?));
    found >= declared().ok().and_then(|version| number(&version)) && found.is_some()
}

/// Returns the major and minor version.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// Finds the compiler or installs it.
fn get(version: &str) -> Result<()> {
    ensure!(find("rustup").is_some(), "there is no rustup here");
    if output(rustup_run(version, "rustc").arg("--version")).is_ok() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["toolchain", "install", version, "--profile", "minimal", "--no-self-update"]);
    // A backtrace of rustup would hide the line with the reason.
    run_within(LIMIT, rustup.env("RUST_BACKTRACE", "0"))
}

/// A program of that version, which is not installed for it without a time limit.
fn rustup_run(version: &str, program: &str) -> Command {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(workspace::root()).env("RUSTUP_AUTO_INSTALL", "0").args(["run", version, program]);
    rustup
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(number("1.88"), Some((1, 88)));
        assert!(number("1.100.0") > number("1.96.0"));
        assert_eq!(number("nightly"), None);
    }

    #[test]
    fn this_compiler_is_enough_and_none_is_not() {
        assert!(is_enough("rustc"));
        assert!(!is_enough("/nowhere/rustc"));
    }

    #[test]
    fn the_workspace_declares_one_version() {
        assert!(declared().unwrap().starts_with("1."));
    }
}
