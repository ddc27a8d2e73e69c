//! `oncilla watch`: polls devices and shows how their values change.

mod fields;
mod history;
mod lines;
mod names;
mod paths;
mod poll;
mod screen;
mod until;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use oncilla_rpcgen::harmless;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::settings::duration;

use history::{Change, Known, clock};
use lines::{Form, Lines};
use poll::{Poller, Sample, Schedule};
use screen::{Screen, View};
use until::Condition;

/// How often Ctrl-C and keys are checked.
const TICK: Duration = Duration::from_millis(50);

/// Polls a procedure, and shows its values live
///
/// On a terminal, shows a table of all fields and plots of numbers; elsewhere, prints a line for each poll. A device
/// that is reset or unplugged is shown as lost until it is back. The procedure is executed at each poll, so it should
/// only read.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The procedure, such as thermostat.read, or its numbers, such as 0x20000042.1.3
    name: String,
    /// The arguments: values in their order, name=value, JSON, or @FILE with JSON
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// The time from one poll to the next
    #[arg(short, long, value_name = "TIME", value_parser = duration, default_value = "1s")]
    interval: Duration,
    /// Stops after this many polls of each device
    #[arg(short, long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Stops after this time
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,
    /// Stops when this expression is true for the fields of a device; fails otherwise
    #[arg(long, value_name = "EXPRESSION")]
    until: Option<String>,
    /// Shows only this field; may be repeated
    #[arg(short, long, value_name = "FIELD")]
    field: Vec<String>,
    /// Plots this field, instead of the first four numbers; may be repeated
    #[arg(long, value_name = "FIELD")]
    plot: Vec<String>,
    /// Prints a line only when a value has changed
    #[arg(long)]
    on_change: bool,
    /// Prints comma-separated values with a header
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Prints lines on a terminal, too
    #[arg(long)]
    lines: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -t oven watch thermostat.read 0
  oncilla -t oven -t fridge watch thermostat.read 0 --interval 200ms --plot millidegrees
  oncilla -t oven watch thermostat.read 0 --csv --for 1h > oven.csv
  oncilla -t oven watch thermostat.read 0 --until 'millidegrees > 25000 && on' --for 10m
  oncilla -t oven --json watch thermostat.read 0 --on-change

Expressions are those of Jinja: numbers, 'texts', true, false, null; == != < <= > >=, + - * / // %, && || not, `in`,
`state.failed is defined`, `list[0]`, `list | length`, `list | map(attribute='x') | max`, `text is startingwith('a')`.
`value` is the whole result. An enum is a text. A field missing in this result makes it false.

Exit codes: 0 done; 1 the expression of --until was never true; others as for all commands. If all polls of a device
fail, the code is that of its last failure.";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let condition = arguments.until.as_deref().map(Condition::new).transpose()?;
    let mut pollers = Vec::new();
    for settings in context.sources.all()? {
        let names = [("--field", &*arguments.field), ("--plot", &arguments.plot)];
        pollers.push(Poller::new(context, settings, &arguments.name, &arguments.arguments, condition.as_ref(), names)?);
    }
    // Until here, Ctrl-C ends the process at once.
    let interrupt = Interrupt::handle()?;
    let targets: Vec<_> = pollers.iter().map(Poller::target).collect();
    let schedule = Schedule { interval: arguments.interval, count: arguments.count };
    let (sender, samples) = mpsc::channel();
    let start = Instant::now();
    for (device, poller) in pollers.into_iter().enumerate() {
        poller.start(device, schedule, sender.clone());
    }
    drop(sender);
    let devices = targets.iter().cloned().map(Known::new).collect();
    let deadline = arguments.duration.and_then(|time| start.checked_add(time));
    let mut watch = Watch { devices, condition, is_true: false, samples, interrupt, deadline, start };
    let output = context.output;
    let is_live = output.is_terminal() && !output.json && !arguments.csv && !arguments.lines && !arguments.on_change;
    if is_live {
        watch.live(arguments)?;
    } else {
        let form = match () {
            () if output.json => Form::Json,
            () if arguments.csv => Form::Csv,
            () => Form::Text,
        };
        let mut lines = Lines::new(output, form, &arguments.field, arguments.on_change, targets);
        watch.lines(&mut lines, output)?;
        lines.end()?;
    }
    watch.end(output)
}

/// Devices that are watched.
struct Watch {
    devices: Vec<Known>,
    condition: Option<Condition>,
    /// Whether the condition was true.
    is_true: bool,
    samples: Receiver<Sample>,
    interrupt: Interrupt,
    deadline: Option<Instant>,
    start: Instant,
}

/// The outcome of waiting for a sample.
enum Next {
    Sample(Sample),
    /// No sample has arrived yet.
    Nothing,
    /// All polls are done, or the time is over.
    End,
}

impl Watch {
    /// Waits for a sample, for `wait` at most.
    fn next(&self, wait: Duration) -> Next {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if self.is_true || self.interrupt.is_set() || left.is_some_and(|left| left.is_zero()) {
            return Next::End;
        }
        match self.samples.recv_timeout(left.map_or(wait, |left| left.min(wait))) {
            Ok(sample) => Next::Sample(sample),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    /// Takes a sample: evaluates the condition and returns a change of the device.
    fn take(&mut self, sample: &Sample) -> Done<Option<Change>> {
        if let (Some(condition), Ok(value)) = (&mut self.condition, &sample.outcome) {
            self.is_true = self.is_true || condition.is_true(value)?;
        }
        Ok(self.devices.get_mut(sample.device).and_then(|device| device.take(sample, self.start)))
    }

    /// Prints a line for each sample.
    fn lines(&mut self, lines: &mut Lines, output: Output) -> Done {
        let mut noted = None;
        loop {
            let sample = match self.next(TICK) {
                Next::Sample(sample) => sample,
                Next::Nothing => continue,
                Next::End => return Ok(()),
            };
            let change = self.take(&sample)?;
            lines.print(&sample)?;
            let target = self.devices.get(sample.device).map_or("", |device| device.target.as_str());
            match change {
                Some(Change::Lost(loss)) => {
                    output.note(format_args!("{target}: lost since {}: {}", clock(loss.since), harmless(&loss.why)));
                }
                Some(Change::Back(lasted)) => {
                    output.note(format_args!("{target}: back after {:.1} s", lasted.as_secs_f64()));
                }
                None => {}
            }
            let note = self.condition.as_ref().and_then(|condition| condition.note.clone());
            if note.is_some() && note != noted {
                output.note(format_args!("note: {}", note.as_deref().unwrap_or_default()));
                noted = note;
            }
        }
    }

    /// Shows a table and plots until the user ends it.
    fn live(&mut self, arguments: &Arguments) -> Done {
        let failed = |error| Failure::usage(format_args!("cannot use the terminal: {error}")).help("use `--lines`");
        let mut screen = Screen::new(&self.interrupt).map_err(failed)?;
        let title = [&*arguments.name].into_iter().chain(arguments.arguments.iter().map(String::as_str));
        let title = title.collect::<Vec<_>>().join(" ");
        loop {
            // Devices that are polled very often do not keep the screen and the keys waiting.
            let start = Instant::now();
            while start.elapsed() < TICK {
                match self.next(Duration::ZERO) {
                    Next::Sample(sample) => drop(self.take(&sample)?),
                    Next::Nothing => break,
                    Next::End => return Ok(()),
                }
            }
            let condition = self.condition.as_ref();
            let view = View {
                title: &title,
                shown: &arguments.field,
                plotted: &arguments.plot,
                condition: arguments.until.as_deref().zip(condition).map(|(text, it)| (text, it.note.as_deref())),
                start: self.start,
            };
            screen.show(&self.devices, &view).map_err(failed)?;
            if screen.is_left(TICK).map_err(failed)? {
                self.interrupt.set();
            }
        }
    }

    /// Prints what happened.
    fn end(&self, output: Output) -> Done {
        for device in &self.devices {
            output.note(device.summary());
        }
        if self.is_true {
            return Ok(());
        }
        if let Some(failure) = self.devices.iter().find_map(Known::failure) {
            return Err(failure);
        }
        match &self.condition {
            Some(condition) => {
                let what = format!(
                    "the condition {:?} was not true in {:.1} s",
                    condition.text(),
                    self.start.elapsed().as_secs_f64()
                );
                let failure = Failure::new(Exit::Failed, what);
                Err(condition.note.iter().fold(failure, Failure::help))
            }
            None => Ok(()),
        }
    }
}
