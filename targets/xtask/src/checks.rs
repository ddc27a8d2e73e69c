//! `cargo xtask test` and `cargo xtask ci`.

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::{
    boards::LM3S6965EVB,
    components, docs, install,
    parts::{self, CHECKS, OF_FIRMWARE, Part, TESTS},
    process::{run, step},
    setup, side_by_side, soak,
    workspace::cargo,
};

/// Runs all tests, only those of the firmware, or only the parts with these names.
pub fn test(from_source: bool, firmware_only: bool, names: &[String]) -> Result<()> {
    setup::for_test(from_source)?;
    let firmware: &[&str] = if firmware_only { &OF_FIRMWARE } else { &[] };
    let named = names.iter().map(String::as_str).chain(firmware.iter().copied());
    let named = named.map(parts::named).collect::<Result<Vec<_>>>()?;
    side_by_side::run(&if named.is_empty() { TESTS.iter().collect() } else { named }, from_source)
}

/// Runs one part, whose tools are there.
pub fn part(name: &str, from_source: bool) -> Result<()> {
    (parts::named(name)?.run)(from_source)
}

/// Runs all checks and tests, also when one fails.
pub fn all() -> Result<()> {
    let start = Instant::now();
    // Without a tool of the tests, the checks run all the same.
    let tools = components::find_or_install().and(setup::for_test(false)).and(setup::for_lint().map(drop));
    if let Err(error) = &tools {
        eprintln!("error: set-up: {error:#}");
    }
    let set_up = start.elapsed().as_secs();
    let all: Vec<&Part> = CHECKS.iter().chain(TESTS).collect();
    let done = side_by_side::run(&all, false).and(tools);
    // Here, since what was printed at the start may be far above.
    step(&format!("set-up took {set_up} s; {}", install::told()));
    done
}

pub fn workspace() -> Result<()> {
    step("testing the workspace");
    run(cargo().args(["test", "--all-features", "--no-fail-fast"]))
}

/// The time for each fuzz target in seconds.
const FUZZ_SECONDS: &str = "6";

pub fn fuzz() -> Result<()> {
    step(&format!("fuzzing, {FUZZ_SECONDS} s for each target"));
    run(soak::optimised("oncilla-fuzz")?.arg(FUZZ_SECONDS))
}

pub fn formatting() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--", "--check"])).context("run `cargo fmt --all`")
}

/// Runs the linter on the whole workspace, and on what runs on this machine with all features.
pub fn lints() -> Result<()> {
    // As an editor checks it: firmware is linted for its own target elsewhere, and must compile here, too.
    for selected in ["--workspace", "--all-features"] {
        run(cargo().args(["clippy", "--all-targets", selected, "--", "-D", "warnings"]))?;
    }
    // Not among all targets, since they need a Python environment to run.
    let python = ["--package=oncilla-drpc", "--package=oncilla-protobuf-tests", "--test=peers", "--test=python"];
    run(cargo().args(["clippy", "--all-features"]).args(python).args(["--", "-D", "warnings"]))?;
    newcomer()
}

/// Builds the whole workspace on this machine, firmware included. Then checks the error that firmware built for this
/// machine causes.
fn newcomer() -> Result<()> {
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

pub fn documentation() -> Result<()> {
    for features in [&[][..], &["--all-features"]] {
        run(cargo().args(["doc", "--no-deps"]).args(features).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    docs::build().map(drop)
}

/// Runs the linter on all firmware, and builds the documentation of the boards.
pub fn firmware_lints() -> Result<()> {
    let all = setup::all_firmware(false)?;
    all.iter().try_for_each(|firmware| firmware.lint())?;
    all.iter().try_for_each(|firmware| firmware.document())
}
