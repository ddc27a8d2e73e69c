//! The measurement: `cargo xtask fleet`.

pub mod baseline;
pub mod faults;
pub mod judge;
pub mod load;
mod memory;
mod place;
pub mod report;
pub mod site;
mod speed;

use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use report::Report;

/// What is measured, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub devices: usize,
    /// Calls, casts and queued calls while faults happen.
    pub calls: u64,
    /// The time of each measurement of calls a second.
    pub time: Duration,
    /// How long faults happen.
    pub faults: Duration,
    /// How long the network stalls.
    pub stall: Duration,
    /// The threads that call.
    pub callers: usize,
    /// Whether figures have goals. Those of a small fleet, or of programs that are not optimised, have none.
    pub is_judged: bool,
    /// The seed of all random decisions.
    pub seed: u64,
}

/// Measures calls a second only.
///
/// # Errors
/// That something did not start or did not come to an end.
pub fn speed(plan: &Plan) -> Result<Report> {
    let mut report = Report::default();
    speed::measure(plan, &site::Site::start(plan)?, &mut report)?;
    Ok(report)
}

/// Measures memory only.
///
/// # Errors
/// That something did not start or did not come to an end.
pub fn memory(plan: &Plan) -> Result<Report> {
    let mut report = Report::default();
    memory::measure(plan, &mut report)?;
    Ok(report)
}

/// Measures everything. Progress is on standard error.
///
/// # Errors
/// That something did not start or did not come to an end. What is not as it should be is in the report.
pub fn run(plan: &Plan) -> Result<Report> {
    let mut report = Report::default();
    let bar = ProgressBar::new(4);
    bar.set_style(ProgressStyle::with_template("{elapsed_precise} {bar:30} {pos}/{len} {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar.set_message("memory of a gateway");
    memory::measure(plan, &mut report)?;
    bar.inc(1);
    bar.set_message("starting all devices");
    let mut site = site::Site::start(plan)?;
    bar.inc(1);
    bar.set_message("calls a second");
    speed::measure(plan, &site, &mut report)?;
    bar.inc(1);
    bar.set_length(3 + plan.calls);
    bar.set_position(3);
    faults::measure(plan, &mut site, &bar, &mut report)?;
    if !report.problems.is_empty() {
        let kept = site.keep().display().to_string();
        report.problems.push(format!("the logs and journals of the gateways are kept in {kept}"));
    }
    bar.finish_and_clear();
    Ok(report)
}
