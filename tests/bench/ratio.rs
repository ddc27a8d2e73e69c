//! How many times as long one thing takes as another.

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, SamplingMode, Throughput};

/// Does something so many times and tells how long that took.
pub type Run = Box<dyn FnMut(u64) -> Duration>;

/// A thing that is measured, and its name.
pub type Contestant = (&'static str, Run);

/// Pieces that a sample is cut into, so that the two take turns.
const TURNS: u64 = 32;

/// One thing against another.
pub struct Contest {
    what: &'static str,
    ours: Contestant,
    other: Contestant,
    limit: Option<f64>,
}

/// What came of a contest.
pub struct Outcome {
    pub what: &'static str,
    /// Names, and how long one time takes.
    pub ours: (&'static str, Duration),
    pub other: (&'static str, Duration),
    pub ratio: f64,
    pub limit: Option<f64>,
}

/// The seconds that one time takes, of many turns the lower quartile: when somebody else has the processor for a
/// while, that is none of our business.
fn lower_quartile(turns: &mut [f64]) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 4]
}

fn median(samples: &[[f64; 3]], which: usize) -> f64 {
    let mut values: Vec<_> = samples.iter().map(|sample| sample[which]).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Contest {
    pub fn new(what: &'static str, ours: Contestant, other: Contestant, limit: Option<f64>) -> Self {
        Self { what, ours, other, limit }
    }

    /// Measures. Nothing comes of it when the command line has left it out.
    pub fn run(&mut self, criterion: &mut Criterion<Ratio>) -> Option<Outcome> {
        let mut samples = Vec::new();
        let mut group = criterion.benchmark_group(self.what);
        group.sampling_mode(SamplingMode::Flat).sample_size(60);
        group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4));
        group.bench_function(format!("{} to {}", self.ours.0, self.other.0), |bencher| {
            bencher.iter_custom(|times| {
                let share = times.div_ceil(TURNS);
                let (mut ours, mut other) = (Vec::new(), Vec::new());
                for _ in 0..times.div_ceil(share) {
                    ours.push(self.ours.1(share).as_secs_f64() / share as f64);
                    other.push(self.other.1(share).as_secs_f64() / share as f64);
                }
                let (ours, other) = (lower_quartile(&mut ours), lower_quartile(&mut other));
                samples.push([ours, other, ours / other]);
                times as f64 * ours / other
            });
        });
        group.finish();
        if samples.is_empty() {
            return None;
        }
        let time = |which| Duration::from_secs_f64(median(&samples, which));
        Some(Outcome {
            what: self.what,
            ours: (self.ours.0, time(0)),
            other: (self.other.0, time(1)),
            ratio: median(&samples, 2),
            limit: self.limit,
        })
    }
}

/// To criterion the ratio is what is measured.
pub struct Ratio;

impl Measurement for Ratio {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        unreachable!("every benchmark measures by itself")
    }

    fn add(&self, a: &f64, b: &f64) -> f64 {
        a + b
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Times
    }
}

struct Times;

impl ValueFormatter for Times {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "×"
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        "×"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "×"
    }
}
