//! Shows the results: a table, ratios, and a plot of the latencies.

use comfy_table::{CellAlignment, Table, presets};
use oncilla_rpcgen::harmless;
use ratatui::buffer::Buffer;
use ratatui::layout::{Direction, Rect};
use ratatui::symbols::bar;
use ratatui::widgets::{Bar, BarChart, BarGroup, Widget};

use super::report::Report;
use crate::failure::Done;
use crate::output::{BAD, Output, STRONG, WEAK};

/// The bars of the plot, and its width.
const BARS: usize = 12;
const WIDTH: u16 = 78;

/// Prints a report, beside another one if there is one.
pub fn show(output: Output, report: &Report, against: Option<&Report>) -> Done {
    output.line(format_args!("{STRONG}{}{STRONG:#}", harmless(&report.title())))?;
    if let Some(against) = against {
        output.line(format_args!("{WEAK}against {}{WEAK:#}", harmless(&against.title())))?;
        if (against.connections, against.in_flight, against.rate) != (report.connections, report.in_flight, report.rate)
        {
            output.note("note: the two were measured with different connections, calls in flight or rates");
        }
    }
    output.line(table(report, against))?;
    for (kind, count) in &report.errors {
        output.line(format_args!("{BAD}{count} errors{BAD:#}: {}", harmless(kind)))?;
    }
    if report.behind > 0 {
        output.line(format_args!("{} calls were due at this rate and were not made in time", report.behind))?;
    }
    if !report.histogram_us.is_empty() {
        output.line(plot(&report.histogram_us))?;
    }
    Ok(())
}

/// Returns the numbers, with ratios to the other report.
fn table(report: &Report, against: Option<&Report>) -> String {
    let mut rows = vec![
        ("calls", count(report.calls), against.map(|other| (count(other.calls), None))),
        (
            "calls/s",
            format!("{:.0}", report.calls_per_second),
            against.map(|other| {
                (format!("{:.0}", other.calls_per_second), Some(report.calls_per_second / other.calls_per_second))
            }),
        ),
    ];
    if let Some(latencies) = &report.latency_us {
        let others = against.and_then(|other| other.latency_us).map(|latencies| latencies.rows());
        for (index, (name, value)) in latencies.rows().into_iter().enumerate() {
            let other = others.and_then(|others| others.get(index).map(|other| other.1));
            rows.push((name, time(value), other.map(|other| (time(other), Some(value / other)))));
        }
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if against.is_some() {
        table.set_header(["", "this", "against", "ratio"]);
    }
    for (name, value, other) in rows {
        let mut row = vec![name.to_owned(), value];
        if against.is_some() {
            let (other, ratio) = other.unwrap_or_default();
            row.extend([other, ratio.map(|ratio: f64| format!("{ratio:.2} ×")).unwrap_or_default()]);
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn count(count: u64) -> String {
    count.to_string()
}

/// Returns a time, given in microseconds.
fn time(micros: f64) -> String {
    match micros {
        micros if micros >= 1e6 => format!("{:.3} s", micros / 1e6),
        micros if micros >= 1e3 => format!("{:.2} ms", micros / 1e3),
        micros => format!("{micros:.1} µs"),
    }
}

/// Returns the shares of latencies as bars.
fn plot(histogram: &[(f64, u64)]) -> String {
    let all: u64 = histogram.iter().map(|(_, count)| count).sum();
    let per_bar = histogram.len().div_ceil(BARS).max(1);
    let bars: Vec<_> = histogram
        .chunks(per_bar)
        .map(|chunk| {
            let count: u64 = chunk.iter().map(|(_, count)| count).sum();
            let bound = chunk.last().map_or(0.0, |(bound, _)| *bound);
            let share = count as f64 * 100.0 / all.max(1) as f64;
            Bar::default().value(count).text_value("").label(format!("≤ {:>9} {share:>7.2} %", time(bound)))
        })
        .collect();
    let area = Rect::new(0, 0, WIDTH, u16::try_from(bars.len()).unwrap_or(u16::MAX));
    let mut buffer = Buffer::empty(area);
    let chart = BarChart::default().direction(Direction::Horizontal).bar_width(1).bar_gap(0);
    chart.bar_set(bar::NINE_LEVELS).data(BarGroup::default().bars(&bars)).render(area, &mut buffer);
    let row = |y| {
        let cells = (0..area.width).filter_map(|x| buffer.cell((x, y)));
        cells.map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()
    };
    (0..area.height).map(row).collect::<Vec<_>>().join("\n")
}
