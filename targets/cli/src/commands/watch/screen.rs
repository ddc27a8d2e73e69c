//! The live view on a terminal: a table of fields, and plots of numbers.

use std::io;
use std::time::{Duration, Instant};

use anstream::ColorChoice;
use oncilla_rpcgen::harmless;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::{execute, terminal};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, Row, Table};
use ratatui::{DefaultTerminal, Frame};

use super::fields;
use super::history::{Known, Series, clock};
use crate::interrupt::Interrupt;
use crate::output::scalar;

/// The largest number of plots, if the user names none.
const PLOTS_MAX: usize = 4;

/// The largest number of characters on a terminal.
const CELLS_MAX: usize = 1_000_000;

/// The least height of a plot in lines.
const PLOT_HEIGHT: u16 = 7;

/// The widest column of the names of fields.
const NAMES_MAX: usize = 40;

/// A colour for each device.
const COLORS: [Color; 6] = [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Blue, Color::Red];

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);

/// The terminal. It is as before when this is dropped.
pub struct Screen {
    terminal: DefaultTerminal,
    interrupt: Interrupt,
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        self.interrupt.restored();
    }
}

/// Restores the terminal.
fn restore() {
    // The terminal may be gone.
    let _ = ratatui::try_restore();
    let _ = execute!(io::stdout(), Show);
}

/// What is shown in addition to the devices.
pub struct View<'v> {
    /// The procedure and its arguments.
    pub title: &'v str,
    /// The fields to show, and those to plot. None is all.
    pub shown: &'v [String],
    pub plotted: &'v [String],
    /// The condition, with its note.
    pub condition: Option<(&'v str, Option<&'v str>)>,
    pub start: Instant,
}

impl Screen {
    /// Takes over the terminal.
    pub fn new(interrupt: &Interrupt) -> io::Result<Self> {
        check_size()?;
        if anstream::AutoStream::choice(&io::stdout()) == ColorChoice::Never {
            force_color_output(false);
        }
        interrupt.restore_by(restore)?;
        match ratatui::try_init() {
            Ok(terminal) => Ok(Self { terminal, interrupt: interrupt.clone() }),
            Err(error) => {
                restore();
                interrupt.restored();
                Err(error)
            }
        }
    }

    /// Waits for a key, for `wait` at most. Returns whether the user wants to end.
    pub fn is_left(&self, wait: Duration) -> io::Result<bool> {
        if !event::poll(wait)? {
            return Ok(false);
        }
        let Event::Key(key) = event::read()? else { return Ok(false) };
        let is_control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        let leaves = is_control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc);
        Ok(key.kind == KeyEventKind::Press && leaves)
    }

    /// Shows the devices.
    pub fn show(&mut self, devices: &[Known], view: &View<'_>) -> io::Result<()> {
        check_size()?;
        self.terminal.draw(|frame| draw(frame, devices, view)).map(|_| ())
    }
}

/// Returns an error if the terminal states a size that no screen has, for which there is no memory.
fn check_size() -> io::Result<()> {
    let (columns, rows) = terminal::size()?;
    if usize::from(columns) * usize::from(rows) <= CELLS_MAX {
        return Ok(());
    }
    let what = format!("its size is {columns} x {rows} characters, more than {CELLS_MAX} in all");
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Draws everything in one frame.
fn draw(frame: &mut Frame<'_>, devices: &[Known], view: &View<'_>) {
    let names = names(devices, view.shown);
    let plots = plots(devices, &names, view.plotted);
    let area = frame.area();
    let [head, table, plotted, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Max(u16::try_from(names.len() + 1 + devices.len()).unwrap_or(u16::MAX).min(area.height / 2)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let seconds = view.start.elapsed().as_secs();
    let title = Line::from(vec![
        Span::styled(harmless(view.title).into_owned(), BOLD),
        Span::styled(format!("  {}", humantime::format_duration(Duration::from_secs(seconds))), DIM),
    ]);
    frame.render_widget(title, head);
    draw_table(frame, table, devices, &names);
    draw_plots(frame, plotted, devices, &plots, view.start.elapsed().as_secs_f64());
    let foot_text = match view.condition {
        Some((_, Some(note))) => harmless(note).into_owned(),
        Some((condition, None)) => format!("q ends; ends when {}", harmless(condition)),
        None => "q ends".to_owned(),
    };
    frame.render_widget(Line::styled(foot_text, DIM), foot);
}

/// Returns the names of all fields, in the order of the devices.
fn names(devices: &[Known], shown: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (path, _) in devices.iter().flat_map(|device| &device.fields) {
        if fields::is_chosen(path, shown) && !names.contains(path) {
            names.push(path.clone());
        }
    }
    names
}

/// Returns the names of the fields to plot.
fn plots(devices: &[Known], names: &[String], plotted: &[String]) -> Vec<String> {
    let is_series = |name: &str| devices.iter().any(|device| device.series.contains_key(name));
    if plotted.is_empty() {
        let is_number = |name: &&String| {
            let values = devices.iter().flat_map(|device| &device.fields);
            values.filter(|(path, _)| path == *name).any(|(_, value)| value.is_number())
        };
        return names.iter().filter(is_number).take(PLOTS_MAX).cloned().collect();
    }
    let mut all: Vec<String> = Vec::new();
    for path in devices.iter().flat_map(|device| device.series.keys()) {
        if fields::is_chosen(path, plotted) && is_series(path) && !all.contains(path) {
            all.push(path.clone());
        }
    }
    all
}

fn color(device: usize) -> Color {
    COLORS.get(device % COLORS.len()).copied().unwrap_or(Color::Reset)
}

/// Draws the states of the devices, and a table: rows are fields, columns are devices.
fn draw_table(frame: &mut Frame<'_>, area: Rect, devices: &[Known], names: &[String]) {
    let states: Vec<_> = devices.iter().enumerate().map(|(index, device)| state(index, device)).collect();
    let height = u16::try_from(states.len()).unwrap_or(u16::MAX);
    let [above, below] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    frame.render_widget(ratatui::text::Text::from(states), above);
    let single = devices.len() == 1;
    let row = |name: &String| {
        let mut cells = vec![harmless(name).into_owned()];
        for device in devices {
            let value = device.fields.iter().find(|(path, _)| path == name);
            cells.push(value.map_or_else(String::new, |(_, value)| scalar(value)));
        }
        if single {
            let range = devices.first().and_then(|device| device.series.get(name)).and_then(|series| series.range);
            let is_number = devices
                .first()
                .is_some_and(|device| device.fields.iter().any(|(path, value)| path == name && value.is_number()));
            cells.push(range.filter(|_| is_number).map_or_else(String::new, |(low, high)| format!("{low} … {high}")));
        }
        Row::new(cells)
    };
    let mut header = vec!["field".to_owned()];
    header.extend(
        devices.iter().map(|device| if single { "value".to_owned() } else { harmless(&device.target).into_owned() }),
    );
    header.extend(single.then(|| "range".to_owned()));
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default().clamp(5, NAMES_MAX);
    let mut widths = vec![Constraint::Length(u16::try_from(width).unwrap_or(u16::MAX))];
    widths.extend(header.iter().skip(1).map(|_| Constraint::Fill(1)));
    frame.render_widget(Table::new(names.iter().map(row), widths).header(Row::new(header).style(DIM)), below);
}

/// Returns whether a device answers, in one line.
fn state(index: usize, device: &Known) -> Line<'static> {
    let name = Span::styled(format!("● {}  ", harmless(&device.target)), Style::new().fg(color(index)));
    let bad = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    let text = match (&device.loss, &device.error) {
        (Some(loss), _) => {
            let lasts = humantime::format_duration(Duration::from_secs(loss.lasts().as_secs()));
            let why = format!("lost since {} ({lasts}): {}", clock(loss.since), harmless(&loss.why));
            Span::styled(why, bad)
        }
        (None, Some(error)) => Span::styled(format!("error: {}", harmless(error)), bad),
        (None, None) if device.polls == 0 => Span::styled("not polled yet", DIM),
        (None, None) => {
            let took = device.took.as_secs_f64() * 1e3;
            Span::styled(format!("{} answers, the latest in {took:.2} ms", device.answers), DIM)
        }
    };
    Line::from(vec![name, text])
}

/// Draws a plot for each field, with a line for each device, if they fit.
fn draw_plots(frame: &mut Frame<'_>, area: Rect, devices: &[Known], plots: &[String], now: f64) {
    let room = usize::from(area.height / PLOT_HEIGHT).max(1);
    let plots: Vec<_> = plots.iter().take(room).collect();
    if plots.is_empty() || area.height < 3 {
        return;
    }
    let areas = Layout::vertical(plots.iter().map(|_| Constraint::Fill(1))).split(area);
    for (name, &area) in plots.iter().zip(areas.iter()) {
        let series: Vec<_> = devices.iter().map(|device| device.series.get(*name)).collect();
        draw_plot(frame, area, name, &series, now);
    }
}

fn draw_plot(frame: &mut Frame<'_>, area: Rect, name: &str, series: &[Option<&Series>], now: f64) {
    let points: Vec<Vec<(f64, f64)>> = series
        .iter()
        .map(|series| series.map(|series| series.points.iter().copied().collect()).unwrap_or_default())
        .collect();
    let all = || points.iter().flatten();
    let Some(begin) = all().map(|point| point.0).reduce(f64::min) else { return };
    let low = all().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = all().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let margin = if high > low { (high - low) * 0.05 } else { low.abs().mul_add(0.01, 1e-9) };
    let end = now.max(begin + 1.0);
    let datasets = points.iter().enumerate().map(|(index, points)| {
        let dataset = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line);
        dataset.style(Style::new().fg(color(index))).data(points)
    });
    let seconds = |seconds: f64| format!("{seconds:.0} s");
    let chart = Chart::new(datasets.collect())
        .block(Block::bordered().border_style(DIM).title(harmless(name).into_owned()))
        .x_axis(Axis::default().bounds([begin, end]).labels([seconds(begin - now), seconds(0.0)]).style(DIM))
        .y_axis(Axis::default().bounds([low - margin, high + margin]).labels([number(low), number(high)]).style(DIM));
    frame.render_widget(chart, area);
}

/// Returns a number for an axis.
fn number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-3..1e9).contains(&size) {
        format!("{number:.3e}")
    } else {
        let text = format!("{number:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}
