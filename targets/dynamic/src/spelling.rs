//! Writes types in the syntax of `.x` files.

use crate::schema::{Count, Id, Kind, Schema};

/// The largest number of levels of nested types. Deeper ones are `…`.
const DEPTH_MAX: usize = 8;

/// Returns a type as in a `.x` file: `unsigned int`, `string<16>`, `reading<>`, `int *`.
pub(crate) fn of(schema: &Schema, id: Id) -> String {
    within(schema, id, DEPTH_MAX)
}

/// Returns the name of a type, or the type itself.
fn part(schema: &Schema, id: Id, depth: usize) -> String {
    schema.name(id).map_or_else(|| within(schema, id, depth), str::to_owned)
}

fn within(schema: &Schema, id: Id, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else { return "…".to_owned() };
    let bounded = |bound: u32| if bound == u32::MAX { "<>".to_owned() } else { format!("<{bound}>") };
    let counted = |count: Count| match count {
        Count::Exactly(size) => format!("[{size}]"),
        Count::AtMost(bound) => bounded(bound),
    };
    match schema.kind(id) {
        Kind::Bool => "bool".into(),
        Kind::Integer(integer) => integer.name.into(),
        Kind::Float => "float".into(),
        Kind::Double => "double".into(),
        Kind::Text(bound) => format!("string{}", bounded(*bound)),
        Kind::Opaque(count) => format!("opaque{}", counted(*count)),
        Kind::Array(id, count) => format!("{}{}", part(schema, *id, depth), counted(*count)),
        Kind::Optional(id) => format!("{} *", part(schema, *id, depth)),
        Kind::Enum(_) => "enum".into(),
        Kind::Struct(_) => "struct".into(),
        Kind::List { .. } => "list".into(),
        Kind::Union(_) => "union".into(),
    }
}
