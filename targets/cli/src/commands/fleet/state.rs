//! `oncilla fleet state`.

use std::time::Duration;

use oncilla_fleet::Ticket;
use oncilla_fleet::wire::{CallState, Executed, Progress, Trouble, program_text};
use serde_json::json;

use super::list::ago;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::settings::duration;

/// The options of `oncilla fleet state`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The ticket that was printed when the call was queued: DEVICE/USER/ID
    ticket: String,
    /// Waits until the call has ended, at most this long
    #[arg(long, value_name = "TIME", value_parser = duration)]
    wait: Option<Duration>,
}

/// How long the broker may take to send the state.
const SETTLE: Duration = Duration::from_millis(500);

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let (fleet, _) = super::connect(context)?;
    let ticket = fleet.ticket(&arguments.ticket)?;
    let state = match arguments.wait {
        Some(patience) => ticket.end(patience),
        None => ticket.state(SETTLE)?,
    };
    show(&ticket, state.as_ref(), context)
}

/// Prints a state. A call that has failed or expired is a failure.
pub fn show(ticket: &Ticket, state: Option<&CallState>, context: &Context) -> Done {
    let Some(state) = state else {
        return Err(Failure::new(Exit::Failed, format_args!("no gateway knows a call {ticket}"))
            .help("states are kept until the call would have expired, and then the broker forgets them"));
    };
    if context.output.json {
        let mut value = serde_json::to_value(state).unwrap_or_default();
        value["ticket"] = json!(ticket.to_string());
        context.output.json(&value)?;
    } else {
        let CallState { state: progress, since, gateway, program, procedure, text, .. } = state;
        let text = if text.is_empty() { String::new() } else { format!(": {text}") };
        let procedure = procedure.map_or_else(String::new, |procedure| format!(" procedure {procedure}"));
        context.output.line(format_args!(
            "{} for {} (gateway {gateway}, program {}{procedure}){text}",
            progress.name(),
            ago(*since),
            program_text(*program)
        ))?;
    }
    match state.state {
        Progress::Failed => {
            let executed = match state.error.map(Trouble::executed) {
                Some(Executed::Perhaps) => "; it may have been executed",
                Some(Executed::No) => "; it was not executed",
                None => ": the device refused it",
            };
            Err(Failure::new(Exit::Failed, format_args!("the queued call {ticket} failed{executed}")))
        }
        Progress::Expired => {
            Err(Failure::new(Exit::TimedOut, format_args!("the queued call {ticket} expired and was not executed")))
        }
        _ => Ok(()),
    }
}
