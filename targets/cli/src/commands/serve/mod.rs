//! `oncilla serve`: a stand-in for a device.

mod fault;
mod path;
mod record;
mod recording;
mod rules;
mod simulator;
mod watch;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use oncilla_device::dispatch::Dispatch;
use oncilla_host::keys::KeyServer;
use serde_json::json;

use crate::connect;
use crate::context::{Context, interface_of};
use crate::failure::{Done, Failure};
use crate::interrupt::Interrupt;
use crate::listen::{Limits, Listening, Place, Tls, detailed};
use crate::output::file;
use crate::settings::{From, LinkKey, Setting, Settings};

use recording::{Recorder, Recording, Unknown};
use rules::{Rules, State};
use simulator::{Answering, Counts, Simulator, Source};

/// Stands in for a device: answers by rules, a recording, or a device behind it
///
/// Prints a line for each call. A procedure without a rule returns the least value of its type: zeros, empty lists, the
/// first member. The stand-in describes itself, so `oncilla call` needs no file.
///
/// With `--link-key`, clients need a key of that file, and the side of the stand-in is `device`. The key for `--to` comes from
/// the configuration file.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The interface [default: that of `--interface`; with `--to`, that of the device]
    #[arg(value_name = "FILE.x")]
    file: Option<PathBuf>,
    /// Where to listen: tcp://host:port, udp://host:port, unix:/path, serial:PORT or pty; may be repeated
    #[arg(short, long, value_name = "PLACE", default_value = "tcp://127.0.0.1:0")]
    listen: Vec<Place>,
    /// Registers the programs with this machine's rpcbind, while the command runs
    #[arg(long)]
    register: bool,
    /// The rules, which are read again when the file changes
    #[arg(short, long, value_name = "FILE.toml")]
    rules: Option<PathBuf>,
    /// Passes calls that no rule answers on to this device
    #[arg(long, value_name = "TARGET", conflicts_with = "replay")]
    to: Option<String>,
    /// Writes each call and its outcome to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Answers calls that no rule answers from this recording
    ///
    /// A call gets the recorded outcomes of the same call, in order.
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// How calls that are not in the recording are answered
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Unknown::Fault, requires = "replay")]
    unknown: Unknown,
    #[command(flatten)]
    tls: Tls,
    /// Prints an example of a file of rules
    #[arg(long)]
    example: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla serve sensor.x --listen tcp://127.0.0.1:20049 --listen udp://127.0.0.1:20049
  oncilla serve sensor.x --listen pty --rules sensor.toml
  oncilla serve --to serial:/dev/ttyUSB0 --record calls.jsonl --listen tcp://127.0.0.1:20049
  oncilla serve sensor.x --replay calls.jsonl --listen unix:/tmp/sensor.sock
  oncilla serve sensor.x --link-key oven.key --listen udp://127.0.0.1:20049
  oncilla serve --example > rules.toml";

/// An example of rules, for the interface of the examples.
const EXAMPLE: &str = include_str!("rules.toml");

/// The limits of a stand-in. Many calls run at a time, since rules may delay them.
const LIMITS: Limits = Limits { connections: 64, idle: None, workers: 32, call_max: 1 << 20 };

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let output = context.output;
    if arguments.example {
        return output.line(EXAMPLE.trim_end());
    }
    let mut settings = match &arguments.to {
        Some(to) => context.sources.settings_for(to)?,
        None => context.settings()?,
    };
    let keys = keys(&settings, arguments.to.is_some())?;
    if let Some(to) = arguments.to.as_ref().filter(|_| keys.is_some()) {
        settings = context.sources.without_link_key().settings_for(to)?;
    }
    if let Some(file) = &arguments.file {
        settings.interface = Some(Setting { value: file.clone(), from: From::Option });
    }
    let mut device = match arguments.to {
        Some(_) => Some(connect::connect(&settings, &context.how())?),
        None => None,
    };
    let parsed = match &mut device {
        Some(device) => context.text(&settings, device)?,
        None => context.text_of_file(&settings)?.ok_or_else(|| {
            Failure::usage("no interface is given")
                .help("give a file, `oncilla serve sensor.x`, or a device, `--to TARGET`")
        })?,
    };
    let text = parsed.tree.to_string();
    let interface = interface_of(parsed, &settings)?;
    let rules = match &arguments.rules {
        Some(path) => Rules::read(path, &interface)?,
        None => Rules::default(),
    };
    let source = match (device, &arguments.replay) {
        (Some(device), _) => Source::Device(Mutex::new(device)),
        (None, Some(path)) => {
            let (recording, others) = Recording::read(path, &interface, arguments.unknown)?;
            if others > 0 {
                output.note(format_args!("{}: {others} records of other interfaces are left out", path.display()));
            }
            Source::Recording(Mutex::new(recording))
        }
        (None, None) => Source::Rules,
    };
    if let Some(record) = &arguments.record {
        let others = [&arguments.rules, &arguments.replay].into_iter().flatten().chain(arguments.tls.files()).cloned();
        file::check("--record", record, context.inputs(&settings).into_iter().chain(others))?;
    }
    let is_keyed = keys.is_some();
    let mut listening = detailed(Listening::open(&arguments.listen, LIMITS, arguments.tls.server()?, keys)?, output);
    // Only now: a file that exists is replaced.
    let recorder = arguments.record.as_deref().map(Recorder::create).transpose()?;
    let simulator = Arc::new(Simulator {
        dispatch: Dispatch::new(interface, text)?,
        state: Mutex::new(State::new(&rules)),
        rules: RwLock::new(Arc::new(rules)),
        source,
        recorder,
        output,
        interrupt: Interrupt::handle()?,
        failed: Mutex::default(),
        counts: Counts::default(),
    });
    if arguments.register {
        listening = listening.register(simulator.dispatch.programs())?;
    }
    if is_keyed {
        output.note("clients need a link key");
    }
    for target in listening.targets() {
        if output.json {
            output.json(&json!({"listening": target}))?;
        } else {
            output.line(format_args!("listening on {target}"))?;
        }
    }
    thread::scope(|scope| {
        if let Some(path) = &arguments.rules {
            scope.spawn(|| watch::watch(path, &simulator));
        }
        let answering = |line: Option<&str>| Answering { simulator: Arc::clone(&simulator), line: line.map(Arc::from) };
        let served = listening.serve(answering, &|note| output.note(note), &simulator.interrupt);
        // Also after an error, so that the thread that watches the rules ends.
        simulator.interrupt.set();
        served
    })?;
    output.note(&simulator.counts);
    let failed = simulator.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    failed.map_or(Ok(()), Err)
}

/// Returns the link keys, of which clients need one.
///
/// With a device behind the stand-in, the key in the configuration file is for calls to that device.
fn keys(settings: &Settings, is_for_device: bool) -> Done<Option<KeyServer>> {
    let is_given = |from: &From| matches!(from, From::Option | From::Environment(_));
    let given = settings.link_key.as_ref().filter(|key| !is_for_device || is_given(&key.from));
    given.map(|key| LinkKey::read(&key.value)?.server(settings)).transpose()
}

#[cfg(test)]
mod tests {
    use oncilla_dynamic::Interface;

    use super::*;

    #[test]
    fn the_example_fits_the_interface_of_the_examples() {
        let sensor = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sensor/sensor.x");
        let interface = Interface::parse_file(sensor).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/serve/rules.toml");
        let rules = Rules::read(path.as_ref(), &interface).unwrap();
        assert_eq!(rules.list.len(), EXAMPLE.matches("[[rule]]").count());
    }
}
