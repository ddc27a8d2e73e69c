//! A server on Windows ends in order on Ctrl-C.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use oncilla_thermostat::thermostat;

use crate::{
    foreign::Machine,
    process::{run, step},
};

/// What cargo builds for this test.
pub const BUILD: [&str; 1] = ["--example=quickstart"];

/// The time limit for the end of the server.
const LIMIT: Duration = Duration::from_secs(30);

/// Starts a server on Windows, calls it, and presses Ctrl-C.
pub fn test(windows: &Machine<'_>) -> Result<()> {
    step("stopping a server on Windows by Ctrl-C");
    let mut server = windows.example("quickstart");
    let mut server = server.args(["serve", "0"]).stdout(Stdio::piped()).spawn().context("cannot start Wine")?;
    let tested = (|| {
        let mut printed = BufReader::new(server.stdout.take().context("its output is piped")?);
        let mut line = String::new();
        printed.read_line(&mut line)?;
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let mut client = oncilla_host::tcp(address).with_context(|| format!("the server printed {line:?}"))?;
        let mut thermostat = thermostat::Client::new(&mut client);
        let read = thermostat.read(0)?;
        ensure!(read.is_ok(), "the server returned {read:?}");
        // Wine makes Ctrl-C of this signal.
        run(Command::new("kill").args(["-INT", &server.id().to_string()]))?;
        let end = Instant::now() + LIMIT;
        while server.try_wait()?.is_none() {
            ensure!(Instant::now() < end, "the server runs {} s after Ctrl-C", LIMIT.as_secs());
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut rest = String::new();
        printed.read_to_string(&mut rest)?;
        let status = server.wait()?;
        ensure!(status.success() && rest.trim() == "stopped", "the server ended with {status} and printed {rest:?}");
        Ok(())
    })();
    // Both fail only if the process has ended already.
    let _ = server.kill();
    let _ = server.wait();
    tested
}
