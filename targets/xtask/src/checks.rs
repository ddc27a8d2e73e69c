//! `cargo xtask test` and `cargo xtask ci`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{
    big_endian,
    boards::LM3S6965EVB,
    capi_tests, components, docs,
    firmware::Firmware,
    firmware_tests, licences, matrix, miri, packages, portability,
    process::{run, step},
    rust_version, setup, size, soak, sylixos,
    workspace::cargo,
};

/// Runs all tests, or only those of the firmware.
pub fn test(from_source: bool, firmware_only: bool) -> Result<()> {
    setup::for_test(from_source)?;
    // All of them run, also when one fails, so that one run shows all failures.
    let host: &[fn() -> Result<()>] = if firmware_only { &[] } else { &HOST };
    let host = host.iter().map(|test| test()).collect::<Vec<_>>();
    let firmware = [firmware_tests::run(from_source), capi_tests::run(from_source), matrix::test(from_source)];
    host.into_iter().chain(firmware).collect()
}

/// Tests that need no board.
const HOST: [fn() -> Result<()>; 7] =
    [workspace, fuzz, soak, miri::test, big_endian::test, portability::test, sylixos::test];

fn workspace() -> Result<()> {
    step("testing the workspace");
    run(cargo().args(["test", "--all-features", "--no-fail-fast"]))
}

/// The time for each fuzz target in seconds.
const FUZZ_SECONDS: &str = "20";

fn fuzz() -> Result<()> {
    step(&format!("fuzzing, {FUZZ_SECONDS} s for each target"));
    run(cargo().args(["run", "--quiet", "--profile", "fuzz", "--package", "oncilla-fuzz", "--", FUZZ_SECONDS]))
}

/// The number of calls on bad lines. `cargo xtask soak` makes ten times as many.
const SOAK_CALLS: u64 = 100_000;

fn soak() -> Result<()> {
    soak::test(SOAK_CALLS, 1, false)
}

/// A stage of `cargo xtask ci`.
struct Stage(&'static str, fn() -> Result<()>);

/// The stages. Tests are the last, so that the output ends with their results.
const STAGES: [Stage; 9] = [
    Stage("set-up", components::find_or_install),
    Stage("formatting", formatting),
    Stage("lints", lints),
    Stage("licences", licences::check),
    Stage("documentation", documentation),
    Stage("rust-version", rust_version::check),
    Stage("packages", packages::check),
    Stage("sizes", || size::run(false, false)),
    Stage("tests", || test(false, false)),
];

/// Runs all stages, also when one fails.
pub fn all() -> Result<()> {
    let mut times = Vec::new();
    let mut failed = Vec::new();
    for Stage(name, run) in STAGES {
        step(&format!("stage: {name}"));
        let start = Instant::now();
        if let Err(error) = run() {
            eprintln!("error: {name}: {error:#}");
            failed.push(name);
        }
        times.push((name, start.elapsed()));
    }
    let seconds = |(name, time): &(&str, Duration)| format!("{name} {:.0} s", time.as_secs_f64());
    step(&format!("times: {}", times.iter().map(seconds).collect::<Vec<_>>().join(", ")));
    ensure!(failed.is_empty(), "{} of {} stages failed: {}", failed.len(), STAGES.len(), failed.join(", "));
    step("all stages passed");
    Ok(())
}

fn formatting() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--", "--check"])).context("run `cargo fmt --all`")
}

fn lints() -> Result<()> {
    for features in FEATURES {
        run(cargo().args(["clippy", "--all-targets"]).args(features).args(["--", "-D", "warnings"]))?;
    }
    newcomer()?;
    setup::for_lint()?.into_iter().try_for_each(Firmware::lint)
}

/// Checks the whole workspace on this machine, firmware included, as an editor does. Then checks the error that
/// firmware built for this machine causes.
fn newcomer() -> Result<()> {
    run(cargo().args(["check", "--workspace", "--all-targets"])).context("an editor would show these errors")?;
    run(cargo().args(["build", "--workspace"]))?;
    let (package, target) = (LM3S6965EVB.firmware(), LM3S6965EVB.target.name);
    let built = cargo().args(["build", "--package", &package, "--features", "firmware"]).output()?;
    let said = String::from_utf8_lossy(&built.stderr);
    let advice = format!("{package} is firmware for {target}");
    ensure!(
        !built.status.success() && said.contains(&advice),
        "firmware built for a host does not say \"{advice}\": {said}"
    );
    Ok(())
}

fn documentation() -> Result<()> {
    for features in FEATURES {
        run(cargo().args(["doc", "--no-deps"]).args(features).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    docs::build()?;
    setup::for_lint()?.into_iter().try_for_each(Firmware::document)
}

/// The choices of features: none, or all.
const FEATURES: [&[&str]; 2] = [&[], &["--all-features"]];
