//! `oncilla describe`: the interface of a device.

use oncilla_dynamic::Procedure;

use crate::context::Context;
use crate::failure::Done;

/// Shows the interface of a device
#[derive(clap::Args)]
pub struct Arguments {
    /// Only this procedure
    name: Option<String>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let settings = context.settings()?;
    let interface = match context.interface_of_file(&settings)? {
        Some(interface) => interface,
        None => context.interface(&settings, &mut context.connect()?)?,
    };
    let show = |procedure: Procedure<'_>| {
        context.output.line(format_args!("{}: {}", procedure.short_name(), procedure.declaration()))
    };
    match &arguments.name {
        Some(name) => show(interface.procedure(name)?),
        None => interface.procedures().try_for_each(show),
    }
}
