//! How long calls took, and how many had no reply.

use std::fmt;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// The calls so far.
pub struct Statistics {
    start: Instant,
    pub sent: u64,
    pub replies: u64,
    /// Sums of the times in microseconds, and of their squares.
    sum: f64,
    squares: f64,
    /// In nanoseconds.
    times: Histogram<u64>,
    least: Duration,
    most: Duration,
}

impl Statistics {
    pub fn new() -> Self {
        // Three digits for the median. The histogram grows with the longest time, by powers of two.
        let times = Histogram::new(3).unwrap_or_else(|_| unreachable!("three digits are possible"));
        let (start, least, most) = (Instant::now(), Duration::MAX, Duration::ZERO);
        Self { start, sent: 0, replies: 0, sum: 0.0, squares: 0.0, times, least, most }
    }

    /// Counts a reply.
    pub fn reply(&mut self, time: Duration) {
        let micros = time.as_secs_f64() * 1e6;
        self.replies += 1;
        self.sum += micros;
        self.squares += micros * micros;
        self.least = self.least.min(time);
        self.most = self.most.max(time);
        // It grows to any number, unless memory is short: then the median lacks one time.
        let _ = self.times.record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Returns minimum, mean, median, maximum and standard deviation in milliseconds, if there is a reply.
    fn times(&self) -> Option<[f64; 5]> {
        let count = self.replies as f64;
        let mean = self.sum / count;
        let deviation = (self.squares / count - mean * mean).max(0.0).sqrt();
        let (least, most) = (self.least.as_secs_f64() * 1e3, self.most.as_secs_f64() * 1e3);
        // The histogram rounds.
        let median = (self.times.value_at_quantile(0.5) as f64 / 1e6).clamp(least, most.max(least));
        (self.replies > 0).then_some([least, mean / 1e3, median, most, deviation / 1e3])
    }

    fn loss(&self) -> f64 {
        if self.sent == 0 { 0.0 } else { (self.sent - self.replies) as f64 * 100.0 / self.sent as f64 }
    }

    /// Returns the summary for programs.
    pub fn json(&self) -> Value {
        let mut summary = json!({
            "calls": self.sent, "replies": self.replies, "loss_percent": self.loss(),
            "seconds": self.start.elapsed().as_secs_f64(),
        });
        if let (Some(times), Some(summary)) = (self.times(), summary.as_object_mut()) {
            for (name, time) in ["min_ms", "mean_ms", "median_ms", "max_ms", "stddev_ms"].into_iter().zip(times) {
                summary.insert(name.to_owned(), json!(time));
            }
        }
        summary
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, replies, loss) = (self.sent, self.replies, self.loss());
        let loss = if loss.fract() < 0.05 { format!("{loss:.0}") } else { format!("{loss:.1}") };
        let calls = if sent == 1 { "call" } else { "calls" };
        let words = if replies == 1 { "reply" } else { "replies" };
        write!(formatter, "{sent} {calls}, {replies} {words}, {loss}% loss, {:.0?}", self.start.elapsed())?;
        if let Some([least, mean, median, most, deviation]) = self.times() {
            write!(
                formatter,
                "\nmin/avg/median/max/stddev = {least:.3}/{mean:.3}/{median:.3}/{most:.3}/{deviation:.3} ms"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_summed_up() {
        let mut statistics = Statistics::new();
        statistics.sent = 8;
        for millis in [1, 2, 3, 4, 90] {
            statistics.reply(Duration::from_millis(millis));
        }
        let [least, mean, median, most, deviation] = statistics.times().unwrap();
        assert_eq!((least, most), (1.0, 90.0));
        assert!((mean - 20.0).abs() < 1e-6 && (median - 3.0).abs() < 0.01, "{mean} {median}");
        // The square root of the mean of 19², 18², 17², 16² and 70².
        assert!((deviation - 1226.0_f64.sqrt()).abs() < 1e-3, "{deviation}");
        assert!(statistics.to_string().starts_with("8 calls, 5 replies, 37.5% loss, "), "{statistics}");
        assert_eq!(statistics.json()["loss_percent"], 37.5);
    }

    #[test]
    fn without_replies_there_are_no_times() {
        let mut statistics = Statistics::new();
        assert_eq!(statistics.json()["loss_percent"], 0.0);
        statistics.sent = 1;
        assert!(statistics.to_string().starts_with("1 call, 0 replies, 100% loss, "), "{statistics}");
        assert!(!statistics.to_string().contains("min/"));
    }
}
