//! The examples for HALs and executors: all are compiled and linked, and those for a board of QEMU are booted and called.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    boards::LM3S6965EVB,
    columns,
    footprint::Footprint,
    process::{run, step},
    qemu::{self, Terminal},
    targets::{RISCV32IMC, THUMBV6M, THUMBV7EM_HF, THUMBV7M, Target},
    toolchain::Toolchain,
    workspace,
};

/// For all calls to one firmware.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder of `examples/boards`, its target, and whether QEMU has the board.
type Example = (&'static str, &'static Target, bool);

const EXAMPLES: [Example; 7] = [
    ("esp32c3", &RISCV32IMC, false),
    ("lm3s6965-embassy", &THUMBV7M, true),
    ("lm3s6965-rtic", &THUMBV7M, true),
    ("nrf52840", &THUMBV7EM_HF, false),
    ("rp2040", &THUMBV6M, false),
    ("samd21", &THUMBV6M, false),
    ("stm32f411", &THUMBV7EM_HF, false),
];

oncilla::program! {
    // As in `examples/boards/lm3s6965-rtic` and `lm3s6965-embassy`.
    mod tasks = 0x2000_0003, version 1 {
        fn runs() -> u32 = 1;
        fn busy(milliseconds: u32) -> u32 = 2;
    }
}

/// Builds all examples, calls those that QEMU boots, and prints a table, with `quiet` on standard error.
pub fn test(from_source: bool, quiet: bool) -> Result<()> {
    let mut lines = vec![["example", "target", "flash", "static RAM", "result"].map(str::to_owned)];
    let mut failed = Vec::new();
    let start = Instant::now();
    for example @ (name, target, _) in EXAMPLES {
        let result = built(example, from_source).and_then(|file| Ok((Footprint::of(&file)?, called(example, &file)?)));
        let (flash, ram, result) = match result {
            Ok((footprint, result)) => (footprint.flash.to_string(), footprint.static_ram.to_string(), result),
            Err(error) => {
                failed.push(name);
                ("-".to_owned(), "-".to_owned(), format!("FAILED: {error:#}"))
            }
        };
        step(&format!("example {name} ... {result}"));
        lines.push([name.to_owned(), target.name.to_owned(), flash, ram, result]);
    }
    let table = columns::align(&lines);
    if quiet {
        eprintln!("\n{table}");
    } else {
        println!("\n{table}");
    }
    step(&format!("built and called the examples in {} s", start.elapsed().as_secs()));
    ensure!(failed.is_empty(), "{} of the examples failed: {}", failed.len(), failed.join(", "));
    Ok(())
}

/// Links an example in its own folder, with the versions of its own `Cargo.lock` and the library of this checkout.
fn built((name, target, _): Example, from_source: bool) -> Result<PathBuf> {
    step(&format!("building examples/boards/{name}"));
    let toolchain = if from_source { Toolchain::from_source(target) } else { Toolchain::any(target)? };
    let root = workspace::root().canonicalize()?;
    let mut cargo = toolchain.cargo("build");
    cargo.current_dir(root.join("examples/boards").join(name));
    for (package, path) in [("oncilla", root.clone()), ("oncilla-hal", root.join("targets/hal"))] {
        cargo.args(["--config", &format!("patch.crates-io.{package}.path=\"{}\"", path.display())]);
    }
    // Most of the time goes to the crates of registers; nobody debugs these builds.
    cargo.envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "0")]);
    run(&mut cargo)?;
    Ok(toolchain.built("debug", name))
}

/// Boots an example for a board of QEMU. Its async task must run while the library waits and while a procedure is busy.
fn called((_, _, in_qemu): Example, file: &Path) -> Result<String> {
    if !in_qemu {
        return Ok("linked, not run".to_owned());
    }
    let mut qemu = qemu::command(&LM3S6965EVB, file)?;
    qemu.args(["-monitor", "none", "-serial", "pty"]);
    let terminal = Terminal::boot(&mut qemu, LIMIT)?;
    let mut client = oncilla_host::serial(terminal.path(), 115_200)?;
    let mut tasks = tasks::Client::new(&mut client);
    let before = tasks.runs()?;
    const CALLS: u32 = 200;
    for _ in 0..CALLS {
        tasks.null()?;
    }
    let busy = tasks.busy(50)?;
    let passed = tasks.runs()?.wrapping_sub(before);
    // Lower bounds only: ticks may be lost where QEMU has to wait for a processor.
    ensure!(busy >= 5, "the async task ran {busy} times, and not about 50, while a procedure was busy for 50 ms");
    ensure!(passed > busy, "the async task did not run between calls");
    Ok(format!("{CALLS} calls; the async task ran {busy} times while a procedure was busy for 50 ms"))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn all_examples_are_built() {
        let folders = fs::read_dir(workspace::root().join("examples/boards")).unwrap();
        let folders: BTreeSet<_> =
            folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir()).map(|e| e.file_name()).collect();
        let listed: BTreeSet<_> = EXAMPLES.iter().map(|(name, ..)| (*name).into()).collect();
        assert_eq!(folders, listed);
    }

    #[test]
    #[ignore = "builds and boots firmware; `cargo xtask matrix` does so, too"]
    fn the_examples_are_built_and_called() {
        // With FROM_SOURCE set, `core` is built from source, as where rustup is missing.
        test(std::env::var_os("FROM_SOURCE").is_some(), false).unwrap();
    }

    #[test]
    fn runners_and_targets_are_those_of_the_table() {
        for (name, target, in_qemu) in EXAMPLES {
            let config = workspace::root().join("examples/boards").join(name).join(".cargo/config.toml");
            let config = fs::read_to_string(config).unwrap();
            assert!(config.contains(&format!("target = \"{}\"", target.name)), "{name}");
            assert!(config.contains(if in_qemu { "qemu-system-arm" } else { "probe-rs run --chip" }), "{name}");
        }
    }
}
