//! `oncilla fleet cap`.

use std::time::Duration;

use oncilla_fleet::Fleet;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::programs::{number, shown};

/// The options of `oncilla fleet cap`.
///
/// With a cap, callers use at most this version of the program, although some devices have a newer one already. Set it before
/// the first device of a mixed fleet is updated, and remove it after the last.
#[derive(clap::Args)]
pub struct Arguments {
    /// The program: its name at some device, or its number [default: shows all caps]
    program: Option<String>,
    /// The highest version that callers may use; `none` removes the cap
    #[arg(requires = "program")]
    version: Option<String>,
}

/// How long the broker may take to send the caps.
const SETTLE: Duration = Duration::from_millis(200);

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let (fleet, _) = super::connect(context)?;
    let program = arguments.program.as_deref().map(|text| program(&fleet, text)).transpose()?;
    if let (Some(program), Some(version)) = (program, &arguments.version) {
        let highest = match version.as_str() {
            "none" => None,
            text => Some(number(text).ok_or_else(|| {
                Failure::usage(format_args!("{text:?} is no version; write a number, or `none` to remove the cap"))
            })?),
        };
        fleet.set_cap(program, highest)?;
        context.output.detail("the broker has taken the cap");
        return Ok(());
    }
    std::thread::sleep(SETTLE);
    let caps: Vec<_> =
        fleet.caps().into_iter().filter(|(one, _)| program.is_none_or(|program| program == *one)).collect();
    if caps.is_empty() {
        context.output.note("there is no cap");
    }
    caps.into_iter().try_for_each(|(program, highest)| {
        if context.output.json {
            return context.output.json(&json!({"program": program, "highest": highest}));
        }
        context.output.line(format_args!("{} version {highest}", shown(program)))
    })
}

/// Finds a program by its number, or by its name at some device.
fn program(fleet: &Fleet, text: &str) -> Done<u32> {
    if let Some(program) = number(text) {
        return Ok(program);
    }
    let devices = fleet.devices()?;
    let programs = devices.iter().flat_map(|(_, presence)| &presence.programs);
    let found = programs.into_iter().find(|served| served.name.eq_ignore_ascii_case(text));
    found.map(|served| served.program).ok_or_else(|| {
        Failure::new(Exit::Usage, format_args!("no device of the fleet has a program {text:?}"))
            .help("write its number, such as 0x20000042; `oncilla fleet list` shows the programs")
    })
}
