//! The folders and the cargo of this workspace.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Returns the root of the workspace.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns the path of one of this program's own files.
pub fn own(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// Returns the folder for build results.
pub fn target() -> PathBuf {
    // Where it is relative it is so to the root, where cargo is started here, and not to where another program is.
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Returns the folder in which Debian's compiler builds for other systems and processors. One for all, so that the
/// programs that run during a build are built once. Parts that use it must not run at the same time.
pub fn foreign() -> PathBuf {
    target().join("foreign")
}

/// Returns the cargo that runs this program, in the root of the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
