//! `oncilla call`: one call by name.

use serde_json::{Map, Value};

use crate::context::Context;
use crate::failure::Done;

/// Calls a procedure by name and prints its results
#[derive(clap::Args)]
pub struct Arguments {
    /// The procedure, such as thermostat.read
    name: String,
    /// The arguments: values in their order, name=value, or one JSON object
    arguments: Vec<String>,
    /// Sends the call and does not wait for a reply
    #[arg(long)]
    cast: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let settings = context.settings()?;
    let mut device = context.connect()?;
    let interface = context.interface(&settings, &mut device)?;
    let procedure = interface.procedure(&arguments.name)?;
    let names: Vec<_> = procedure.arguments().collect();
    let mut values = Map::new();
    for (index, word) in arguments.arguments.iter().enumerate() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), value),
            None => (names.get(index).map_or_else(|| format!("arg{}", index + 1), ToString::to_string), word.as_str()),
        };
        values.insert(name, serde_json::from_str(value).unwrap_or_else(|_| value.into()));
    }
    let values = Value::Object(values);
    if arguments.cast {
        return Ok(procedure.cast(&mut device, &values)?);
    }
    let results = procedure.call(&mut device, &values)?;
    context.output.value(&results)
}
