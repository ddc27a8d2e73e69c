//! `oncilla bench`: latencies and calls a second, measured by many calls.

mod load;
mod report;
mod show;
mod tally;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use oncilla_rpcgen::harmless;
use serde_json::to_value;

use super::call::{self, Callee, Input};
use crate::connect::{self, Device, How, SLOTS, Stop};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::{Output, file};
use crate::remote::Remote;
use crate::settings::{Settings, duration};
use crate::target::{Address, Protocol};

use load::{Load, Plan, Shared};
use report::{Report, Store};
use tally::Tally;

/// How long calls are made without `--count` and `--for`.
const TIME: Duration = Duration::from_secs(10);

/// How long calls may wait for their replies after Ctrl-C.
const GRACE: Duration = Duration::from_millis(500);

/// How often the progress is shown.
const TICK: Duration = Duration::from_millis(100);

/// The largest number of connections.
const CONNECTIONS_MAX: u32 = 4096;

/// Makes many calls, and prints calls a second and latencies
///
/// Only calls that succeed have a latency. With --rate, calls are due at fixed times, and a latency counts from the
/// time at which the call was due.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The procedure, such as thermostat.read, or its numbers, such as 0x20000042.1.3
    name: String,
    /// The arguments: values in their order, name=value, JSON, or @FILE with JSON
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// Stops after this many calls
    #[arg(short, long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Stops after this time [default: 10s, without --count]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,
    /// Calls over this many connections at once
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(CONNECTIONS_MAX)))]
    connections: u32,
    /// Keeps this many calls in flight on each connection
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=SLOTS as i64))]
    in_flight: u16,
    /// Starts this many calls a second in all, instead of as many as possible
    #[arg(long, value_name = "CALLS", value_parser = rate)]
    rate: Option<f64>,
    /// Stores the results in a file
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Compares the results with those stored in a file
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -t oven bench thermostat.read 0
  oncilla -t oven bench thermostat.read 0 --count 100000 --in-flight 8
  oncilla -t oven bench thermostat.read 0 --for 30s --connections 4 --rate 2000
  oncilla -t oven bench thermostat.read 0 --save before.json
  oncilla -t oven bench thermostat.read 0 --against before.json
  oncilla -t oven -t fridge bench thermostat.read 0
  oncilla -t rpc://nas bench 100003.3.0

Several targets are measured one after another, and compared with the first. A ratio is a result divided by the one
that it is compared with.";

impl Arguments {
    /// Returns the file of `@FILE`.
    fn argument_file(&self) -> Option<PathBuf> {
        match &self.arguments[..] {
            [word] => word.strip_prefix('@').map(PathBuf::from),
            _ => None,
        }
    }
}

/// The least rate, a call in 11 days.
const RATE_MIN: f64 = 1e-6;

/// Parses a rate.
fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && (RATE_MIN..=1e9).contains(rate));
    rate.ok_or_else(|| "expected a number of calls a second from 0.000001 to 1e9, such as 500".to_owned())
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let stored = arguments.against.as_deref().map(Report::read).transpose()?;
    let all = context.sources.all()?;
    let check_output = || {
        let inputs = |settings| context.inputs(settings).into_iter();
        let inputs = all.iter().flat_map(inputs).chain(arguments.against.clone()).chain(arguments.argument_file());
        arguments.save.as_ref().map_or(Ok(()), |save| file::check("--save", save, inputs))
    };
    check_output()?;
    let store = arguments.save.as_deref().map(Store::open).transpose()?;
    let interrupt = Interrupt::handle()?;
    let stop = stop_after(&interrupt);
    let mut first: Option<Report> = None;
    let mut failed = None;
    for settings in &all {
        if interrupt.is_set() {
            break;
        }
        let (report, failure) = measure(arguments, context, settings, &interrupt, &stop)?;
        failed = failed.or(failure);
        let against = stored.as_ref().or(first.as_ref());
        if let Some(against) = against.filter(|against| against.procedure != report.procedure) {
            let (other, this) = (harmless(&against.procedure), harmless(&report.procedure));
            context.output.note(format_args!("note: {other} is compared with {this}, another procedure"));
        }
        if context.output.json {
            let mut value = to_value(&report).map_err(|error| Failure::output(&error.into()))?;
            if let Some(against) = against {
                value["against"] = ratios(&report, against);
            }
            context.output.value(&value)?;
        } else {
            show::show(context.output, &report, against)?;
        }
        first = first.or(Some(report));
    }
    if let (Some(store), Some(report)) = (store, &first) {
        // The files that the interface includes are known now.
        check_output()?;
        store.save(report)?;
    }
    failed.map_or(Ok(()), Err)
}

/// Returns what ends the waiting of calls, a while after Ctrl-C.
fn stop_after(interrupt: &Interrupt) -> Stop {
    let (interrupt, stop) = (interrupt.clone(), Stop::default());
    let ours = stop.clone();
    thread::spawn(move || {
        while !interrupt.wait(Duration::from_secs(3600)) {}
        thread::sleep(GRACE);
        ours.set();
    });
    stop
}

/// Returns the ratios to another report.
fn ratios(report: &Report, against: &Report) -> serde_json::Value {
    let mut value = serde_json::json!({
        "target": against.target,
        "procedure": against.procedure,
        "calls_per_second": report.calls_per_second / against.calls_per_second,
    });
    if let (Some(ours), Some(other)) = (&report.latency_us, &against.latency_us) {
        let ratio = |(ours, other): ((&str, f64), (&str, f64))| (ours.0.replace('.', "_"), (ours.1 / other.1).into());
        value["latency"] =
            ours.rows().into_iter().zip(other.rows()).map(ratio).collect::<serde_json::Map<_, _>>().into();
    }
    value
}

/// Refuses several clients with one link key on UDP, which would end each other's session.
fn check_sessions(connections: u32, settings: &Settings) -> Done {
    let datagrams = settings.target.as_ref().is_some_and(|target| {
        matches!(target.value.address, Address::Udp(_) | Address::Rpc { protocol: Protocol::Udp, .. })
    });
    if connections == 1 || settings.link_key.is_none() || !datagrams {
        return Ok(());
    }
    Err(Failure::usage(format_args!(
        "--connections {connections} needs {connections} sessions, and a device has one session for each link key on UDP"
    ))
    .help("use `--in-flight` for several calls at once, or a target on TCP, where each connection has a session"))
}

/// Measures one target. Also returns a failure if calls failed.
fn measure(
    arguments: &Arguments,
    context: &Context,
    settings: &Settings,
    interrupt: &Interrupt,
    stop: &Stop,
) -> Done<(Report, Option<Failure>)> {
    check_sessions(arguments.connections, settings)?;
    let is_fleet = settings.target.as_ref().is_some_and(|target| matches!(target.value.address, Address::Mqtt(_)));
    if arguments.in_flight > 1 && is_fleet {
        return Err(Failure::usage("a device of a fleet has no calls in flight on one connection")
            .help("use `--connections` for several calls at once"));
    }
    let input = Input::Words(arguments.arguments.clone());
    let how = How { stop: Some(stop.clone()), ..context.how() };
    let mut remote = Remote::of(context, settings.clone(), how.clone());
    let interface = call::interface(&mut remote, &arguments.name, &input)?;
    drop(remote);
    let callee = Callee::find(&arguments.name, interface.as_ref())?;
    let (_, bytes) = call::resolve(&callee, &input)?;
    let id = callee.id();
    let check = |results: &[u8]| callee.decode(results).map(|_| ());
    let time = arguments.duration.or(arguments.count.is_none().then_some(TIME));
    let plan = Plan {
        id,
        arguments: &bytes,
        check: &check,
        count: arguments.count,
        time,
        connections: arguments.connections,
        in_flight: usize::from(arguments.in_flight),
        rate: arguments.rate,
    };
    let dial = || connect::to_program(settings, &how, id.program, id.version);
    let devices = (0..plan.connections).map(|_| dial()).collect::<Done<Vec<_>>>()?;
    let shared =
        Shared { started: AtomicU64::new(0), begin: Instant::now(), interrupt: interrupt.clone(), stop: stop.clone() };
    let tally = load(&plan, &shared, devices, &dial, context.output);
    let target = settings.given.as_ref().map_or_else(|| "the device".to_owned(), |given| given.value.clone());
    let report = Report::new(target, &arguments.name, &plan, &tally, shared.begin.elapsed());
    let failure = tally.first.as_ref().map(|first| {
        let (failures, calls) = (tally.failures(), tally.calls());
        if failures == calls {
            return first.clone().of(format_args!("all {calls} calls failed"));
        }
        Failure::new(Exit::Failed, format_args!("{failures} of {calls} calls failed; the first: {}", first.what()))
    });
    Ok((report, failure))
}

/// Makes the calls, each connection in a thread of its own, and shows the progress.
fn load(
    plan: &Plan<'_>,
    shared: &Shared,
    devices: Vec<Device>,
    dial: &(impl Fn() -> Done<Device> + Sync),
    output: Output,
) -> Tally {
    let progress = Progress::new(plan, output);
    let mut sum = Tally::new();
    thread::scope(|scope| {
        let (sender, tallies) = mpsc::channel();
        for (index, device) in (0..).zip(devices) {
            let sender = sender.clone();
            scope.spawn(move || {
                // The receiver waits for all threads.
                let _ = sender.send(Load::new(plan, shared, index).run(device, dial));
            });
        }
        drop(sender);
        loop {
            match tallies.recv_timeout(TICK) {
                Ok(tally) => sum.add(tally),
                Err(RecvTimeoutError::Timeout) => progress.show(shared),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    progress.0.finish_and_clear();
    sum
}

/// The progress bar, on the standard error of a terminal.
struct Progress(ProgressBar, Option<Duration>);

impl Progress {
    fn new(plan: &Plan<'_>, output: Output) -> Self {
        if output.json || !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden(), None);
        }
        let (length, time) = match (plan.count, plan.time) {
            (Some(count), None) => (count, None),
            (_, time) => (time.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)), time),
        };
        let bar = ProgressBar::new(length);
        let style = ProgressStyle::with_template("{elapsed:>4} {wide_bar} {percent:>3} % {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar, time)
    }

    fn show(&self, shared: &Shared) {
        let (started, elapsed) = (shared.started.load(Ordering::Relaxed), shared.begin.elapsed());
        let position = if self.1.is_some() { u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX) } else { started };
        self.0.set_position(position.min(self.0.length().unwrap_or(u64::MAX)));
        self.0.set_message(format!("{:.0} calls/s", started as f64 / elapsed.as_secs_f64()));
    }
}
