//! Hosts on the local networks, by rpcbind's broadcast.

use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::programs::{Programs, shown};
use crate::settings::Settings;

/// The version of a program that is not stated and that no interface states.
const FIRST: u32 = 1;

pub fn run(context: &Context, settings: &Settings, programs: &Programs, program: &str) -> Done {
    let (program, version) = programs.parse(program)?;
    let version = version.unwrap_or(FIRST);
    let within = settings.timeout.value;
    let name = programs.name(program).map(|name| format!(" ({name})")).unwrap_or_default();
    context.output.detail(format_args!(
        "asking all local networks for program {}{name} version {version}, for {}",
        shown(program),
        humantime::format_duration(within)
    ));
    let mut count = 0;
    for server in oncilla_host::search(program, version, within)? {
        let server = server.map_err(Failure::from)?;
        count += 1;
        if context.output.json {
            let value = json!({"address": server.to_string(), "program": program, "version": version});
            context.output.value(&value)?;
        } else {
            context.output.line(format_args!("udp://{server}"))?;
        }
    }
    if count == 0 {
        context.output.note(format_args!(
            "no host answered within {}; hosts answer whose rpcbind makes indirect calls (rpcbind -r), and to which the \
             program is known on UDP",
            humantime::format_duration(within)
        ));
    }
    Ok(())
}
