//! `oncilla list`: the programs of a device, serial ports, hosts on the network.

mod network;
mod ports;
mod probe;
mod rpcbind;
mod table;
mod tries;

use oncilla::{CallError, Refusal};
use oncilla_dynamic::{DescriptionError, Interface};
use oncilla_rpcgen::ReadError;

use crate::connect::Device;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::programs::{DESCRIPTION, Programs};
use crate::settings::Settings;
use crate::target::Address;
use table::Found;
pub use table::lines;

/// Lists the programs of a device, serial ports, or hosts
///
/// The first of these sources is used: the device's own description; its rpcbind; the programs of the interface
/// (`--interface FILE.x`) that answer.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Lists the serial ports of this machine
    #[arg(long, group = "what")]
    ports: bool,
    /// Lists the hosts of the local networks whose rpcbind knows this program [default: rpcbind itself]
    #[arg(long, group = "what", value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "rpcbind.2")]
    network: Option<String>,
    /// Calls these programs and lists those that answer [default: all that have a name]
    ///
    /// They are numbers, names or ranges, such as 100003,0x20000000-0x200000ff.
    #[arg(long = "try", group = "what", value_name = "PROGRAMS", num_args = 0..=1, default_missing_value = "known")]
    tries: Option<String>,
    /// Finds the framing and the baud rate of a device that does not answer
    #[arg(long, group = "what")]
    probe: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -t rpc://nas list                # the programs of the host's rpcbind, like rpcinfo
  oncilla -t tcp://thermostat:20049 list   # the programs in the device's own description
  oncilla -t /dev/ttyACM0 -x sensor.x list # which versions of sensor.x it serves
  oncilla -t /dev/ttyACM0 list --probe     # the baud rate and framing of a silent device
  oncilla list --ports
  oncilla --timeout 2s list --network nfs";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    if arguments.ports {
        return ports::run(context);
    }
    let settings = context.settings()?;
    let interface = context.interface_of_file(&settings)?;
    let programs = Programs::new(interface.as_ref());
    if let Some(program) = &arguments.network {
        return network::run(context, &settings, &programs, program);
    }
    if arguments.probe {
        return probe::run(context, &settings);
    }
    let mut device = context.connect()?;
    let (found, names) = match &arguments.tries {
        Some(text) => {
            refuse_rpcbind(&settings)?;
            (tries::all(&mut device, &tries::parse(text, &programs)?, &programs)?, programs)
        }
        None => served(context, &settings, &mut device, interface.as_ref(), programs)?,
    };
    table::show(context, found, &names)
}

/// Returns the programs of the device, from the first source that it has.
fn served(
    context: &Context,
    settings: &Settings,
    device: &mut Device,
    interface: Option<&Interface>,
    programs: Programs,
) -> Done<(Vec<Found>, Programs)> {
    let is_rpcbind = matches!(settings.target.as_ref().map(|target| &target.value.address), Some(Address::Rpc { .. }));
    if is_rpcbind {
        return Ok((rpcbind::dump(device)?, programs));
    }
    if let Some(described) = kept(settings, device)? {
        context.output.detail("the fleet keeps the description of the device");
        let names = Programs::new(Some(interface.unwrap_or(&described)));
        return Ok((of_description(&Programs::new(Some(&described))), names));
    }
    if let Some(described) = described(device)? {
        context.output.detail("the device describes itself");
        let names = Programs::new(Some(interface.unwrap_or(&described)));
        return Ok((of_description(&Programs::new(Some(&described))), names));
    }
    context.output.detail("the device does not describe itself; asking whether it is an rpcbind");
    if let Some(found) = rpcbind::dump_if_served(device)? {
        return Ok((found, programs));
    }
    if interface.is_some() {
        context.output.detail("the device is not an rpcbind; calling the programs of the interface");
        let numbers: Vec<_> = programs.of_interface().iter().map(|program| program.number).collect();
        return Ok((tries::all(device, &numbers, &programs)?, programs));
    }
    Err(Failure::new(Exit::Failed, "the device answers, but it neither describes itself nor is an rpcbind")
        .help("give its interface with `--interface FILE.x` to list the programs of it that answer")
        .help("or call many programs: `oncilla list --try 0x20000000-0x200000ff`"))
}

/// Returns the interface that a fleet keeps of its device.
fn kept(settings: &Settings, device: &mut Device) -> Done<Option<Interface>> {
    let is_fleet = matches!(settings.target.as_ref().map(|target| &target.value.address), Some(Address::Mqtt(_)));
    let Some(text) = is_fleet.then(|| device.description()).flatten() else { return Ok(None) };
    Ok(Some(Interface::parse(&text)?))
}

/// Reads the description of the device, if it has one.
fn described(device: &mut Device) -> Done<Option<Interface>> {
    match Interface::read("the device", &mut *device) {
        Ok(interface) => Ok(Some(interface)),
        Err(DescriptionError::Read(ReadError::Call(CallError::Refused(
            Refusal::ProgramUnavailable | Refusal::ProgramMismatch { .. } | Refusal::ProcedureUnavailable,
        )))) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn of_description(described: &Programs) -> Vec<Found> {
    let own = Found { procedures: None, ..Found::new(DESCRIPTION, Some(1), "description") };
    let versions = described.of_interface().iter().flat_map(|program| {
        program.versions.iter().map(|&(version, _, procedures)| Found {
            procedures: Some(procedures),
            ..Found::new(program.number, Some(version), "description")
        })
    });
    versions.chain([own]).collect()
}

/// Refuses `--try` for an rpcbind.
///
/// Each of its programs has an address of its own, which only rpcbind knows.
fn refuse_rpcbind(settings: &Settings) -> Done {
    match settings.target.as_ref().map(|target| &target.value.address) {
        Some(Address::Rpc { host, .. }) => {
            Err(Failure::usage("`--try` does not apply to rpc://: the rpcbind lists its programs")
                .help(format_args!("`oncilla -t rpc://{host} list` shows them"))
                .help(format_args!("to try the programs of one server, give its port: `-t tcp://{host}:PORT`")))
        }
        _ => Ok(()),
    }
}
