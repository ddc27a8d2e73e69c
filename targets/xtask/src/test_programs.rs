//! Programs of tests that are built here, with all else that one cargo builds, and run elsewhere.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The program of a test.
#[derive(PartialEq, Eq, Debug)]
pub struct TestProgram {
    /// The name of the test: its file or folder in `tests`.
    pub name: String,
    pub file: PathBuf,
}

/// Runs a `cargo build`, and returns the programs of the tests that it was asked for.
///
/// `cargo test` would run them, but also build their dependencies anew with the features that these tests alone need.
pub fn build(cargo: &mut Command) -> Result<Vec<TestProgram>> {
    cargo.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("the output of cargo is piped")?;
    let mut programs = Vec::new();
    for line in BufReader::new(output).lines() {
        programs.extend(program(&line?));
    }
    let status = child.wait()?;
    ensure!(status.success(), "{cargo:?} failed ({status}); what it printed says why");
    ensure!(!programs.is_empty(), "{cargo:?} built no tests");
    Ok(programs)
}

/// Returns the program that a message of cargo's reports, if it is that of a test.
fn program(message: &str) -> Option<TestProgram> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_test = message["target"]["kind"][0] == "test";
    let name = message["target"]["name"].as_str()?;
    is_test.then_some(TestProgram { name: name.to_owned(), file: message["executable"].as_str()?.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_tests_are_found_among_others() {
        let test = r#"{"reason":"compiler-artifact","target":{"kind":["test"],"name":"tcp"},"executable":"/t/tcp-1"}"#;
        assert_eq!(program(test), Some(TestProgram { name: "tcp".to_owned(), file: "/t/tcp-1".into() }));
        let example = r#"{"target":{"kind":["example"],"name":"check"},"executable":"/t/check"}"#;
        for other in [example, r#"{"reason":"build-finished","success":true}"#, "no JSON"] {
            assert_eq!(program(other), None);
        }
    }
}
