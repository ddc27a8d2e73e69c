//! Tables of procedures and of types.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use oncilla_dynamic::{Field, Interface, Procedure, Size, Type};
use oncilla_rpcgen::harmless;

use crate::context::Context;
use crate::failure::Done;
use crate::output::{STRONG, WEAK};
use crate::programs::shown;

/// The width of a table outside a terminal, with room for a comment.
const WIDTH: u16 = 160;

/// Prints the procedures of each version of each program.
pub fn print(interface: &Interface, context: &Context) -> Done {
    let mut is_first = true;
    for program in interface.programs() {
        for version in program.versions() {
            if !is_first {
                context.output.line("")?;
            }
            is_first = false;
            let (name, number) = (program.name(), program.number());
            let head = format!("{STRONG}{name}{STRONG:#} {}, version {}", shown(number), version.number());
            context.output.line(head)?;
            for about in [program.documentation(), version.documentation()] {
                for line in harmless(about).lines() {
                    context.output.line(format_args!("{WEAK}{line}{WEAK:#}"))?;
                }
            }
            let mut table = new(["", "procedure", "arguments", "results", "bytes", "bytes back", "about"]);
            for procedure in version.procedures() {
                table.add_row(row(procedure));
            }
            align(&mut table, &[0, 4, 5]);
            context.output.line(table.trim_fmt())?;
        }
    }
    if is_first { context.output.line("the interface has no programs") } else { Ok(()) }
}

fn row(procedure: Procedure<'_>) -> [String; 7] {
    let argument = |Field { name, type_, .. }: Field<'_>| format!("{name}: {type_}");
    let arguments: Vec<_> = procedure.argument_fields().map(argument).collect();
    [
        procedure.id().procedure.to_string(),
        procedure.short_name().to_owned(),
        arguments.join(", "),
        procedure.result().map_or_else(String::new, |type_| type_.to_string()),
        size(procedure.arguments_size()),
        size(procedure.results_size()),
        one_line(procedure.documentation()),
    ]
    .map(|cell| harmless(&cell).into_owned())
}

/// Prints the types.
pub fn print_types(interface: &Interface, context: &Context) -> Done {
    let mut table = new(["type", "bytes", "about"]);
    for type_ in interface.types() {
        let cells = [type_.to_string(), size(Type::size(&type_)), one_line(type_.documentation())];
        table.add_row(cells.map(|cell| harmless(&cell).into_owned()));
    }
    align(&mut table, &[1]);
    context.output.line(table.trim_fmt())
}

fn new<const N: usize>(heads: [&str; N]) -> Table {
    let mut table = Table::new();
    let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| width.0);
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(heads);
    table
}

/// Aligns columns of numbers.
fn align(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Returns a size for people: `4`, `8–20`, `8 or more`.
fn size(size: Size) -> String {
    match size.max {
        Some(max) if max == size.min => max.to_string(),
        Some(max) => format!("{}–{max}", size.min),
        None => format!("{} or more", size.min),
    }
}

/// Returns the first paragraph of a comment in one line.
fn one_line(documentation: &str) -> String {
    documentation.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let of = |min, max| size(Size { min, max });
        assert_eq!([of(4, Some(4)), of(8, Some(20)), of(8, None)], ["4", "8–20", "8 or more"]);
    }
}
