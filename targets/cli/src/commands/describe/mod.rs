//! `oncilla describe`: the interface of a device or of a file.

mod data;
mod excerpt;
mod table;

use oncilla_dynamic::Interface;
use oncilla_rpcgen::tree::Specification;
use oncilla_rpcgen::{Parsed, harmless};

use super::symbol::Symbol;
use crate::context::{Context, interface_of};
use crate::failure::{Done, Failure};
use crate::remote::Remote;

/// Shows the interface of a device or a file: a table, its text, or JSON
///
/// Without a name, prints a table on a terminal, and the text of the interface with its comments elsewhere.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only this procedure, type, constant or program, with the types that it uses
    name: Option<String>,
    /// Shows a table of the procedures, with their numbers and the sizes of their messages
    #[arg(long, conflicts_with_all = ["name", "text", "types"])]
    table: bool,
    /// Shows the text of the interface, also on a terminal
    #[arg(long)]
    text: bool,
    /// Shows a table of the types, with the sizes of their values
    #[arg(long, conflicts_with_all = ["name", "text"])]
    types: bool,
    /// Prints the JSON Schema of the type, or of the arguments of the procedure
    #[arg(long, requires = "name", conflicts_with = "text")]
    schema: bool,
    /// With --schema, prints the schema of the results of the procedure instead
    #[arg(long, requires = "schema")]
    results: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla describe
  oncilla describe sensor.read
  oncilla -x sensor.x describe reading
  oncilla -x sensor.x describe --table
  oncilla describe sensor.rename --schema
  oncilla describe --text > sensor.x";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let mut remote = Remote::new(context)?;
    let parsed = remote.text_alone()?;
    let interface = interface_of(parsed.clone(), &remote.settings)?;
    let output = context.output;
    match &arguments.name {
        Some(name) if arguments.schema => schema(&interface, name, arguments.results, context),
        Some(name) if output.json => data::print_one(&interface, &parsed.tree, name, context),
        Some(name) => {
            let excerpt = excerpt_of(&interface, &parsed.tree, name)?;
            output.text(&harmless(&excerpt.to_string()))
        }
        None if output.json && arguments.types => data::print_types(&interface, &parsed.tree, context),
        None if output.json => data::print(&interface, &parsed.tree, context),
        None if arguments.types => table::print_types(&interface, context),
        None if arguments.table || (output.is_terminal() && !arguments.text) => table::print(&interface, context),
        None => output.text(&harmless(&whole(&parsed))),
    }
}

/// Prints a JSON Schema, for forms, editors and programs.
fn schema(interface: &Interface, name: &str, results: bool, context: &Context) -> Done {
    let schema = match Symbol::find(interface, name)? {
        Symbol::Procedure(procedure) if results => procedure.results_schema(),
        Symbol::Procedure(procedure) => procedure.arguments_schema(),
        Symbol::Type(type_) => type_.json_schema(),
    };
    if context.output.json { context.output.value(&schema) } else { context.output.text(&format!("{schema:#}")) }
}

/// Returns the text of the whole interface, unchanged or with its included files.
fn whole(parsed: &Parsed) -> String {
    match parsed.report.sources.all() {
        [source] => source.text.clone(),
        _ => parsed.tree.to_string(),
    }
}

/// Returns the definition of a name, with the types that it uses.
fn excerpt_of(interface: &Interface, tree: &Specification, name: &str) -> Done<Specification> {
    if !name.contains('.')
        && let Some(excerpt) = excerpt::of_item(tree, name)
    {
        return Ok(excerpt);
    }
    match Symbol::find(interface, name)? {
        Symbol::Procedure(procedure) => Ok(excerpt::of_procedure(tree, procedure.names())),
        Symbol::Type(type_) => excerpt::of_item(tree, &type_.to_string())
            .ok_or_else(|| Failure::usage(format_args!("the interface has no definition of `{type_}`"))),
    }
}
