//! `oncilla config`: the settings in effect, and their sources.

mod edit;

use std::collections::BTreeSet;

use oncilla_rpcgen::harmless;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Done;
use crate::output::{Output, STRONG, WEAK};
use crate::settings::{File, Flags, Setting};

pub use edit::{Edit, edit};

/// Shows the settings in effect and the source of each
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Prints an example of a configuration file
    #[arg(long)]
    example: bool,
    /// Prints the paths of the configuration files; the first overrides the others
    #[arg(long, conflicts_with = "example")]
    path: bool,
    #[command(subcommand)]
    pub edit: Option<Edit>,
}

const EXAMPLES: &str = "\
Examples:
  oncilla config
  oncilla -t oven config
  oncilla config add oven serial:/dev/ttyACM0 -x oven.x --timeout 2s
  oncilla config list
  oncilla config remove oven
  oncilla config --example > oncilla.toml";

const EXAMPLE: &str = include_str!("../config.toml");

impl Arguments {
    /// Returns whether the files themselves are asked for, not what they contain.
    pub const fn is_about_files(&self) -> bool {
        self.example || self.path
    }
}

/// Prints the example, or the paths of the files.
pub fn about_files(arguments: &Arguments, flags: &Flags, output: Output) -> Done {
    if arguments.example { output.line(EXAMPLE.trim_end()) } else { places(flags, output) }
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    if let Some(Edit::List) = arguments.edit {
        return list(context);
    }
    let settings = context.settings()?;
    show(context, "target", settings.target.as_ref(), ToString::to_string)?;
    show(context, "interface", settings.interface.as_ref(), |path| path.display().to_string())?;
    show(context, "timeout", Some(&settings.timeout), |&time| humantime::format_duration(time).to_string())?;
    show(context, "retry", settings.retry.as_ref(), |&time| humantime::format_duration(time).to_string())?;
    show(context, "connect_timeout", Some(&settings.connect_timeout), |&time| {
        humantime::format_duration(time).to_string()
    })?;
    show(context, "baud", Some(&settings.baud), ToString::to_string)?;
    show(context, "framing", Some(&settings.framing), ToString::to_string)?;
    show(context, "payload", Some(&settings.payload), ToString::to_string)?;
    show(context, "message_max", Some(&settings.message_max), ToString::to_string)?;
    show(context, "as", settings.user.as_ref(), |(uid, gid)| format!("{uid}:{gid}"))?;
    let files =
        [("ca", &settings.ca), ("cert", &settings.cert), ("key", &settings.key), ("link_key", &settings.link_key)];
    for (name, file) in files {
        show(context, name, file.as_ref(), |path| path.display().to_string())?;
    }
    show(context, "suite", Some(&settings.suite), ToString::to_string)?;
    show(context, "side", settings.side.as_ref(), ToString::to_string)
}

/// Prints the devices of the configuration files. Of two with the same name, the first one is used.
fn list(context: &Context) -> Done {
    let mut names = BTreeSet::new();
    for file in context.sources.files() {
        for (name, device) in file.targets.iter().filter(|(name, _)| names.insert((*name).clone())) {
            let (address, path) = (&device.address, file.path.display().to_string());
            if context.output.json {
                context.output.value(&json!({"name": name, "address": address, "from": format!("file, {path}")}))?;
            } else {
                let (name, address, path) = (harmless(name), harmless(address), harmless(&path));
                context
                    .output
                    .line(format_args!("{STRONG}{name}{STRONG:#} = {address}  {WEAK}(file, {path}){WEAK:#}"))?;
            }
        }
    }
    if names.is_empty() {
        context.output.note("no configuration file has a device; `oncilla config add NAME TARGET` adds one");
    }
    Ok(())
}

/// Prints the paths of the configuration files, and whether each is read: it exists, and has no errors.
fn places(flags: &Flags, output: Output) -> Done {
    let places = flags.config.clone().map_or_else(File::places, |path| vec![path]);
    places.iter().try_for_each(|place| {
        let (is_read, state) = match File::read(place) {
            Ok(_) => (true, "read"),
            Err(_) if place.exists() => (false, "wrong"),
            Err(_) => (false, "absent"),
        };
        if output.json {
            return output.value(&json!({"path": place.display().to_string(), "read": is_read, "state": state}));
        }
        output.line(format_args!("{}  {WEAK}({state}){WEAK:#}", place.display()))
    })
}

fn show<T>(context: &Context, name: &str, setting: Option<&Setting<T>>, text: impl Fn(&T) -> String) -> Done {
    let value = setting.map(|setting| text(&setting.value));
    let from = setting.map(|setting| setting.from.to_string());
    if context.output.json {
        return context.output.value(&json!({"name": name, "value": value, "from": from}));
    }
    let value = value.map_or(Value::Null, Value::String);
    let value = value.as_str().unwrap_or("none");
    let from = from.unwrap_or_else(|| "not set".to_owned());
    context.output.line(format_args!("{STRONG}{name}{STRONG:#} = {value}  {WEAK}({from}){WEAK:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_configuration_file() {
        let file: File = toml::from_str(EXAMPLE).unwrap();
        assert_eq!(file.targets.len(), 5);
        assert!(file.target.is_some());
    }
}
