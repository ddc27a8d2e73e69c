//! The examples that `--help` shows run as they are written.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{DESCRIBED, SENSOR_X, Serving, run};

/// Returns the examples of a command.
fn examples(command: &str) -> Vec<String> {
    let (code, help, _) = run([command, "--help"]);
    assert_eq!(code, 0);
    let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{command} has no examples"));
    examples.lines().take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
}

/// Runs a line in a shell that finds the command, in a folder.
fn shell(line: &str, folder: &Path, target: &str) -> Output {
    let command = assert_cmd::cargo::cargo_bin("oncilla");
    let path = env::var_os("PATH").unwrap_or_default();
    let paths = [command.parent().unwrap().to_owned()].into_iter().chain(env::split_paths(&path));
    let mut shell = Command::new("sh");
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("ONCILLA_")) {
        shell.env_remove(name);
    }
    shell
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", env::join_paths(paths).unwrap())
        .env("HOME", folder)
        .env_remove("XDG_CONFIG_HOME")
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("ONCILLA_TARGET", target);
    shell.output().unwrap()
}

#[test]
fn examples_of_help_run_as_they_are_written() {
    let described = Serving::start(&DESCRIBED);
    let folder = tempfile::tempdir().unwrap();
    fs::copy(SENSOR_X, folder.path().join("sensor.x")).unwrap();
    let mut ran = 0;
    for command in ["describe", "call", "again", "encode", "decode"] {
        for example in examples(command) {
            let output = shell(&example, folder.path(), &described.target());
            // A pipe may be full of bytes.
            let err = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{example}: {err}");
            assert!(!output.stdout.is_empty() || example.contains('>'), "{example}");
            ran += 1;
        }
    }
    assert!(ran > 20, "{ran} examples");
    let arguments = fs::read(folder.path().join("arguments.bin")).unwrap();
    assert_eq!(arguments, *b"\0\0\0\0\0\0\0\x04hall");
}
