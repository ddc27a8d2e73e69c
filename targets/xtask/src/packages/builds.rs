//! Builds of each package, where nothing of the repository is but the other packages.

use std::{fs, path::Path};

use anyhow::Result;

use super::{PUBLISHED, cargo_in, offline_first};
use crate::{
    process::{run, step},
    workspace,
};

/// Builds each package by itself, since features of one would be another's, too: plainly, and with all features. Then the
/// documentation, as docs.rs does.
pub fn check(folder: &Path) -> Result<()> {
    step("building each package from the packages alone");
    // The same versions as in the workspace, which are downloaded and mostly built.
    fs::copy(workspace::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    offline_first(|| {
        let mut command = cargo_in(folder);
        command.args(["metadata", "--format-version", "1"]);
        command
    })?;
    for published in &PUBLISHED {
        for features in [&[][..], &["--no-default-features"], &["--all-features"]] {
            let mut command = cargo_in(folder);
            run(command.args(["check", "--quiet", "--locked", "--package", published.name]).args(features))?;
        }
    }
    let mut command = cargo_in(folder);
    command.args(["doc", "--quiet", "--locked", "--no-deps", "--workspace", "--all-features"]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}
