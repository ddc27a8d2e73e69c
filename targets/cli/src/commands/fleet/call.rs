//! `oncilla fleet call`: one call of many devices.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use oncilla::{CallError, Caller as _};
use oncilla_device::connect::mqtt::call_error;
use oncilla_device::interface::interface_of;
use oncilla_dynamic::Interface;
use oncilla_fleet::wire::{Hash, Name};
use oncilla_fleet::{Error, Fleet, Interrupt, Place};
use serde_json::{Value, json};

use super::list;
use crate::commands::call::{Callee, Input, resolve};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::interrupt;
use crate::output::{BAD, STRONG, count, render};
use crate::settings::{Settings, duration};

/// The options of `oncilla fleet call`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The procedure, such as thermostat.read
    name: String,
    /// The arguments: values in order, name=value, JSON, or @FILE with JSON
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// Calls these devices; may be repeated, or a list with commas
    #[arg(short, long, value_name = "DEVICE", group = "whom")]
    device: Vec<String>,
    /// Calls every device of this group
    #[arg(short, long, group = "whom")]
    group: Option<String>,
    /// Calls every device of the fleet
    #[arg(long, group = "whom")]
    all: bool,
    /// The number of calls at once
    #[arg(short, long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    parallel: u16,
    /// Sends one message for the whole group, which its gateways pass on
    #[arg(long, requires = "group", conflicts_with = "queue")]
    fan_out: bool,
    /// Sends the calls and does not wait for replies
    #[arg(long, conflicts_with_all = ["queue", "fan_out"])]
    cast: bool,
    /// Queues the calls of devices that are away, at most this long, and prints tickets
    #[arg(long, value_name = "TIME", value_parser = duration)]
    queue: Option<Duration>,
}

const EXAMPLES: &str = "\
The exit code is 0 if every device replied, 1 if some did, and that of the first failure if none did.

With --json, each device has a line: {\"device\": NAME, \"result\": …} or {\"device\": NAME, \"error\": …}.

Examples:
  oncilla fleet call thermostat.read 0 --group ovens
  oncilla fleet call thermostat.read 0 --device oven-7,oven-8
  oncilla fleet call thermostat.read 0 --all --parallel 64 --json | jq .result
  oncilla fleet call thermostat.set 0 180 --device oven-7 --queue 1h";

/// What became of the call of one device.
enum Outcome {
    Results(Value),
    /// There are no results to wait for.
    Sent,
    /// The call waits for the device.
    Queued(String),
}

/// What is the same for all devices.
struct Job<'a> {
    arguments: &'a Arguments,
    fleet: &'a Fleet,
    settings: Settings,
    /// The interface of the file that is set.
    of_file: Option<Arc<Interface>>,
    /// The interfaces of devices, by the hash of their description.
    interfaces: Mutex<HashMap<Hash, Arc<Interface>>>,
    interrupt: interrupt::Interrupt,
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let (fleet, place) = super::connect(context)?;
    let (devices, group) = match (&place, arguments.device.is_empty() && arguments.group.is_none() && !arguments.all) {
        // The target may name them.
        (Place::Device(device), true) => (vec![device.to_string()], None),
        (Place::Group(group) | Place::Any(group), true) => (Vec::new(), Some(group.to_string())),
        (_, true) => {
            return Err(Failure::usage("no device is given")
                .help("name devices by `--device NAME`, or give `--group GROUP` or `--all`"));
        }
        _ => (arguments.device.clone(), arguments.group.clone()),
    };
    let devices = list::chosen(&fleet, &devices, group.as_deref())?;
    if devices.is_empty() {
        return Err(Failure::new(Exit::NotReached, "the fleet has no such device")
            .help("`oncilla fleet list` shows the devices and their groups"));
    }
    let settings = context.settings()?;
    let job = Job {
        arguments,
        fleet: &fleet,
        of_file: context.interface_of_file(&settings)?.map(Arc::new),
        settings,
        interfaces: Mutex::default(),
        interrupt: interrupt::Interrupt::handle()?,
    };
    let mut report = Report::new(context, devices.len());
    match group.filter(|_| arguments.fan_out) {
        Some(group) => job.fan_out(&group, &devices, &mut report)?,
        None => job.each(&devices, &mut report)?,
    }
    report.finish()
}

impl Job<'_> {
    /// Calls each device, several at once.
    fn each(&self, devices: &[Name], report: &mut Report<'_>) -> Done {
        let (next, (sender, receiver)) = (AtomicUsize::new(0), mpsc::channel());
        thread::scope(|scope| {
            for _ in 0..usize::from(self.arguments.parallel).min(devices.len()) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some(device) = devices.get(next.fetch_add(1, Ordering::Relaxed))
                        && !self.interrupt.is_set()
                    {
                        let start = Instant::now();
                        let outcome = self.one(device);
                        // The receiver is gone when the output is closed.
                        if sender.send((device.clone(), outcome, Some(start.elapsed()))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let done = receiver.iter().try_for_each(|(device, outcome, time)| report.add(&device, outcome, time));
            // What was not begun stays so.
            next.store(devices.len(), Ordering::Relaxed);
            drop(receiver);
            done
        })
    }

    /// Returns the interface of a device.
    fn interface(&self, device: &Name) -> Done<Arc<Interface>> {
        if let Some(interface) = &self.of_file {
            return Ok(Arc::clone(interface));
        }
        let presence = self.fleet.presence(device)?.ok_or_else(|| Error::Unknown { device: device.clone() })?;
        let unknown = || {
            Failure::new(Exit::Failed, format_args!("the fleet has no description of {device}"))
                .help("give the interface with `--interface FILE.x`")
        };
        let hash = presence.description.ok_or_else(unknown)?;
        let known = || self.interfaces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(interface) = known().get(&hash) {
            return Ok(Arc::clone(interface));
        }
        let text = self.fleet.description(device)?.ok_or_else(unknown)?;
        let interface = Arc::new(interface_of(oncilla_rpcgen::parse_received(device, &text), &self.settings)?);
        known().insert(hash, Arc::clone(&interface));
        Ok(interface)
    }

    fn stop(&self) -> Interrupt {
        let interrupt = self.interrupt.clone();
        Arc::new(move || interrupt.is_set())
    }

    /// Calls one device.
    fn one(&self, device: &Name) -> Done<Outcome> {
        // A device that is away fails for that reason, not because its interface is unknown.
        let online = if self.arguments.queue.is_none() { Some(self.fleet.device(device)?) } else { None };
        let interface = self.interface(device)?;
        let callee = Callee::find(&self.arguments.name, Some(&interface))?;
        let (_, bytes) = resolve(&callee, &Input::Words(self.arguments.arguments.clone()))?;
        let failed = |error: CallError<Error>| Failure::from(call_error(error));
        if let Some(expiry) = self.arguments.queue {
            let mut queue = self.fleet.queue(device, expiry)?;
            queue.set_timeout(self.settings.timeout.value);
            let ticket = queue.call_bytes(callee.id(), &bytes).map_err(failed)?;
            // A device that is there replies at once.
            let is_there = self.fleet.trouble(device)?.is_none();
            let patience = if is_there { self.settings.timeout.value } else { Duration::from_millis(1) };
            return match ticket.wait_bytes(patience) {
                Ok(results) => Ok(Outcome::Results(callee.decode(&results)?)),
                Err(CallError::TimedOut { .. }) => Ok(Outcome::Queued(ticket.to_string())),
                Err(error) => Err(failed(error)),
            };
        }
        let mut caller = match online {
            Some(caller) => caller,
            None => self.fleet.device(device)?,
        };
        caller.set_timeout(self.settings.timeout.value);
        caller.set_interrupt(Some(self.stop()));
        if self.arguments.cast {
            caller.cast(callee.id(), |writer| writer.append(&bytes)).map_err(failed)?;
            return Ok(Outcome::Sent);
        }
        let results = caller.call(callee.id(), |writer| writer.append(&bytes), |results| Ok(results.to_vec()));
        Ok(Outcome::Results(callee.decode(&results.map_err(failed)?)?))
    }

    /// Calls a group by one message. All its devices are taken to have the interface of the first.
    fn fan_out(&self, group: &str, devices: &[Name], report: &mut Report<'_>) -> Done {
        let first = devices.first().ok_or_else(|| Failure::usage("the group has no device"))?;
        let interface = self.interface(first)?;
        let callee = Callee::find(&self.arguments.name, Some(&interface))?;
        let (_, bytes) = resolve(&callee, &Input::Words(self.arguments.arguments.clone()))?;
        let mut group = self.fleet.group(group)?;
        group.set_timeout(self.settings.timeout.value);
        group.set_interrupt(Some(self.stop()));
        let outcomes = group.call_bytes(callee.id(), &bytes).map_err(|error| Failure::from(call_error(error)))?;
        for (device, outcome) in outcomes {
            let outcome = match outcome {
                Ok(results) => callee.decode(&results).map(Outcome::Results),
                Err(error) => Err(Failure::from(call_error(error))),
            };
            report.add(&device, outcome, None)?;
        }
        Ok(())
    }
}

/// Prints outcomes as they come, and the summary.
struct Report<'c> {
    context: &'c Context,
    bar: ProgressBar,
    all: usize,
    done: usize,
    /// The failures by their sentence without the device, and how often each happened.
    failures: Vec<(Exit, String, usize)>,
}

impl<'c> Report<'c> {
    fn new(context: &'c Context, all: usize) -> Self {
        // It draws on standard error, and only if a person sees it.
        let bar = if all > 1 { ProgressBar::new(all as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} devices, {elapsed}, {msg}") {
            bar.set_style(style);
        }
        Self { context, bar, all, done: 0, failures: Vec::new() }
    }

    fn add(&mut self, device: &Name, outcome: Done<Outcome>, time: Option<Duration>) -> Done {
        let output = self.context.output;
        // The failure of the only device is that of the command.
        let outcome =
            if self.all == 1 && !output.json { Ok(outcome.map_err(|failure| failure.of(device))?) } else { outcome };
        let line = match &outcome {
            _ if output.json => String::new(),
            Ok(Outcome::Results(Value::Null)) => format!("{STRONG}{device}{STRONG:#}: done"),
            Ok(Outcome::Results(value)) => {
                let text = render(value);
                let gap = if text.contains('\n') { "\n" } else { " " };
                format!("{STRONG}{device}{STRONG:#}:{gap}{text}")
            }
            Ok(Outcome::Sent) => format!("{STRONG}{device}{STRONG:#}: sent"),
            Ok(Outcome::Queued(ticket)) => format!("{STRONG}{device}{STRONG:#}: queued as {ticket}"),
            Err(failure) => format!("{STRONG}{device}{STRONG:#}: {BAD}error{BAD:#}: {}", failure.what()),
        };
        let mut value = match &outcome {
            Ok(Outcome::Results(value)) => json!({"device": &**device, "result": value}),
            Ok(Outcome::Sent) => json!({"device": &**device, "sent": true}),
            Ok(Outcome::Queued(ticket)) => json!({"device": &**device, "ticket": ticket}),
            Err(failure) => {
                let mut value = json!({"device": &**device});
                if let (Some(object), Value::Object(mut failure)) = (value.as_object_mut(), failure.json()) {
                    object.append(&mut failure);
                }
                value
            }
        };
        if let Some(time) = time {
            value["ms"] = json!((time.as_secs_f64() * 1e6).round() / 1e3);
        }
        match outcome {
            Ok(_) => self.done += 1,
            Err(failure) => self.count(device, &failure),
        }
        let failed = self.failures.iter().map(|(.., times)| times).sum::<usize>();
        self.bar.set_message(format!("{failed} failed"));
        self.bar.inc(1);
        self.bar.suspend(|| if output.json { output.json(&value) } else { output.line(line) })
    }

    fn count(&mut self, device: &Name, failure: &Failure) {
        let what = match failure.trouble() {
            Some(name) => name.to_owned(),
            None => failure.what().replace(&**device, "DEVICE"),
        };
        match self.failures.iter_mut().find(|(_, other, _)| *other == what) {
            Some((.., times)) => *times += 1,
            None => self.failures.push((failure.exit(), what, 1)),
        }
    }

    /// Prints the summary, and returns the outcome of all calls.
    fn finish(self) -> Done {
        self.bar.finish_and_clear();
        let Self { all, done, .. } = self;
        let failed: usize = self.failures.iter().map(|(.., times)| times).sum();
        let Some((first, ..)) = self.failures.first() else {
            if done < all {
                return Err(Failure::new(Exit::Failed, format_args!("{done} of {all} devices were called")));
            }
            self.context.output.detail(format_args!("{} replied", count(all as u64, "device")));
            return Ok(());
        };
        let exit = if done > 0 { Exit::Failed } else { *first };
        let kinds: Vec<_> = self.failures.iter().map(|(_, what, times)| format!("{times} × {what}")).collect();
        let skipped = all.saturating_sub(done + failed);
        let skipped = if skipped > 0 { format!("; {skipped} were not called") } else { String::new() };
        Err(Failure::new(exit, format_args!("{failed} of {all} devices failed: {}{skipped}", kinds.join("; "))))
    }
}
