//! The core under Miri, which finds undefined behaviour, also in the libraries it uses.

use anyhow::Result;

use crate::{
    process::{output, run, step},
    workspace,
};

/// Tests that Miri, some hundred times slower than the processor, finishes in a minute.
const TESTS: [&str; 2] = ["oneway", "vectors"];

/// Runs some tests under Miri if a nightly compiler with it is installed. Otherwise prints a note.
pub fn test() -> Result<()> {
    step("testing under Miri");
    if let Err(why) = output(nightly().args(["miri", "--version"])) {
        println!("note: nothing was run under Miri, which comes with nightly compilers only: {why:#}");
        return Ok(());
    }
    let mut cargo = nightly();
    cargo
        .args(["miri", "test", "--package", "oncilla", "--all-features", "--target-dir"])
        .arg(workspace::target().join("miri"))
        // The vectors are files, and the tests leak some of what they read from them.
        .env("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-ignore-leaks");
    for test in TESTS {
        cargo.args(["--test", test]);
    }
    run(&mut cargo)
}

fn nightly() -> std::process::Command {
    let mut cargo = std::process::Command::new("rustup");
    cargo.current_dir(workspace::root()).env("RUSTUP_AUTO_INSTALL", "0").args(["run", "nightly", "cargo"]);
    cargo
}
