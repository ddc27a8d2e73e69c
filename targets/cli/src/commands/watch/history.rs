//! The history of each device: latest values, numbers over time, and losses.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use super::fields::{self, Field};
use super::poll::Sample;
use crate::failure::Failure;
use crate::output::count;

/// The largest number of points of a plot.
const POINTS_MAX: usize = 2_000;

/// A loss of a device.
#[derive(Clone, Debug)]
pub struct Loss {
    /// When the first poll without an answer began.
    pub since: SystemTime,
    begun: Instant,
    pub why: String,
}

impl Loss {
    /// Returns how long it has lasted.
    pub fn lasts(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// The numbers of a field over time.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Seconds since the start, and the number.
    pub points: VecDeque<(f64, f64)>,
    /// The least and the largest number since the start.
    pub range: Option<(f64, f64)>,
}

impl Series {
    fn push(&mut self, seconds: f64, number: f64) {
        if self.points.len() == POINTS_MAX {
            self.points.pop_front();
        }
        self.points.push_back((seconds, number));
        let (low, high) = self.range.unwrap_or((number, number));
        self.range = Some((low.min(number), high.max(number)));
    }
}

/// The history of a device.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub target: String,
    /// The fields of the latest answer.
    pub fields: Vec<Field>,
    pub series: BTreeMap<String, Series>,
    pub loss: Option<Loss>,
    /// Why the latest poll failed, if the device is not lost.
    pub error: Option<String>,
    /// The failure of the latest poll, for a device that has never answered.
    unanswered: Option<Failure>,
    pub polls: u64,
    pub answers: u64,
    /// Losses that have ended, and how long they were.
    losses: u64,
    lost_for: Duration,
    pub took: Duration,
}

/// A change between a device that answers and one that does not.
#[derive(Debug)]
pub enum Change {
    Lost(Loss),
    /// How long it was lost.
    Back(Duration),
}

impl Known {
    pub fn new(target: String) -> Self {
        Self { target, ..Self::default() }
    }

    /// Takes a sample. `start` is when watching began.
    pub fn take(&mut self, sample: &Sample, start: Instant) -> Option<Change> {
        self.polls += 1;
        self.took = sample.took;
        self.unanswered = sample.outcome.as_ref().err().filter(|_| self.answers == 0).cloned();
        match &sample.outcome {
            Ok(value) => {
                self.answers += 1;
                self.fields = fields::of(value);
                self.error = None;
                let seconds = start.elapsed().saturating_sub(sample.took).as_secs_f64();
                for (path, value) in &self.fields {
                    if let Some(number) = fields::number(value) {
                        self.series.entry(path.clone()).or_default().push(seconds, number);
                    }
                }
                self.end_loss()
            }
            Err(failure) if sample.is_lost() => {
                let why = failure.what().to_owned();
                self.error = None;
                if let Some(loss) = &mut self.loss {
                    loss.why = why;
                    return None;
                }
                let now = Instant::now();
                let loss = Loss { since: sample.time, begun: now.checked_sub(sample.took).unwrap_or(now), why };
                self.loss = Some(loss.clone());
                Some(Change::Lost(loss))
            }
            Err(failure) => {
                self.error = Some(failure.what().to_owned());
                self.end_loss()
            }
        }
    }

    fn end_loss(&mut self) -> Option<Change> {
        let lasted = self.loss.take()?.lasts();
        self.losses += 1;
        self.lost_for += lasted;
        Some(Change::Back(lasted))
    }

    /// Returns the failure of a device whose polls have all failed.
    pub fn failure(&self) -> Option<Failure> {
        let failure = self.unanswered.clone()?;
        Some(failure.of(format_args!("{}: {}, no answer", self.target, count(self.polls, "poll"))))
    }

    /// Returns the summary of a device, in one line.
    pub fn summary(&self) -> String {
        let (polls, answers) = (count(self.polls, "poll"), count(self.answers, "answer"));
        let mut text = format!("{}: {polls}, {answers}", self.target);
        if self.losses > 0 {
            text += &format!(", lost {} for {:.1} s in all", count(self.losses, "time"), self.lost_for.as_secs_f64());
        }
        if let Some(loss) = &self.loss {
            text += &format!(", lost since {} ({:.1} s)", clock(loss.since), loss.lasts().as_secs_f64());
        }
        text
    }
}

/// Returns a time of day in UTC.
pub fn clock(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    let time = text.split_once('T').map_or(&*text, |(_, time)| time);
    format!("{} UTC", time.trim_end_matches('Z'))
}
