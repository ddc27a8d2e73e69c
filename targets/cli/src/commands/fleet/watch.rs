//! `oncilla fleet watch`.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use oncilla_fleet::Event;
use oncilla_fleet::wire::Name;
use serde_json::json;

use super::list;
use crate::context::Context;
use crate::failure::Done;
use crate::interrupt::Interrupt;
use crate::output::{BAD, GOOD, WARN};

/// The options of `oncilla fleet watch`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Ends after this number of lines
    #[arg(short, long, value_name = "NUMBER")]
    count: Option<u64>,
    /// Watches the devices of this group only
    #[arg(long)]
    group: Option<String>,
}

/// How often Ctrl-C is looked for.
const LOOK: Duration = Duration::from_millis(100);

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let (fleet, _) = super::connect(context)?;
    let events = fleet.watch()?;
    let interrupt = Interrupt::handle()?;
    let (all, output) = (fleet.devices()?, context.output);
    output.note(format_args!("watching {} devices; Ctrl-C ends", all.len()));
    let mut seen = 0;
    while !interrupt.is_set() && arguments.count.is_none_or(|count| seen < count) {
        let event = match events.recv_timeout(LOOK) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let time = jiff::Timestamp::now();
        match event {
            Event::Device(device, Some(presence)) => {
                let is_of = |group: &String| presence.groups.iter().any(|one: &Name| **one == **group);
                if !arguments.group.as_ref().is_none_or(is_of) {
                    continue;
                }
                let trouble = fleet.trouble(&device)?;
                if output.json {
                    let mut value = list::json(&device, &presence, trouble.as_deref());
                    value["time"] = json!(time.to_string());
                    output.json(&value)?;
                } else {
                    let gateway = &presence.gateway;
                    output.line(match trouble {
                        None => format!("{time:.3} {device} {GOOD}online{GOOD:#} gateway={gateway}"),
                        Some(why) => format!("{time:.3} {device} {BAD}away{BAD:#} gateway={gateway}: {why}"),
                    })?;
                }
            }
            Event::Device(device, None) if output.json => {
                output
                    .json(&json!({"device": &*device, "online": false, "removed": true, "time": time.to_string()}))?;
            }
            Event::Device(device, None) => output.line(format_args!("{time:.3} {device} removed from the fleet"))?,
            Event::Lost(error) => {
                output.note(format_args!("{WARN}{error}{WARN:#}; connecting again"));
                continue;
            }
            Event::Connected => {
                output.note("the broker is there again");
                continue;
            }
        }
        seen += 1;
    }
    Ok(())
}
