//! The compiler's formatter and linter.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{
    process::{find, output, run_within, step},
    workspace::cargo,
};

/// The time limit for a download of a few megabytes.
const LIMIT: Duration = Duration::from_secs(120);

/// Cargo's subcommands, and rustup's names for the components that contain them.
const COMPONENTS: [(&str, &str); 2] = [("fmt", "rustfmt"), ("clippy", "clippy")];

/// Finds both, or installs missing ones with rustup.
pub fn find_or_install() -> Result<()> {
    step("looking for formatter and linter");
    for (subcommand, component) in COMPONENTS {
        if is_there(subcommand) {
            eprintln!("    cargo {subcommand}: found");
            continue;
        }
        let to_type = format!("type: rustup component add {component}");
        ensure!(
            find("rustup").is_some(),
            "cargo {subcommand} is missing; install the {component} that belongs to your cargo, or, with rustup, {to_type}"
        );
        let mut rustup = Command::new("rustup");
        run_within(LIMIT, rustup.args(["component", "add", component]))
            .with_context(|| format!("cargo {subcommand} is missing; to see why it cannot be had, {to_type}"))?;
        ensure!(is_there(subcommand), "rustup added {component} to another toolchain than cargo uses; {to_type}");
    }
    Ok(())
}

fn is_there(subcommand: &str) -> bool {
    output(cargo().args([subcommand, "--version"])).is_ok()
}
