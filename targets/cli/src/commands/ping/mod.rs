//! `oncilla ping`: null calls, like ping(8).

mod statistics;

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use oncilla::CallError;
use serde_json::json;

use crate::connect::Device;
use crate::context::{Context, interface_of};
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::{BAD, Output, WEAK};
use crate::programs::{DESCRIPTION, Programs, shown};
use crate::settings::{Settings, duration};
use crate::target::Address;
use statistics::Statistics;

/// Calls procedure 0 repeatedly, and prints how long each call takes
///
/// A refusal counts as a reply: the device is there, or the rpcbind of rpc://host. After a lost connection, the next call reconnects.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The program to call, by number or name, such as 0x20000042.1, sensor or nfs.3
    /// [default: that of self-description; with rpc://host, rpcbind]
    program: Option<String>,
    /// Stops after this many calls
    #[arg(short, long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// The pause between calls
    #[arg(short, long, value_name = "TIME", value_parser = duration, default_value = "1s")]
    interval: Duration,
    /// Calls without pauses; prints a dot for each call without a reply
    #[arg(short, long)]
    flood: bool,
    /// Stops after this time
    #[arg(short = 'w', long, value_name = "TIME", value_parser = duration)]
    deadline: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -t serial:/dev/ttyACM0 ping
  oncilla -t tcp://thermostat:20049 -x sensor.x ping sensor --count 5
  oncilla -t rpc://nas ping nfs.3 --interval 200ms
  oncilla -t udp://127.0.0.1:111 ping rpcbind --flood --deadline 10s --json

Exit codes: 0 if a reply arrived, else the exit code of the last call. With --count and --deadline, 4 if fewer than
COUNT replies arrived in time. Ctrl-C prints the summary.";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let settings = context.settings()?;
    let (id, asked) = program(arguments, context, &settings)?;
    let mut device = Some(asked.map_or_else(|| context.connect(), Ok)?);
    let statistics = Arc::new(Mutex::new(Statistics::new()));
    let interrupt = Interrupt::handle()?;
    summarize_at_interrupt(&interrupt, &statistics, context.output);
    announce(context.output, &settings, id)?;
    let deadline = arguments.deadline.and_then(|time| Instant::now().checked_add(time));
    let is_over =
        |sent| arguments.count.is_some_and(|count| sent >= count) || deadline.is_some_and(|end| Instant::now() >= end);
    let mut failure = None;
    let mut lost = None;
    for sent in 0.. {
        if is_over(sent) || (sent > 0 && !arguments.flood && pause(&interrupt, arguments.interval, deadline)) {
            break;
        }
        if let Err(error) = ping(&mut device, context, id, sent + 1, arguments.flood, &statistics, &mut lost)? {
            failure = Some(error);
            // Without a pause, refused connections would flood the host, too.
            if arguments.flood && lost.is_some() && interrupt.wait(Duration::from_millis(100)) {
                break;
            }
        }
    }
    let statistics = lock(&statistics);
    if interrupt.is_set() {
        // The other thread prints the summary and ends the process.
        drop(statistics);
        loop {
            thread::park();
        }
    }
    summary(context.output, &statistics)?;
    let (sent, replies) = (statistics.sent, statistics.replies);
    match (failure, arguments.count) {
        (Some(failure), _) if replies == 0 => Err(failure),
        (_, Some(count)) if arguments.deadline.is_some() && replies < count => {
            let what = format!("{replies} of {count} replies arrived before the deadline, to {sent} calls");
            Err(Failure::new(Exit::TimedOut, what))
        }
        _ => Ok(()),
    }
}

/// Returns the program and version to call.
///
/// Also returns the device, if it was asked for its interface.
fn program(arguments: &Arguments, context: &Context, settings: &Settings) -> Done<((u32, u32), Option<Device>)> {
    let Some(text) = &arguments.program else {
        let by_rpcbind =
            settings.target.as_ref().is_some_and(|target| matches!(target.value.address, Address::Rpc { .. }));
        return Ok((if by_rpcbind { (oncilla::rpcbind::PROGRAM, 2) } else { (DESCRIPTION, 1) }, None));
    };
    let interface = context.interface_of_file(settings)?;
    let (found, device) = match Programs::new(interface.as_ref()).parse(text) {
        // The device may know the name.
        Err(unknown) if interface.is_none() && settings.target.is_some() => {
            let mut device = context.connect()?;
            // A device that does not describe itself refuses.
            let parsed = context.text(settings, &mut device);
            let parsed = parsed.map_err(|error| if error.exit() == Exit::Failed { unknown } else { error })?;
            let described = interface_of(parsed, settings)?;
            (Programs::new(Some(&described)).parse(text)?, Some(device))
        }
        found => (found?, None),
    };
    let (program, version) = found;
    Ok(((program, version.unwrap_or(if program == oncilla::rpcbind::PROGRAM { 2 } else { 1 })), device))
}

fn announce(output: Output, settings: &Settings, (program, version): (u32, u32)) -> Done {
    match &settings.target {
        Some(target) if !output.json => output.line(format_args!(
            "calling procedure 0 of program {} version {version} at {}",
            shown(program),
            target.value
        )),
        _ => Ok(()),
    }
}

/// Makes one call, connects first if needed, and prints the outcome.
///
/// The inner result is that of the call. `lost` is when the connection was lost.
fn ping(
    device: &mut Option<Device>,
    context: &Context,
    (program, version): (u32, u32),
    number: u64,
    flood: bool,
    statistics: &Mutex<Statistics>,
    lost: &mut Option<Instant>,
) -> Done<Done> {
    let output = context.output;
    let mut connect = || -> Done<Device> {
        let made = context.connect()?;
        if let Some(lost) = lost.take() {
            output.note(format_args!("{WEAK}connected again after {:.1} s{WEAK:#}", lost.elapsed().as_secs_f64()));
        }
        Ok(made)
    };
    let connected = device.take().map_or_else(&mut connect, Ok);
    let outcome = connected.map(|mut connected| {
        let start = Instant::now();
        let outcome = connected.null(program, version);
        (connected, outcome, start.elapsed())
    });
    lock(statistics).sent += 1;
    let failure = match outcome {
        Ok((connected, outcome, time)) => {
            let answer = match outcome {
                Ok(()) => Ok("answered"),
                Err(error) => {
                    let is_lost = matches!(error, CallError::Closed | CallError::Link(_));
                    let failure = Failure::from(error);
                    // The rpcbind of a host refuses, too.
                    failure.refusal().ok_or((failure, is_lost))
                }
            };
            match answer {
                Ok(answer) => {
                    *device = Some(connected);
                    lock(statistics).reply(time);
                    answered(output, number, flood, answer, time)?;
                    return Ok(Ok(()));
                }
                Err((failure, is_lost)) => {
                    if is_lost {
                        *lost = Some(Instant::now());
                        output.note(format_args!("{WEAK}the connection is lost{WEAK:#}"));
                    } else {
                        *device = Some(connected);
                    }
                    failure
                }
            }
        }
        Err(failure) => failure,
    };
    unanswered(output, number, flood, &failure)?;
    Ok(Err(failure))
}

fn answered(output: Output, number: u64, flood: bool, answer: &str, time: Duration) -> Done {
    let millis = time.as_secs_f64() * 1e3;
    if output.json {
        return output.value(&json!({"call": number, "answer": answer, "ms": millis}));
    }
    if flood {
        return Ok(());
    }
    let answer = if answer == "answered" { String::new() } else { format!("  {WEAK}({answer}){WEAK:#}") };
    output.line(format_args!("call={number} time={millis:.3} ms{answer}"))
}

fn unanswered(output: Output, number: u64, flood: bool, failure: &Failure) -> Done {
    if output.json {
        return output.value(&json!({"call": number, "error": failure.what()}));
    }
    if flood {
        return output.bytes(b".");
    }
    output.line(format_args!("call={number} {BAD}no reply{BAD:#}: {}", failure.what()))
}

/// Waits until the next call. Returns whether the command should end.
fn pause(interrupt: &Interrupt, interval: Duration, deadline: Option<Instant>) -> bool {
    let left = deadline.map_or(interval, |end| end.saturating_duration_since(Instant::now()));
    interrupt.wait(interval.min(left)) || (left < interval)
}

/// Prints the summary at Ctrl-C, even while a call waits, and ends the process.
fn summarize_at_interrupt(interrupt: &Interrupt, statistics: &Arc<Mutex<Statistics>>, output: Output) {
    let (interrupt, statistics) = (interrupt.clone(), Arc::clone(statistics));
    thread::spawn(move || {
        while !interrupt.wait(Duration::from_secs(3600)) {}
        // A call that still waits is not counted.
        let statistics = lock(&statistics);
        let has_reply = statistics.replies > 0;
        // The output may be closed: the process ends in any case.
        let _ = summary(output, &statistics);
        process::exit(if has_reply { 0 } else { 1 });
    });
}

fn summary(output: Output, statistics: &Statistics) -> Done {
    if output.json { output.value(&statistics.json()) } else { output.line(format_args!("\n{statistics}")) }
}

fn lock(statistics: &Mutex<Statistics>) -> MutexGuard<'_, Statistics> {
    statistics.lock().unwrap_or_else(PoisonError::into_inner)
}
