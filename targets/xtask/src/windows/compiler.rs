//! The `.x` compiler on Windows writes the same Rust as here.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use oncilla_rpcgen::Options;

use super::{folder, wine::Wine};
use crate::{
    process::{output, step},
    workspace,
};

/// What cargo builds for this test.
pub const BUILD: [&str; 2] = ["--package=oncilla-rpcgen", "--bin=oncilla-rpcgen"];

/// Files of systems, and one that includes others.
const FILES: [&str; 4] = ["tests/x/nlm4.x", "tests/x/rpcbind.x", "tests/x/vxi11.x", "tests/accepted/include.x"];

/// A file with an error, and what the compiler says of it.
const REFUSED: (&str, &str) = ("tests/refused/quadruple.x", "tests/refused/quadruple.x:1:12");

/// Compiles files on both systems, and one that is refused.
pub fn test(wine: &Wine) -> Result<()> {
    step("compiling .x files on Windows");
    for file in FILES {
        let here = Options::new().generate(root().join(file)).with_context(|| format!("cannot compile {file}"))?;
        let there = output(compiler(wine).args(["--quiet", file]))?;
        ensure!(there.trim_end() == here.rust.trim_end(), "the Rust made of {file} on Windows differs");
        println!("{file}: {} lines, the same", there.lines().count());
    }
    let (file, expected) = REFUSED;
    let refused = compiler(wine).arg(file).output().context("cannot start Wine")?;
    let errors = String::from_utf8_lossy(&refused.stderr);
    ensure!(refused.status.code() == Some(1) && errors.contains(expected), "{}: {errors}", refused.status);
    Ok(())
}

/// Returns the command of the compiler in its own package's folder.
fn compiler(wine: &Wine) -> Command {
    let mut command = wine.command();
    command.arg(folder().join("oncilla-rpcgen.exe")).current_dir(root());
    command
}

fn root() -> PathBuf {
    workspace::root().join("targets/rpcgen")
}
