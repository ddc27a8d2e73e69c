//! Finds how to reach a device that does not answer.

use serde_json::json;

use crate::connect::probe::{Finding, probe};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::output::{GOOD, STRONG};
use crate::settings::Settings;

pub fn run(context: &Context, settings: &Settings) -> Done {
    let output = context.output;
    let mut tried = 0;
    let mut best: Option<Finding> = None;
    probe(settings, &context.how(), |finding| {
        tried += 1;
        if output.json {
            output.value(&json!({
                "target": finding.target.to_string(), "answers": finding.answers, "found": finding.what,
            }))?;
        } else if finding.answers {
            output.line(format_args!("{GOOD}{}: {}{GOOD:#}", finding.target, finding.what))?;
        } else {
            output.line(format_args!("{}: {}", finding.target, finding.what))?;
        }
        if finding.answers || finding.is_known {
            best = Some(finding);
        }
        Ok(())
    })?;
    match best {
        Some(finding) if finding.answers => {
            output.note(format_args!("use {STRONG}-t '{}'{STRONG:#}", finding.target));
            Ok(())
        }
        Some(finding) => Err(Failure::new(Exit::NotReached, finding.what)),
        None => Err(Failure::new(Exit::NotReached, format_args!("no reply after {tried} attempts"))
            .help("check that the device is on, its wiring or address, and that its firmware has this carrier")),
    }
}
