//! The tests that make sense on Windows.

use std::{fs::File, io::Read, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{results, wine::Wine};
use crate::{
    process::{run_for, step},
    test_programs::TestProgram,
    workspace,
};

/// What cargo builds for this test: the package's tests of sockets and of the server. Others need Unix, or programs of
/// other systems.
pub const BUILD: [&str; 10] = [
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

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(600);

/// Runs the tests, and counts them.
pub fn run(wine: &Wine, tests: &[TestProgram]) -> Result<()> {
    step("running the tests on Windows");
    // All run, also when one fails.
    let results: Vec<_> = tests.iter().map(|test| run_one(wine, test)).collect();
    let passed: usize = results.into_iter().sum::<Result<_>>()?;
    println!("{passed} tests passed on Windows");
    ensure!(passed >= AT_LEAST, "{passed} tests passed, and not {AT_LEAST} or more");
    Ok(())
}

/// Runs a program. Returns the number of tests that passed, which is an error if one failed.
fn run_one(wine: &Wine, TestProgram { name, file }: &TestProgram) -> Result<usize> {
    let path = results().join(format!("{name}.log"));
    let log = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    let mut program = wine.command();
    program.arg(file).args(LEFT_OUT.map(|name| format!("--skip={name}"))).current_dir(workspace::root());
    let tested = run_for(LIMIT, program.stdout(log));
    let mut printed = String::new();
    File::open(&path)?.read_to_string(&mut printed)?;
    print!("{printed}");
    tested?;
    Ok(passed(&printed))
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
