//! The time of a call.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use oncilla::Caller;
use oncilla_suite::suite_1;

use super::{Forwarded, LIMIT, never_restarted};
use crate::boards::Model;

/// The number of calls over each carrier.
const CALLS: usize = 501;

/// Makes null calls over TCP and over UDP, and returns a text with the medians. Nothing is asserted about them.
pub fn measure(model: &Model, file: &Path) -> Result<String> {
    let Forwarded { board, tcp, udp } = Forwarded::boot(model, file, LIMIT)?;
    let (tcp, udp) = (median(&mut oncilla_host::tcp(tcp)?)?, median(&mut oncilla_host::udp(udp)?)?);
    never_restarted(&board)?;
    Ok(format!("medians {} µs over TCP, {} µs over UDP", tcp.as_micros(), udp.as_micros()))
}

fn median<C: Caller<Error: std::error::Error + Send + Sync + 'static>>(client: &mut C) -> Result<Duration> {
    let mut suite = suite_1::Client::new(client);
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let start = Instant::now();
        suite.nothing()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    ensure!(times.len() == CALLS, "as many calls as were made");
    Ok(times[CALLS / 2])
}
