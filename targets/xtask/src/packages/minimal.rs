//! Builds of the libraries with the oldest dependencies that their manifests allow.

use std::{env, fs, path::Path};

use anyhow::{Context, Result};

use super::{PUBLISHED, cargo_in, unpacked};
use crate::process::{output, run, step};

/// Builds the libraries with the oldest versions of what they depend on themselves. Programs are left
/// out, because no other manifest affects their versions. The build asks crates.io, because the workspace uses newer versions. If
/// crates.io cannot be reached, a note reports it, and the check does not fail.
pub fn check(folder: &Path, version: &str) -> Result<()> {
    step("building the libraries with the oldest dependencies that they allow");
    if env::var("CARGO_NET_OFFLINE").is_ok_and(|offline| offline == "true") {
        println!("note: nothing was built with the oldest dependencies: CARGO_NET_OFFLINE is set");
        return Ok(());
    }
    let mut ask = cargo_in(folder);
    ask.args(["update", "--dry-run"]).env("CARGO_NET_RETRY", "1").env("CARGO_HTTP_TIMEOUT", "20");
    if let Err(why) = output(&mut ask) {
        let why = why.to_string();
        let why = why.lines().next_back().unwrap_or_default().trim();
        println!("note: nothing was built with the oldest dependencies: crates.io cannot be reached ({why})");
        return Ok(());
    }
    for program in PUBLISHED.iter().filter(|published| !published.is_library()) {
        // With the requirements of the workspace, cargo finds no versions that are the oldest for all.
        fs::remove_dir_all(unpacked(folder, program, version))?;
        leave_out(&folder.join("Cargo.toml"), program.name)?;
    }
    for entry in fs::read_dir(folder)? {
        let manifest = entry?.path().join("Cargo.toml");
        if manifest.is_file() {
            strip(&manifest).with_context(|| format!("cannot change {manifest:?}"))?;
        }
    }
    // An unstable option, which stable compilers take so. It is only about choosing versions.
    output(cargo_in(folder).env("RUSTC_BOOTSTRAP", "1").args(["generate-lockfile", "-Z", "direct-minimal-versions"]))?;
    let mut command = cargo_in(folder);
    command.args(["check", "--quiet", "--locked", "--all-features"]);
    command.args(PUBLISHED.iter().filter(|published| published.is_library()).flat_map(|it| ["--package", it.name]));
    run(&mut command).context("a manifest allows a dependency that is too old: raise its version there")
}

/// Removes a package from those that the workspace takes instead of crates.io's.
fn leave_out(workspace: &Path, package: &str) -> Result<()> {
    let mut table: toml::Table = toml::from_str(&fs::read_to_string(workspace)?)?;
    let patch = table.get_mut("patch").and_then(|patch| patch.get_mut("crates-io"));
    patch.and_then(toml::Value::as_table_mut).map(|patch| patch.remove(package));
    Ok(fs::write(workspace, toml::to_string(&table)?)?)
}

/// Removes from a manifest what only tests depend on: users do not get it, and its oldest versions do not matter.
fn strip(manifest: &Path) -> Result<()> {
    let mut table: toml::Table = toml::from_str(&fs::read_to_string(manifest)?)?;
    table.remove("dev-dependencies");
    for target in
        table.get_mut("target").and_then(toml::Value::as_table_mut).into_iter().flat_map(toml::Table::iter_mut)
    {
        target.1.as_table_mut().map(|target| target.remove("dev-dependencies"));
    }
    Ok(fs::write(manifest, toml::to_string(&table)?)?)
}
