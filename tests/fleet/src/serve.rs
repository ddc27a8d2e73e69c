//! A gateway as a process of this program, so that the measurement needs no other program.

use std::{env, io, path::Path, thread};

use anyhow::{Context, Result, anyhow};
use nix::sys::signal::{SigSet, Signal};
use oncilla_gateway::{Gateway, settings::Settings};
use tracing_subscriber::filter::LevelFilter;

/// The variable with which gateways log each step of a queued call.
const STEPS: &str = "ONCILLA_FLEET_STEPS";

/// Runs the gateway of a file until SIGTERM arrives.
pub fn run(file: &Path) -> Result<()> {
    let settings = Settings::read(file).map_err(|error| anyhow!("{error}"))?;
    let level = if env::var_os(STEPS).is_some() { LevelFilter::DEBUG } else { LevelFilter::INFO };
    tracing_subscriber::fmt().with_writer(io::stderr).with_target(false).with_ansi(false).with_max_level(level).init();
    let mut end = SigSet::empty();
    end.add(Signal::SIGTERM);
    // All threads of the gateway inherit it: the signal waits for the thread that asks for it.
    end.thread_block().context("cannot block SIGTERM")?;
    let gateway = Gateway::new(settings).context("the gateway does not start")?;
    let stopper = gateway.stopper();
    thread::spawn(move || {
        if end.wait().is_ok() {
            stopper.stop();
        }
    });
    Ok(gateway.run()?)
}
