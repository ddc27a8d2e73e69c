//! Counts calls, latencies and errors of a benchmark.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use hdrhistogram::Histogram;
use oncilla::{CallError, LinkError};

use crate::failure::Failure;

/// The largest latency in nanoseconds, an hour. Larger ones count as this.
const LATENCY_MAX: u64 = 3_600_000_000_000;

/// Calls and their latencies, of one connection or of all.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Latencies of the calls that succeeded, in nanoseconds, to three digits.
    pub latencies: Histogram<u64>,
    /// How many calls failed, by the kind of error.
    pub errors: BTreeMap<String, u64>,
    /// Calls that were due and were not made before the end.
    pub behind: u64,
    /// The first error.
    pub first: Option<Failure>,
}

impl Tally {
    pub fn new() -> Self {
        let latencies = Histogram::new_with_bounds(1, LATENCY_MAX, 3);
        Self {
            // The bounds are valid.
            latencies: latencies.unwrap_or_else(|error| unreachable!("{error}")),
            errors: BTreeMap::new(),
            behind: 0,
            first: None,
        }
    }

    /// Counts a call that succeeded.
    pub fn succeeded(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(nanoseconds.max(1));
    }

    /// Counts a call that failed.
    pub fn failed(&mut self, error: CallError<io::Error>) {
        let kind = kind(&error);
        self.count(kind, || error.into());
    }

    /// Counts a failure.
    pub fn count(&mut self, kind: String, failure: impl FnOnce() -> Failure) {
        *self.errors.entry(kind).or_default() += 1;
        if self.first.is_none() {
            self.first = Some(failure());
        }
    }

    /// Adds the counts of another connection.
    pub fn add(&mut self, other: Self) {
        // Both have the same bounds.
        self.latencies.add(other.latencies).unwrap_or_else(|error| unreachable!("{error}"));
        for (kind, count) in other.errors {
            *self.errors.entry(kind).or_default() += count;
        }
        self.behind += other.behind;
        self.first = self.first.take().or(other.first);
    }

    /// Returns the number of calls that failed.
    pub fn failures(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Returns the number of calls that were made.
    pub fn calls(&self) -> u64 {
        self.latencies.len() + self.failures()
    }
}

/// Returns the kind of an error, without its numbers.
fn kind(error: &CallError<io::Error>) -> String {
    match error {
        CallError::TimedOut { .. } | CallError::Echoed { .. } => "timed out".to_owned(),
        CallError::Refused(refusal) => format!("refused: {}", crate::refusal::name(refusal)),
        CallError::Closed | CallError::Link(LinkError::Transport(_)) => "connection lost".to_owned(),
        CallError::Link(LinkError::Unsent { .. }) => "not sent in time".to_owned(),
        CallError::Restarted => "the device has restarted".to_owned(),
        CallError::ReplyTooLarge { .. } => "reply too large".to_owned(),
        CallError::Results(_) | CallError::Reply(_) => "malformed reply".to_owned(),
        other => other.to_string(),
    }
}
