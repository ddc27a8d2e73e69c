//! A summary: how often each procedure was called, and how long its calls took.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use hdrhistogram::Histogram;
use serde_json::json;

use super::exchanges::{Event, Exchange, Outcome};
use super::names::Names;
use super::show::milliseconds;
use crate::failure::Done;
use crate::output::Output;
use crate::programs::shown;

/// The largest number of procedures. Others are counted together.
const ROWS_MAX: usize = 1 << 10;
/// The row of all other procedures.
const OTHERS: &str = "others";
/// The digits of a time that are kept.
const DIGITS: u8 = 3;

/// Counts of all procedures.
#[derive(Default)]
pub struct Stats {
    rows: BTreeMap<String, Row>,
    strays: u64,
    malformed: u64,
    sealed: u64,
}

/// Counts of one procedure.
#[derive(Default)]
struct Row {
    calls: u64,
    results: u64,
    refused: u64,
    unanswered: u64,
    malformed: u64,
    /// Calls that were sent again.
    again: u64,
    /// In nanoseconds.
    latency: Option<Histogram<u64>>,
}

impl Stats {
    pub fn count(&mut self, event: &Event, names: &Names) {
        match event {
            Event::Exchange(exchange) => self.row(exchange, names).count(exchange),
            Event::Repeated(exchange) => self.row(exchange, names).again += 1,
            Event::Stray { .. } => self.strays += 1,
            Event::Malformed(_) => self.malformed += 1,
            Event::Sealed(..) => self.sealed += 1,
        }
    }

    fn row(&mut self, exchange: &Exchange, names: &Names) -> &mut Row {
        let id = exchange.id;
        let numbers = || format!("{}.{}.{}", shown(id.program), id.version, id.procedure);
        let name = names.name(id).unwrap_or_else(numbers);
        let is_known = self.rows.contains_key(&name) || self.rows.len() < ROWS_MAX;
        self.rows.entry(if is_known { name } else { OTHERS.to_owned() }).or_default()
    }

    pub fn show(&self, output: Output) -> Done {
        if output.json {
            self.rows.iter().try_for_each(|(name, row)| output.json(&row.json(name)))?;
            let Self { strays, malformed, sealed, .. } = self;
            return match (strays, malformed, sealed) {
                (0, 0, 0) => Ok(()),
                _ => {
                    output.json(&json!({"event": "others", "strays": strays, "malformed": malformed, "sealed": sealed}))
                }
            };
        }
        let mut table = Table::new();
        table.load_style(NOTHING);
        let heads =
            ["procedure", "calls", "results", "refused", "no reply", "sent again", "min", "median", "99 %", "max"];
        table.set_header(heads);
        table.add_rows(self.rows.iter().map(|(name, row)| row.cells(name)));
        table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
        if !self.rows.is_empty() {
            output.line(table.trim_fmt())?;
        }
        let beside = [
            (self.strays, "replies to calls that were not captured"),
            (self.malformed, "malformed messages"),
            (self.sealed, "messages of keyed links"),
        ];
        beside
            .iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, what)| output.line(format_args!("{count} {what}")))
    }
}

impl Row {
    fn count(&mut self, exchange: &Exchange) {
        if exchange.is_late {
            // It was counted before as a call without a reply.
            self.unanswered = self.unanswered.saturating_sub(1);
        } else {
            self.calls += 1;
        }
        self.again += u64::from(exchange.sent.saturating_sub(1));
        match exchange.outcome {
            Outcome::Results(..) => self.results += 1,
            Outcome::Refused(_) => self.refused += 1,
            Outcome::Unanswered => self.unanswered += 1,
            Outcome::Malformed => self.malformed += 1,
        }
        let Some(latency) = exchange.latency else { return };
        if self.latency.is_none() {
            // It fails for other numbers of digits only.
            self.latency = Histogram::new(DIGITS).ok();
        }
        if let Some(histogram) = &mut self.latency {
            // It grows as needed; a time of centuries is left out.
            let _ = histogram.record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// Returns the least, the median, the 99th of a hundred and the greatest time.
    fn times(&self) -> Option<[Duration; 4]> {
        let histogram = self.latency.as_ref()?;
        let times =
            [histogram.min(), histogram.value_at_quantile(0.5), histogram.value_at_quantile(0.99), histogram.max()];
        Some(times.map(Duration::from_nanos))
    }

    fn cells(&self, name: &str) -> Vec<String> {
        let counts = [self.calls, self.results, self.refused + self.malformed, self.unanswered, self.again];
        let mut cells = vec![name.to_owned()];
        cells.extend(counts.map(|count| count.to_string()));
        cells.extend(self.times().map_or_else(|| vec![String::new(); 4], |times| times.map(milliseconds).to_vec()));
        cells
    }

    fn json(&self, name: &str) -> serde_json::Value {
        let mut value = json!({
            "event": "summary", "name": name, "calls": self.calls, "results": self.results, "refused": self.refused,
            "unanswered": self.unanswered, "malformed": self.malformed, "sent_again": self.again,
        });
        if let (Some(times), Some(value)) = (self.times(), value.as_object_mut()) {
            for (name, time) in ["min_us", "median_us", "p99_us", "max_us"].into_iter().zip(times) {
                value.insert(name.to_owned(), (time.as_nanos() as f64 / 1e3).into());
            }
        }
        value
    }
}
