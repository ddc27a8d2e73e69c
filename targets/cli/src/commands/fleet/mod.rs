//! `oncilla fleet`: devices behind a broker, many at once.

mod call;
mod cap;
mod list;
mod state;
mod watch;

use oncilla_device::connect::mqtt;
use oncilla_fleet::{Fleet, Place};

use crate::connect::no_target;
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::target::Address;

/// Lists, watches and calls devices behind an MQTT broker
///
/// The target is the fleet: `-t mqtt://USER@BROKER/FLEET`, or mqtts:// inside TLS. `oncilla -t mqtt://BROKER/FLEET/DEVICE call …`
/// and the other commands work on one device. `oncilla gateway` puts devices behind a broker.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Lists the devices: who is there, since when, and what each has
    List(list::Arguments),
    /// Prints a line for each device that comes or goes, until Ctrl-C
    Watch(watch::Arguments),
    /// Calls a procedure of many devices at once
    Call(call::Arguments),
    /// Shows the state of a queued call, by its ticket
    State(state::Arguments),
    /// Shows, sets or removes the highest version of a program that callers may use
    Cap(cap::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  export ONCILLA_TARGET=mqtt://127.0.0.1/plant
  oncilla fleet list
  oncilla fleet watch --json
  oncilla fleet call thermostat.read 0 --group ovens
  oncilla fleet call thermostat.read 0 --all --parallel 64 --json
  oncilla fleet call thermostat.set 0 180 --device oven-7 --queue 1h
  oncilla fleet state oven-7/alice/0102030405060708 --wait 10m
  oncilla fleet cap thermostat 2";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    match &arguments.command {
        Command::List(arguments) => list::run(arguments, context),
        Command::Watch(arguments) => watch::run(arguments, context),
        Command::Call(arguments) => call::run(arguments, context),
        Command::State(arguments) => state::run(arguments, context),
        Command::Cap(arguments) => cap::run(arguments, context),
    }
}

/// Connects to the fleet of the target.
fn connect(context: &Context) -> Done<(Fleet, Place)> {
    let settings = context.settings()?;
    let target = settings.target.as_ref().ok_or_else(no_target)?;
    let Address::Mqtt(address) = &target.value.address else {
        return Err(Failure::usage(format_args!("{} is no fleet", target.value))
            .help("write the target as mqtt://BROKER/FLEET, or mqtts://BROKER/FLEET inside TLS"));
    };
    Ok((mqtt::fleet(&address.at(Place::Fleet), &settings)?, address.place.clone()))
}
