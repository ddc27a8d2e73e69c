//! The results of a benchmark, for printing, storing and comparing.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::load::Plan;
use super::tally::Tally;
use crate::failure::{Done, Failure};
use crate::input;

/// The largest report that is read, in bytes.
const FILE_MAX: u64 = 16 << 20;

/// The results of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub target: String,
    pub procedure: String,
    pub connections: u32,
    pub in_flight: usize,
    /// The requested calls a second in all.
    pub rate: Option<f64>,
    pub seconds: f64,
    /// Calls that were made, failed ones included.
    pub calls: u64,
    /// How many calls failed, by the kind of error.
    pub errors: BTreeMap<String, u64>,
    /// Calls that were due at the rate and were not made before the end.
    pub behind: u64,
    /// Calls that succeeded, a second.
    pub calls_per_second: f64,
    /// Latencies in microseconds. `None` if no call succeeded.
    pub latency_us: Option<Latencies>,
    /// The number of latencies up to each bound in microseconds, above the previous bound.
    pub histogram_us: Vec<(f64, u64)>,
}

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    pub min: f64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p99_9: f64,
    pub max: f64,
}

impl Latencies {
    fn new(latencies: &Histogram<u64>) -> Option<Self> {
        let quantile = |quantile| micros(latencies.value_at_quantile(quantile));
        (!latencies.is_empty()).then(|| Self {
            min: micros(latencies.min()),
            mean: latencies.mean() / 1e3,
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
            p99_9: quantile(0.999),
            max: micros(latencies.max()),
        })
    }

    /// Returns the names and values, in the order in which they are printed.
    pub const fn rows(&self) -> [(&'static str, f64); 7] {
        let Self { min, mean, p50, p90, p99, p99_9, max } = *self;
        [("min", min), ("mean", mean), ("p50", p50), ("p90", p90), ("p99", p99), ("p99.9", p99_9), ("max", max)]
    }
}

fn micros(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e3
}

impl Report {
    pub fn new(target: String, procedure: &str, plan: &Plan<'_>, tally: &Tally, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        Self {
            target,
            procedure: procedure.to_owned(),
            connections: plan.connections,
            in_flight: plan.in_flight,
            rate: plan.rate,
            seconds,
            calls: tally.calls(),
            errors: tally.errors.clone(),
            behind: tally.behind,
            calls_per_second: tally.latencies.len() as f64 / seconds.max(1e-9),
            latency_us: Latencies::new(&tally.latencies),
            histogram_us: histogram(&tally.latencies),
        }
    }

    /// Returns a description of the measurement, in one line.
    pub fn title(&self) -> String {
        let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let connections = count(self.connections as usize, "connection");
        let rate = self.rate.map(|rate| format!(", at a rate of {rate} calls/s")).unwrap_or_default();
        let in_flight =
            if self.in_flight > 1 { format!(" with {} calls in flight", self.in_flight) } else { String::new() };
        format!("{} of {}: {connections}{in_flight}{rate}, {:.2} s", self.procedure, self.target, self.seconds)
    }

    /// Reads a stored report.
    pub fn read(path: &Path) -> Done<Self> {
        let text = input::text("read the benchmark", path, FILE_MAX)?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::usage(format_args!("{} is not a stored benchmark: {error}", path.display()))
                .help("`oncilla bench … --save FILE` stores one")
        })
    }
}

/// The file that stores a report.
///
/// It is opened before the calls are made, so that no results are lost. What it had is kept until there are others.
pub struct Store {
    path: PathBuf,
    file: File,
    /// Whether the file is new, and is removed without results.
    is_new: bool,
}

impl Store {
    pub fn open(path: &Path) -> Done<Self> {
        let is_new = !path.exists();
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| Failure::file("write the benchmark to", path, &error))?;
        Ok(Self { path: path.to_owned(), file, is_new })
    }

    /// Stores the report.
    pub fn save(mut self, report: &Report) -> Done {
        let path = self.path.clone();
        let failed = |error| Failure::file("write the benchmark to", &path, &error);
        let mut text = serde_json::to_string_pretty(report).map_err(|error| failed(error.into()))?;
        text.push('\n');
        // A device such as /dev/stdout has no length.
        let is_file = self.file.metadata().map_err(failed)?.is_file();
        if is_file {
            self.file.set_len(0).map_err(failed)?;
        }
        self.file.write_all(text.as_bytes()).map_err(failed)?;
        self.is_new = false;
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.is_new {
            // It may have been removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Returns a histogram with ten bounds for each doubling.
fn histogram(latencies: &Histogram<u64>) -> Vec<(f64, u64)> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for value in latencies.iter_recorded() {
        let bound = (micros(value.value_iterated_to()) * 1e3).log2() * 10.0;
        *counts.entry(bound.ceil().max(0.0) as u32).or_default() += value.count_since_last_iteration();
    }
    counts.into_iter().map(|(bound, count)| ((f64::from(bound) / 10.0).exp2() / 1e3, count)).collect()
}
