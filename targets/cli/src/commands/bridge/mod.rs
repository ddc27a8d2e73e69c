//! `oncilla bridge`: makes a device on one carrier callable on others.

mod counted;

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oncilla::Beside;
use oncilla_dynamic::Interface;
use oncilla_host::Relay;
use oncilla_rpcgen::harmless;

use crate::connect::{self, Device, Identity};
use crate::context::{Context, in_the_clear};
use crate::failure::{Done, Failure};
use crate::interrupt::Interrupt;
use crate::listen::{Limits, Listening, Place, Tls, detailed};
use crate::output::Output;
use crate::programs::{DESCRIPTION, Programs};
use crate::settings::{Settings, duration};

use counted::{Counted, Counts};

/// Makes a device on a serial line callable on TCP, UDP or a Unix socket
///
/// Passes on the calls of all programs, with the credentials of their callers and xids of its own. The device executes
/// one call at a time. Its text and logs go to standard output. A lost line is opened again.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The device: a target as for `--target`, such as serial:/dev/ttyUSB0
    from: String,
    /// Where to listen: tcp://host:port, udp://host:port, unix:/path, serial:PORT or pty; may be repeated
    #[arg(required = true, value_name = "TO")]
    to: Vec<Place>,
    /// Registers the programs of the device with this machine's rpcbind, while the bridge runs
    #[arg(long)]
    register: bool,
    /// Registers this program, by number or name [default: those of the interface or device]
    #[arg(long, value_name = "PROGRAM.VERSION")]
    program: Vec<String>,
    /// Serves at most this many connections at a time
    #[arg(long, value_name = "COUNT", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Closes a connection without calls after this time
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "5m")]
    idle: Duration,
    #[command(flatten)]
    tls: Tls,
}

const EXAMPLES: &str = "\
Examples:
  oncilla bridge serial:/dev/ttyUSB0 tcp://127.0.0.1:20049
  oncilla bridge /dev/ttyACM0?baud=9600 tcp://0.0.0.0:20049 udp://0.0.0.0:20049 --register
  oncilla bridge tcp://thermostat.local:20049 unix:/run/thermostat.sock
  rpcinfo -a 127.0.0.1.78.81 -T tcp 536870978 1";

/// The largest message, which fits a datagram.
const MESSAGE_MAX: u32 = 65_507;

/// The number of threads that wait for the device. More calls wait in their connections.
const WORKERS: usize = 4;

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let output = context.output;
    let settings = context.sources.settings_for(&arguments.from)?;
    let limits = Limits {
        connections: arguments.connections.into(),
        idle: Some(arguments.idle),
        workers: WORKERS,
        call_max: message_max(&settings),
    };
    let mut listening = detailed(Listening::open(&arguments.to, limits, arguments.tls.server()?, None)?, output);
    let mut device = connect(context, &settings)?;
    if arguments.register || !arguments.program.is_empty() {
        listening = listening.register(programs(arguments, context, &settings, &mut device)?)?;
    }
    if settings.link_key.is_some() {
        output.note("the link key is for the device; clients of this bridge need none");
    }
    for target in listening.targets() {
        announce(output, &arguments.from, &target)?;
    }
    let interrupt = Interrupt::handle()?;
    let counts = Arc::new(Counts::default());
    let relay = Relay::new(device)
        .message_max(message_max(&settings))
        .identify(|device: &mut Device, call| device.set_identity(Identity::of_call(call)))
        .report(move |id, error| {
            let oncilla::ProcedureId { program, version, procedure } = id;
            output.note(format_args!("program {program:#x} version {version} procedure {procedure}: {error}"));
        });
    listening.serve(|_| Counted::new(relay.clone(), Arc::clone(&counts)), &|note| output.note(note), &interrupt)?;
    output.note(&*counts);
    Ok(())
}

fn message_max(settings: &Settings) -> usize {
    settings.message_max.value.min(MESSAGE_MAX) as usize
}

/// Connects to the device, shows its text, and reconnects when the line is lost.
fn connect(context: &Context, settings: &Settings) -> Done<Device> {
    let mut how = context.how();
    // A call waits for the line until its own time-out.
    how.reconnect = Some(Duration::MAX);
    let (output, from) =
        (context.output, settings.given.as_ref().map_or("the device", |given| given.value.as_str()).to_owned());
    let is_lost = Arc::new(AtomicBool::new(false));
    let (lost, name) = (Arc::clone(&is_lost), from.clone());
    how.lost = Some(Arc::new(move || {
        if !lost.swap(true, Ordering::Relaxed) {
            output.note(format_args!("{name}: the connection is lost; trying to reconnect"));
        }
    }));
    how.again = Some(Arc::new(move || {
        is_lost.store(false, Ordering::Relaxed);
        output.note(format_args!("{from}: connected again"));
    }));
    let show = how.show.take();
    how.show = Some(Arc::new(move |what| match (what, &show) {
        (Beside::Text(text), _) => {
            let mut stdout = io::stdout();
            // A closed standard output must not stop the bridge.
            let _ = stdout.write_all(harmless(&String::from_utf8_lossy(text)).as_bytes());
            let _ = stdout.flush();
        }
        (Beside::Unverified(text), None) => output.note(in_the_clear(text)),
        (what, Some(show)) => show(what),
        _ => {}
    }));
    connect::connect(settings, &how)
}

/// Returns the programs to register: of the options, the interface, or the device's description.
fn programs(
    arguments: &Arguments,
    context: &Context,
    settings: &Settings,
    device: &mut Device,
) -> Done<Vec<(u32, u32)>> {
    let of_file = context.interface_of_file(settings)?;
    if !arguments.program.is_empty() {
        let known = Programs::new(of_file.as_ref());
        let one = |text: &String| {
            let (program, version) = known.parse(text)?;
            let no_version = || Failure::usage(format_args!("`--program {text}` has no version; write `{text}.1`"));
            Ok((program, version.ok_or_else(no_version)?))
        };
        return arguments.program.iter().map(one).collect();
    }
    let (interface, description) = match of_file {
        Some(interface) => (interface, None),
        None => {
            let interface = Interface::read(&arguments.from, device).map_err(|error| {
                Failure::from(error).help("give what to register: `--program PROGRAM.VERSION`, or `--interface FILE.x`")
            })?;
            // The description does not state itself.
            (interface, Some((DESCRIPTION, 1)))
        }
    };
    let mut programs: Vec<_> =
        interface.procedures().map(|procedure| (procedure.id().program, procedure.id().version)).collect();
    programs.extend(description);
    programs.sort_unstable();
    programs.dedup();
    Ok(programs)
}

fn announce(output: Output, from: &str, target: &str) -> Done {
    if output.json {
        return output.line(serde_json::json!({"device": from, "listening": target}));
    }
    output.line(format_args!("{from} is served at {target}"))
}
