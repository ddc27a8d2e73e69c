//! The Python package on Windows.

use std::process::Command;

use anyhow::Result;

use super::{BUILD_STD, TARGET, linking, wine::Wine};
use crate::{python::windows, workspace};

/// Builds the wheel by Debian's compiler, and runs it with Python for Windows.
pub fn test(wine: &Wine) -> Result<()> {
    let prepare = |maturin: &mut Command| {
        // As for the other programs, so that the standard library is built once.
        maturin
            .envs([("CARGO", "/usr/bin/cargo"), ("RUSTC", "/usr/bin/rustc"), ("RUSTC_BOOTSTRAP", "1")])
            .env("CARGO_TARGET_DIR", workspace::foreign())
            .args(["--target", TARGET, BUILD_STD]);
        linking(maturin);
    };
    windows::test(&windows::wheel(prepare)?, || wine.command())
}
