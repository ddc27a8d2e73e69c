//! The tests that make sense on Windows.

use std::{
    fs::{self, File},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::{cargo, target_dir, wine::Wine};
use crate::process::{run_for, step};

/// The package, and its tests of sockets and of the server. Others need Unix, or programs of other systems.
const TESTS: [&str; 10] = [
    "--package=oncilla",
    "--test=layers",
    "--test=once",
    "--test=oneway",
    "--test=server",
    "--test=server_limits",
    "--test=server_workers",
    "--test=tcp",
    "--test=time_outs",
    "--test=udp",
];

/// Tests that do not hold there. On Windows, the system chooses the sender of a reply. In Wine, a client's calls may be seen
/// later than those of clients that wrote after it, and a connection that its program ends with bytes unread ends in order,
/// without a reset.
const LEFT_OUT: [&str; 3] = [
    "a_reply_leaves_from_the_address_that_was_called",
    "a_stop_has_one_time_limit_for_all_waiting_calls",
    "the_error_of_a_connection_reset_during_a_call_states_that_it_may_have_been_executed",
];

/// The number of tests that must have passed, so that a run of none is noticed.
const AT_LEAST: usize = 75;

/// The time limit.
const LIMIT: Duration = Duration::from_secs(600);

/// Adds the tests to a cargo command.
pub fn select(cargo: &mut Command) -> &mut Command {
    cargo.args(TESTS)
}

/// Runs the tests, and counts them.
pub fn run(wine: &Wine) -> Result<()> {
    step("running the tests on Windows");
    let printed = target_dir().join("tests.log");
    let file = File::create(&printed).with_context(|| format!("cannot create {}", printed.display()))?;
    let mut tests = cargo("test");
    select(&mut tests)
        .arg("--no-fail-fast")
        .arg("--")
        .args(LEFT_OUT.map(|name| format!("--skip={name}")))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine")
        .stdout(file);
    let tested = run_for(LIMIT, wine.prepare(&mut tests));
    let printed = fs::read_to_string(&printed)?;
    print!("{printed}");
    let passed = passed(&printed);
    println!("{passed} tests passed on Windows");
    tested?;
    ensure!(passed >= AT_LEAST, "{passed} tests passed, and not {AT_LEAST} or more");
    Ok(())
}

/// Returns the number of tests that passed, by the lines "test result: ok. 12 passed; …".
fn passed(printed: &str) -> usize {
    let results = printed
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ")?.split_once(". ")?.1.split_once(" passed"));
    results.filter_map(|(passed, _)| passed.parse::<usize>().ok()).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_results_are_counted() {
        let printed = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored\n\ntest result: FAILED. 3 passed; 1 failed\n";
        assert_eq!(super::passed(printed), 5);
        assert_eq!(super::passed("no tests"), 0);
    }
}
