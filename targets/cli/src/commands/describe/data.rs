//! The interface as JSON, for programs.

use oncilla_dynamic::{Field, Interface, Procedure, Size, Type};
use oncilla_rpcgen::tree::Specification;
use serde_json::{Value, json};

use super::super::symbol::Symbol;
use super::excerpt;
use crate::context::Context;
use crate::failure::Done;

/// Prints the whole interface as one value.
pub fn print(interface: &Interface, tree: &Specification, context: &Context) -> Done {
    let programs: Vec<_> = interface
        .programs()
        .map(|program| {
            let versions: Vec<_> = program
                .versions()
                .map(|version| {
                    json!({
                        "name": version.name(),
                        "number": version.number(),
                        "documentation": version.documentation(),
                        "procedures": version.procedures().map(of_procedure).collect::<Vec<_>>(),
                    })
                })
                .collect();
            json!({
                "name": program.name(),
                "number": program.number(),
                "documentation": program.documentation(),
                "versions": versions,
            })
        })
        .collect();
    context.output.value(&json!({"programs": programs, "types": types(interface, tree)}))
}

/// Prints the types, one a line.
pub fn print_types(interface: &Interface, tree: &Specification, context: &Context) -> Done {
    types(interface, tree).iter().try_for_each(|type_| context.output.value(type_))
}

/// Prints a procedure or a type.
pub fn print_one(interface: &Interface, tree: &Specification, name: &str, context: &Context) -> Done {
    let value = match Symbol::find(interface, name)? {
        Symbol::Procedure(procedure) => of_procedure(procedure),
        Symbol::Type(type_) => of_type(type_, tree),
    };
    context.output.value(&value)
}

fn types(interface: &Interface, tree: &Specification) -> Vec<Value> {
    interface.types().map(|type_| of_type(type_, tree)).collect()
}

fn of_procedure(procedure: Procedure<'_>) -> Value {
    let argument = |Field { name, type_, documentation, .. }: Field<'_>| json!({"name": name, "type": type_.to_string(), "bytes": bytes(type_.size()), "documentation": documentation});
    let [program, version, name] = procedure.names();
    let id = procedure.id();
    json!({
        "name": procedure.short_name(),
        "numbers": [id.program, id.version, id.procedure],
        "names": [program, version, name],
        "declaration": procedure.declaration(),
        "documentation": procedure.documentation(),
        "arguments": procedure.argument_fields().map(argument).collect::<Vec<_>>(),
        "argument_bytes": bytes(procedure.arguments_size()),
        "result": procedure.result().map(|type_| type_.to_string()),
        "result_bytes": bytes(procedure.results_size()),
    })
}

fn of_type(type_: Type<'_>, tree: &Specification) -> Value {
    json!({
        "name": type_.name(),
        "declaration": excerpt::declaration(tree, &type_.to_string()),
        "documentation": type_.documentation(),
        "bytes": bytes(type_.size()),
    })
}

/// Returns the least and the largest size. The largest is `null` without a bound.
fn bytes(size: Size) -> Value {
    json!([size.min, size.max])
}
