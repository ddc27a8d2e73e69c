//! Firmware that calls its host, is called by it, and prints, all on one UART.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use oncilla::{Beside, CallError, framing::Serial};
use oncilla_host::Socket;
use oncilla_hostcalls::{
    device,
    end::{self, End, serve},
};

use super::Case;
use crate::{qemu::Board, workspace};

pub const CASES: &[&Case] = &[
    &Case { claim: "a sensor and its host call each other on one UART", program: "hostcalls", check: each_other },
    &Case { claim: "a host sees that the firmware was reset, and goes on", program: "hostcalls", check: reset },
    &Case { claim: "firmware sees that its host was started anew", program: "hostcalls", check: new_host },
];

/// The time limit for a slow machine. The firmware's time-out is a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the host serves between two checks.
const MOMENT: Duration = Duration::from_millis(20);

/// The host's endpoint, and what was printed on the line.
struct Host {
    end: End<Socket<Serial>>,
    printed: Arc<Mutex<String>>,
}

impl Host {
    fn new(board: &Board) -> Result<Self> {
        let printed = Arc::<Mutex<String>>::default();
        let text = Arc::clone(&printed);
        let line = board.socket::<Serial>()?.with_log(move |what| {
            if let Beside::Text(piece) = what {
                text.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(piece));
            }
        });
        Ok(Self { end: end::end(line, &workspace::root().join("examples/hostcalls/files")), printed })
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls the sensor and serves it until a condition holds. Returns the number of calls.
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> Result<bool>) -> Result<u32> {
        let start = Instant::now();
        let mut calls = 0;
        while !holds(self)? {
            ensure!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}; printed: {:?}", self.printed());
            serve(&mut self.end, MOMENT)?;
            calls += 1;
        }
        Ok(calls)
    }

    /// Returns the number of measurements, if the sensor has its configuration.
    fn number(&mut self) -> Result<Option<u32>> {
        let mut device = device::Client::new(&mut self.end);
        let sample = device.sample()?;
        Ok(Some(sample.number).filter(|_| sample.name == "attic"))
    }
}

fn each_other(board: &Board) -> Result<String> {
    let mut host = Host::new(board)?;
    let calls = host.until("the sensor measures with the host's time", |host| Ok(host.number()? >= Some(20)))?;
    device::Client::new(&mut host.end).reload()?;
    host.until("the configuration is noted twice", |host| Ok(host.end.state().notes.len() == 2))?;
    let notes = &host.end.state().notes;
    ensure!(notes.iter().all(|note| note == "attic is configured"), "noted was {notes:?}");
    let printed = host.printed();
    ensure!(printed.starts_with("sensor: started\r\nsensor: 21501 m°C, measurement 1\r\n"), "printed was {printed:?}");
    let lines = printed.lines().filter(|line| line.contains("measurement")).count();
    let told = host.number()?.unwrap_or_default() as usize;
    ensure!(lines.abs_diff(told) <= 1, "{lines} measurements were printed, of {told}");
    ensure!(host.end.link().peer().is_some(), "the two ends do not know each other");
    Ok(format!("{calls} calls, {lines} lines printed"))
}

fn reset(board: &Board) -> Result<String> {
    let mut host = Host::new(board)?;
    host.until("the sensor is configured", |host| Ok(host.number()? >= Some(5)))?;
    let before = host.end.link().peer();
    board.reset()?;
    let mut lost = 0;
    let start = Instant::now();
    loop {
        match device::Client::new(&mut host.end).sample() {
            Ok(_) => ensure!(start.elapsed() < PATIENCE, "the reset was not seen"),
            Err(CallError::Restarted) => break,
            Err(CallError::TimedOut { .. }) => lost += 1,
            Err(error) => return Err(error.into()),
        }
    }
    let after = host.end.link().peer();
    ensure!(before.map(|peer| peer.boot) != after.map(|peer| peer.boot), "the boot number is the same: {after:?}");
    host.until("the sensor is configured again", |host| Ok(host.number()? >= Some(5)))?;
    ensure!(host.printed().matches("sensor: started").count() == 2, "printed was {:?}", host.printed());
    Ok(format!("{lost} calls timed out before"))
}

fn new_host(board: &Board) -> Result<String> {
    let mut first = Host::new(board)?;
    first.until("the sensor is configured", |host| Ok(host.number()? >= Some(5)))?;
    drop(first);
    let mut second = Host::new(board)?;
    second.until("the sensor tells of it", |host| {
        host.number()?;
        Ok(host.printed().contains("sensor: the host has restarted"))
    })?;
    Ok(String::new())
}
