//! Builds of the libraries with the oldest dependencies that their manifests allow.

use std::{env, fs, path::Path};

use anyhow::{Context, Result};

use super::{PUBLISHED, Published, cargo_in};
use crate::process::{output, run, step};

/// Libraries that are built apart from the others, because they require more of a dependency than the others' oldest. The
/// gateway reads its settings with a `toml` whose serde is newer, and the page's server has a newer serde itself.
const ALONE: [&str; 2] = ["oncilla-gateway", "oncilla-web"];

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
    for entry in fs::read_dir(folder)? {
        let manifest = entry?.path().join("Cargo.toml");
        if manifest.is_file() {
            strip(&manifest).with_context(|| format!("cannot change {manifest:?}"))?;
        }
    }
    let libraries = PUBLISHED.iter().filter(|published| published.is_library());
    let (alone, together): (Vec<_>, Vec<_>) = libraries.partition(|library| ALONE.contains(&library.name));
    build(folder, version, &together)?;
    alone.into_iter().try_for_each(|library| build(folder, version, &[library]))
}

/// Builds these libraries, each with the oldest versions of its own dependencies.
fn build(folder: &Path, version: &str, libraries: &[&Published]) -> Result<()> {
    let manifest = folder.join("Cargo.toml");
    let mut table: toml::Table = toml::from_str(&fs::read_to_string(&manifest)?)?;
    let workspace = table.get_mut("workspace").and_then(toml::Value::as_table_mut).context("no table `workspace`")?;
    let members: Vec<_> = libraries.iter().map(|library| format!("{}-{version}", library.name)).collect();
    workspace.insert("members".to_owned(), members.into());
    fs::write(&manifest, toml::to_string(&table)?)?;
    // An unstable option, which stable compilers take so. It is only about choosing versions.
    output(cargo_in(folder).env("RUSTC_BOOTSTRAP", "1").args(["generate-lockfile", "-Z", "direct-minimal-versions"]))?;
    let mut command = cargo_in(folder);
    command.args(["check", "--quiet", "--locked", "--all-features"]);
    command.args(libraries.iter().flat_map(|library| ["--package", library.name]));
    run(&mut command).context("a manifest allows a dependency that is too old: raise its version there")
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
