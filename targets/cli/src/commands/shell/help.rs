//! Help: the comments of the interface, and the commands of the shell.

use oncilla_dynamic::{Field, Interface, Procedure, Shape, Type};
use oncilla_rpcgen::harmless;

use super::commands::OWN;
use super::session::Session;
use crate::failure::{Done, Failure};
use crate::output::{STRONG, WEAK};

/// The width of the first column.
const COLUMN: usize = 30;

/// Explains a name, or lists the commands.
pub fn help(session: &mut Session<'_>, name: Option<&str>) -> Done {
    let Some(name) = name else { return commands(session) };
    if let Some(own) = OWN.iter().find(|own| own.name == name) {
        session.output.line(format_args!("{STRONG}{} {}{STRONG:#}", own.name, own.arguments))?;
        return session.output.line(format_args!("  {}", own.what));
    }
    let interface = session.interface()?;
    match interface.procedure(name) {
        Ok(procedure) => procedure_(session, procedure),
        Err(unknown) => match interface.type_(name) {
            Ok(of) => shape(session, of),
            Err(_) => Err(Failure::from(unknown)),
        },
    }
}

fn commands(session: &mut Session<'_>) -> Done {
    let output = session.output;
    // Without a device, the commands are shown anyway.
    let interface = session.interface().ok();
    output.line("Call a procedure by its name:")?;
    let example = interface.as_ref().and_then(|interface| interface.procedures().next());
    let example = example.map_or("sensor.read 0".into(), |procedure| usage(&procedure));
    output.line(format_args!("  {STRONG}{}{STRONG:#}", harmless(&example)))?;
    output.line("Arguments are values in their order, NAME=VALUE, or JSON. `;` separates commands.")?;
    output.line("")?;
    for own in &OWN {
        let name = format!("{} {}", own.name, own.arguments);
        output.line(format_args!("  {STRONG}{name:COLUMN$}{STRONG:#} {}", own.what))?;
    }
    Ok(())
}

/// Returns a procedure with the names of its arguments.
fn usage(procedure: &Procedure<'_>) -> String {
    let names: Vec<_> = procedure.arguments().map(str::to_uppercase).collect();
    format!("{} {}", procedure.short_name(), names.join(" ")).trim_end().to_owned()
}

/// Lists all procedures.
pub fn procedures(session: &mut Session<'_>) -> Done {
    let interface = session.interface()?;
    for procedure in interface.procedures() {
        let (usage, first) = (usage(&procedure), first_line(procedure.documentation()));
        session.output.line(format_args!("{STRONG}{:COLUMN$}{STRONG:#} {first}", harmless(&usage)))?;
    }
    Ok(())
}

/// Lists all types.
pub fn types(session: &mut Session<'_>) -> Done {
    let interface = session.interface()?;
    for of in interface.types() {
        let name = of.name().unwrap_or_default();
        session.output.line(format_args!(
            "{STRONG}{:COLUMN$}{STRONG:#} {}",
            harmless(name),
            first_line(of.documentation())
        ))?;
    }
    Ok(())
}

/// Shows one type.
pub fn type_(session: &mut Session<'_>, name: &str) -> Done {
    let interface = session.interface()?;
    let of = interface.type_(name)?;
    shape(session, of)
}

fn procedure_(session: &Session<'_>, procedure: Procedure<'_>) -> Done {
    let output = session.output;
    output.line(format_args!("{STRONG}{}{STRONG:#}", harmless(&usage(&procedure))))?;
    output.line(format_args!("  {WEAK}{}{WEAK:#}", harmless(procedure.declaration())))?;
    documentation(session, procedure.documentation(), 2)?;
    let fields: Vec<_> = procedure.argument_fields().collect();
    if !fields.is_empty() {
        output.line("Arguments:")?;
        fields.iter().try_for_each(|argument| field(session, argument))?;
    }
    match procedure.result() {
        None => output.line("Results: none"),
        Some(result) => {
            output.line("Results:")?;
            shape(session, result)
        }
    }
}

/// Shows the parts of a type.
fn shape(session: &Session<'_>, of: Type<'_>) -> Done {
    let output = session.output;
    output.line(format_args!("  {STRONG}{}{STRONG:#}", harmless(&of.to_string())))?;
    documentation(session, of.documentation(), 4)?;
    let row = |name: &str, what: &str, comment: &str| {
        let comment = first_line(comment);
        let text = format!("    {name:18} {what:18} {comment}");
        output.line(harmless(text.trim_end()))
    };
    match of.shape() {
        Shape::Struct(fields) => fields.iter().try_for_each(|other| field(session, other)),
        Shape::Enum(members) => members
            .iter()
            .try_for_each(|member| row(member.name, &format!("= {}", member.number), member.documentation)),
        Shape::Union { cases, default, .. } => cases.iter().chain(&default).try_for_each(|case| {
            let body = case.body.map_or_else(|| "void".to_owned(), |body| body.to_string());
            row(&case.name, &body, case.documentation)
        }),
        Shape::Integer { low, high, .. } => output.line(format_args!("    from {low} to {high}")),
        _ => Ok(()),
    }
}

fn field(session: &Session<'_>, field: &Field<'_>) -> Done {
    let (of, comment) = (field.type_.to_string(), first_line(field.documentation));
    let members = match field.type_.shape() {
        Shape::Enum(members) => {
            let names: Vec<_> = members.iter().map(|member| member.name).collect();
            format!("{}: {}", of, names.join(", "))
        }
        _ => of,
    };
    let text = format!("    {:18} {members:18} {comment}", field.name);
    session.output.line(harmless(text.trim_end()))
}

fn documentation(session: &Session<'_>, text: &str, indent: usize) -> Done {
    text.lines().try_for_each(|line| session.output.line(format_args!("{:indent$}{}", "", harmless(line))))
}

fn first_line(text: &str) -> String {
    harmless(text.lines().next().unwrap_or_default()).into_owned()
}

/// Returns the declaration of a procedure for a hint, if the name is one.
pub fn hint(interface: &Interface, name: &str) -> Option<String> {
    let procedure = interface.procedures().find(|procedure| procedure.short_name() == name)?;
    let arguments: Vec<_> =
        procedure.argument_fields().map(|argument| format!("{}: {}", argument.name, argument.type_)).collect();
    let result = procedure.result().map_or_else(|| "nothing".to_owned(), |result| result.to_string());
    Some(harmless(&format!("({}) returns {result}", arguments.join(", "))).into_owned())
}
