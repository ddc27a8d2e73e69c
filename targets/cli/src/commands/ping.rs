//! `oncilla ping`: null calls, like ping(8).

use std::thread;
use std::time::{Duration, Instant};

use oncilla::CallError;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::settings::duration;

/// Calls procedure 0 again and again, and prints how long each call takes
///
/// Every answer counts, also a refusal: the device is there.
#[derive(clap::Args)]
pub struct Arguments {
    /// The program to call, as PROGRAM or PROGRAM.VERSION in numbers [default: that of self-description]
    #[arg(default_value = "0x3fffde5c.1", value_parser = program, hide_default_value = true)]
    program: (u32, u32),
    /// Stops after this many calls
    #[arg(short, long, value_name = "COUNT")]
    count: Option<u64>,
    /// The pause between calls
    #[arg(short, long, value_name = "TIME", value_parser = duration, default_value = "1s")]
    interval: Duration,
    /// Calls without pauses
    #[arg(short, long)]
    flood: bool,
}

/// Parses `PROGRAM` or `PROGRAM.VERSION`.
fn program(text: &str) -> Result<(u32, u32), String> {
    let (program, version) = text.split_once('.').unwrap_or((text, "1"));
    number(program).zip(number(version)).ok_or_else(|| "expected numbers, such as 0x20000042.1".to_owned())
}

fn number(text: &str) -> Option<u32> {
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let mut device = context.connect()?;
    let (program, version) = arguments.program;
    let (mut sent, mut answered) = (0_u64, 0_u64);
    let mut failure = None;
    while arguments.count.is_none_or(|count| sent < count) {
        if sent > 0 && !arguments.flood {
            thread::sleep(arguments.interval);
        }
        sent += 1;
        let start = Instant::now();
        let outcome = match device.null(program, version) {
            Ok(()) => "answered".to_owned(),
            Err(CallError::Refused(refusal)) => format!("answered: {}", refusal_name(&refusal.to_string())),
            Err(error) => {
                let error = Failure::from(error);
                context.output.line(format_args!("{sent}: {}", error.what()))?;
                failure = Some(error);
                continue;
            }
        };
        answered += 1;
        context.output.line(format_args!("{sent}: {outcome} in {:.3} ms", start.elapsed().as_secs_f64() * 1e3))?;
    }
    context.output.line(format_args!("{sent} calls, {answered} answers"))?;
    match failure {
        Some(failure) if answered == 0 => Err(failure),
        Some(_) => Err(Failure::new(Exit::TimedOut, format_args!("{} calls have no answer", sent - answered))),
        None => Ok(()),
    }
}

/// Returns the name of a refusal without the advice.
fn refusal_name(refusal: &str) -> &str {
    refusal.split_once(" - ").map_or(refusal, |(name, _)| name)
}
