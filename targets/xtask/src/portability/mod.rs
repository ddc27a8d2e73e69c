//! Compiles the library and the portable suite for targets without a board, and the crates of hosts for other systems.

mod hosts;

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::Value;

use crate::{
    boards, columns,
    install::{self, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE},
    process::{output, step},
    toolchain::{self, debian_cargo},
    workspace::{self, cargo},
};

/// The compiler's names of the targets, and the processors.
pub const TARGETS: [(&str, &str); 28] = [
    ("thumbv6m-none-eabi", "Cortex-M0, M0+"),
    ("thumbv7m-none-eabi", "Cortex-M3"),
    ("thumbv7em-none-eabi", "Cortex-M4, M7"),
    ("thumbv7em-none-eabihf", "Cortex-M4F, M7F"),
    ("thumbv8m.base-none-eabi", "Cortex-M23"),
    ("thumbv8m.main-none-eabi", "Cortex-M33"),
    ("thumbv8m.main-none-eabihf", "Cortex-M33F"),
    ("riscv32i-unknown-none-elf", "RISC-V, 32 bits, no multiplication, no atomics"),
    ("riscv32imc-unknown-none-elf", "RISC-V, 32 bits, no atomics"),
    ("riscv32imac-unknown-none-elf", "RISC-V, 32 bits"),
    ("riscv64gc-unknown-none-elf", "RISC-V, 64 bits"),
    ("armv7a-none-eabi", "Armv7-A"),
    ("armv7r-none-eabi", "Cortex-R"),
    ("armv7r-none-eabihf", "Cortex-R with floating point"),
    ("armebv7r-none-eabi", "Cortex-R, big-endian"),
    ("armv4t-none-eabi", "ARM7TDMI"),
    ("armv5te-none-eabi", "ARM9"),
    ("aarch64-unknown-none", "Armv8-A, 64 bits"),
    ("aarch64_be-unknown-none-softfloat", "Armv8-A, 64 bits, big-endian"),
    ("avr-none", "AVR, 16-bit usize"),
    ("msp430-none-elf", "MSP430, 16-bit usize"),
    ("sparc-unknown-none-elf", "SPARC V8, big-endian"),
    ("loongarch64-unknown-none", "LoongArch, 64 bits"),
    ("mips-mti-none-elf", "MIPS, big-endian"),
    ("mipsel-unknown-none", "MIPS"),
    ("powerpc-unknown-linux-gnu", "PowerPC, big-endian"),
    ("s390x-unknown-none-softfloat", "s390x, 64 bits, big-endian"),
    ("wasm32v1-none", "WebAssembly"),
];

/// Targets without atomic access. For these, heapless needs a feature, which the author of firmware sets.
const WITHOUT_ATOMICS: [&str; 2] = ["armv4t-none-eabi", "armv5te-none-eabi"];

/// The suite, and with it the library, with all features that need no operating system.
const PACKAGE: [&str; 4] = ["--package=oncilla-suite", "--features=full", "--features=postcard", "--keep-going"];
const SINGLE_CORE: &str = "--features=heapless/portable-atomic-unsafe-assume-single-core";

/// The artifacts that show that a target compiles.
const CRATES: [&str; 2] = ["oncilla", "oncilla_suite"];

/// A target, and whether the library and the suite compile for it.
#[derive(Debug, Serialize)]
pub struct Compiled {
    target: &'static str,
    processor: &'static str,
    /// The crates that do not compile.
    missing: Vec<&'static str>,
}

/// What is compiled and not run.
#[derive(Debug, Serialize)]
pub struct Rows {
    targets: Vec<Compiled>,
    hosts: Vec<hosts::Host>,
}

/// Compiles for every target without a board, and for other systems. The compiler prints the errors.
pub fn rows() -> Result<Rows> {
    install::tools(&[&DEBIAN_RUSTC, &DEBIAN_CARGO, &DEBIAN_SOURCE])?;
    Ok(Rows { targets: targets()?, hosts: hosts::rows()? })
}

fn targets() -> Result<Vec<Compiled>> {
    let on_boards: HashSet<_> = boards::ALL.iter().map(|board| board.target.name).collect();
    let targets: Vec<_> = TARGETS.into_iter().filter(|(name, _)| !on_boards.contains(name)).collect();
    step(&format!("compiling the library and the suite for {} targets that no board has", targets.len()));
    let start = Instant::now();
    // One that the compiler has not heard of would stop the others.
    let known = output(Command::new(DEBIAN_RUSTC.file).args(["--print", "target-list"]))?;
    let known: HashSet<_> = known.lines().collect();
    let known = targets.iter().map(|(name, _)| *name).filter(|name| {
        let is_known = known.contains(name);
        if !is_known {
            eprintln!("    {} has no target {name}", DEBIAN_RUSTC.file);
        }
        is_known
    });
    let (without, with): (Vec<_>, Vec<_>) = known.partition(|name| WITHOUT_ATOMICS.contains(name));
    // Most of the time goes to `core`. A system's standard library would be a large download.
    let bare: Vec<_> = with.iter().copied().filter(|name| !name.contains("linux")).collect();
    let installed = toolchain::installed(&bare);
    let (installed, with): (Vec<_>, Vec<_>) = with.into_iter().partition(|name| installed.contains(name));
    let mut compiled = compile(cargo().arg("build").args(PACKAGE), &installed, &CRATES)?;
    compiled.extend(compile(&mut from_source(), &with, &CRATES)?);
    compiled.extend(compile(from_source().arg(SINGLE_CORE), &without, &CRATES)?);
    step(&format!("compiled in {} s", start.elapsed().as_secs()));
    let row = |(target, processor): (&'static str, _)| {
        let missing = CRATES.into_iter().filter(|part| is_missing(&compiled, target, part)).collect();
        Compiled { target, processor, missing }
    };
    Ok(targets.into_iter().map(row).collect())
}

/// Compiles and prints the rows, as a test.
pub fn test() -> Result<()> {
    let rows = rows()?;
    println!("\n{}", table(&rows));
    judge(&rows)
}

/// Returns an error if a target does not compile.
pub fn judge(rows: &Rows) -> Result<()> {
    let failed = rows.targets.iter().filter(|row| !row.missing.is_empty()).map(|row| row.target);
    let failed: Vec<_> = failed.chain(hosts::failed(&rows.hosts)).collect();
    ensure!(failed.is_empty(), "does not compile for {}; the compiler says above why", failed.join(", "));
    Ok(())
}

/// Returns all rows as two tables.
pub fn table(rows: &Rows) -> String {
    let Rows { targets: rows, hosts } = rows;
    let mut lines = vec![["target", "processor", "library and suite"].map(str::to_owned)];
    lines.extend(rows.iter().map(|Compiled { target, processor, missing }| {
        let result = if missing.is_empty() { "compiled".to_owned() } else { format!("FAILED: {}", missing.join(", ")) };
        [(*target).to_owned(), (*processor).to_owned(), result]
    }));
    format!("{}\n{}", columns::align(&lines), hosts::table(hosts))
}

/// Returns a cargo command that builds the suite and `core`.
fn from_source() -> Command {
    let mut cargo = debian_cargo("build");
    cargo.arg("-Zbuild-std=core").args(PACKAGE);
    cargo
}

/// The crates that were compiled, by target.
type Artifacts = HashSet<(String, &'static str)>;

fn is_missing(compiled: &Artifacts, target: &str, part: &'static str) -> bool {
    !compiled.contains(&(target.to_owned(), part))
}

/// Runs one cargo for all targets, which builds host tools once and is always busy. Returns which of `crates` it
/// compiled.
fn compile(cargo: &mut Command, targets: &[&str], crates: &[&'static str]) -> Result<Artifacts> {
    if targets.is_empty() {
        return Ok(Artifacts::new());
    }
    cargo
        .args(targets.iter().flat_map(|target| ["--target", target]))
        .args(["--message-format=json-render-diagnostics", "--target-dir"])
        .arg(workspace::foreign())
        // The results are not debugged, and not built again after small changes.
        .envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "0")])
        .env("CARGO_TARGET_AVR_NONE_RUSTFLAGS", "-C target-cpu=atmega328p")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdout(Stdio::piped());
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut compiled = Artifacts::new();
    for line in BufReader::new(output).lines() {
        // Each line is a message of cargo's; the artifacts of a target are in a folder of its name.
        let Ok(message) = line.map_err(drop).and_then(|line| serde_json::from_str::<Value>(&line).map_err(drop)) else {
            continue;
        };
        let file = message["filenames"][0].as_str().unwrap_or_default();
        // A program may have the name of a library.
        let name = message["target"]["name"].as_str().unwrap_or_default();
        let name = if message["target"]["kind"][0] == "bin" { format!("bin:{name}") } else { name.to_owned() };
        let part = crates.iter().find(|part| **part == name);
        let target = targets.iter().find(|target| file.contains(&format!("/{target}/")));
        if let (Some(part), Some(target)) = (part, target) {
            compiled.insert(((*target).to_owned(), *part));
        }
    }
    // Whether all was built is seen by what was.
    child.wait()?;
    Ok(compiled)
}
