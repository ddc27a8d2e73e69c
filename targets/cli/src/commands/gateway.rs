//! `oncilla gateway`: publishes devices on an MQTT broker.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use oncilla_gateway::settings::Settings;
use oncilla_gateway::{Gateway, health};
use tracing::Level;

use crate::failure::{Done, Exit, Failure};
use crate::output::{Output, count};

/// Publishes devices on an MQTT 5 broker, where others call them
///
/// Holds the connections of all devices of the file and makes lost ones again. Several gateways may have the same devices:
/// each device is served by one of them, and by another when that one is gone. Ctrl-C or SIGTERM stops it in order: calls
/// end, and the devices are published as away. A second one ends it at once.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The broker, the devices and the limits, in TOML
    #[arg(value_name = "fleet.toml")]
    file: PathBuf,
    /// Checks the file, and the files that it names, and ends
    #[arg(long)]
    check: bool,
    /// Asks the running gateway of this file for its health, and ends: exit code 0 if it is healthy
    #[arg(long, conflicts_with = "check")]
    health: bool,
    /// What is logged to standard error
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = ["error", "warn", "info", "debug", "trace"])]
    log: String,
}

const EXAMPLES: &str = "\
With --json, each line of the log is an object of JSON.

Examples:
  oncilla gateway fleet.toml
  oncilla gateway --check fleet.toml
  oncilla gateway --health fleet.toml     # needs [health] in the file

A file:
  fleet = \"plant\"
  gateway = \"hall-1\"
  [broker]
  address = \"mqtt://127.0.0.1:1883\"
  [devices.oven-7]
  target = \"serial:/dev/ttyUSB0?baud=115200\"
  groups = [\"ovens\"]
  [devices.\"pump-{1..40}\"]
  target = \"tcp://10.0.0.{+100}:20049\"";

pub fn run(arguments: &Arguments, output: Output) -> Done {
    let settings = Settings::read(&arguments.file).map_err(Failure::usage)?;
    if arguments.check {
        settings.check_files().map_err(Failure::usage)?;
        let devices = count(settings.devices.len() as u64, "device");
        return output.line(format_args!(
            "{}: {devices}, fleet {}, gateway {}",
            arguments.file.display(),
            settings.fleet,
            settings.gateway
        ));
    }
    if arguments.health {
        return ask(&settings, output);
    }
    log(arguments, output);
    let gateway =
        Gateway::new(settings).map_err(|error| Failure::new(Exit::Failed, format_args!("cannot start: {error}")))?;
    let stopper = gateway.stopper();
    let mut asked = false;
    let handled = ctrlc::set_handler(move || {
        if asked {
            // By the convention of shells.
            std::process::exit(130);
        }
        asked = true;
        stopper.stop();
    });
    handled.map_err(|error| Failure::new(Exit::Failed, format_args!("cannot handle signals: {error}")))?;
    gateway.run().map_err(|error| Failure::new(Exit::Failed, format_args!("the gateway ended: {error}")))
}

fn ask(settings: &Settings, output: Output) -> Done {
    let at = settings.health.as_ref().ok_or_else(|| {
        Failure::usage("the file has no address of health").help("add `[health]` with `listen = \"127.0.0.1:9110\"`")
    })?;
    let unreached = |error| {
        Failure::new(Exit::NotReached, format_args!("no gateway answers at {at}: {error}"))
            .help("it may not run, or with another file")
    };
    let (healthy, report) = health::ask(at).map_err(unreached)?;
    output.line(report)?;
    if healthy { Ok(()) } else { Err(Failure::new(Exit::Failed, "the gateway is not healthy")) }
}

/// Writes the log to standard error.
fn log(arguments: &Arguments, output: Output) {
    let level: Level = arguments.log.parse().unwrap_or(Level::INFO);
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).with_target(false);
    if output.json {
        log.json().flatten_event(true).init();
    } else {
        log.with_ansi(io::stderr().is_terminal()).init();
    }
}
