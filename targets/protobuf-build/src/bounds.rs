//! The bounds of messages of fixed size.

use oncilla_rpcgen::Diagnostic;
use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::Options;
use crate::options::Messages;
use crate::places::{NAME, TYPE, TYPE_NAME};
use crate::read::Files;

/// The bounds of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The field, with its message and package.
    pub field: String,
    pub max_bytes: Option<u32>,
    pub max_len: Option<u32>,
}

/// Returns the bounds of all fields that need one. Adds what is wrong to the report.
pub fn bounds(files: &mut Files, options: &Options) -> Vec<Bound> {
    if options.messages != Messages::Micropb {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for message in files.generated().flat_map(|file| file.messages().collect::<Vec<_>>()) {
        messages(&message, &mut |message| {
            for field in message.fields() {
                match bounds_of(files, options, &field) {
                    Ok(bounds) => found.extend(bounds),
                    Err(error) => errors.push(*error),
                }
                errors.extend(contains_itself(files, message, &field));
            }
        });
    }
    files.report.diagnostics.extend(errors);
    found
}

/// Visits a message and those declared in it. Entries of maps are none of their own.
fn messages(message: &MessageDescriptor, visit: &mut impl FnMut(&MessageDescriptor)) {
    if message.is_map_entry() {
        return;
    }
    visit(message);
    message.child_messages().for_each(|child| messages(&child, visit));
}

fn bounds_of(files: &Files, options: &Options, field: &FieldDescriptor) -> Result<Vec<Bound>, Box<Diagnostic>> {
    let name = field.full_name().to_owned();
    let set = field.options();
    let max_bytes = options.max_bytes.get(&name).copied().or_else(|| files.number(&set, "max_bytes"));
    let max_len = options.max_len.get(&name).copied().or_else(|| files.number(&set, "max_len"));
    let text = |kind: &Kind| matches!(kind, Kind::String | Kind::Bytes);
    let has_bytes = match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            text(&entry.map_entry_key_field().kind()) || text(&entry.map_entry_value_field().kind())
        }
        kind => text(&kind),
    };
    let has_elements = field.is_list() || field.is_map();
    let lacks = [(has_bytes, max_bytes, "max_bytes"), (has_elements, max_len, "max_len")];
    let place = || files.place(&field.parent_message().parent_file(), field.path(), &[NAME]);
    for (needed, stated, option) in lacks {
        if needed && stated.is_none_or(|bound| bound == 0) {
            let example = if option == "max_bytes" { 64 } else { 8 };
            return Err(Box::new(
                Diagnostic::error(place(), format!("the field {} has no bound", field.name())).help(format!(
                    "a message of fixed size needs one: write `[(oncilla.{option}) = {example}]` behind the field and `import \
                     \"oncilla.proto\";` above, or `.{option}(\"{name}\", {example})` in the build script"
                )),
            ));
        }
    }
    let mut bounds = Vec::new();
    if let (Kind::Message(entry), true) = (field.kind(), field.is_map()) {
        // The elements are messages of their own.
        let parts = [entry.map_entry_key_field(), entry.map_entry_value_field()];
        for part in parts.iter().filter(|part| text(&part.kind())) {
            bounds.push(Bound { field: part.full_name().to_owned(), max_bytes, max_len: None });
        }
        bounds.push(Bound { field: name, max_bytes: None, max_len });
    } else if has_bytes || has_elements {
        bounds.push(Bound { field: name, max_bytes, max_len });
    }
    Ok(bounds)
}

/// Returns an error if a message contains itself through this field.
fn contains_itself(files: &Files, message: &MessageDescriptor, field: &FieldDescriptor) -> Option<Diagnostic> {
    let (mut todo, mut seen) = (contained(field).into_iter().collect::<Vec<_>>(), Vec::new());
    while let Some(next) = todo.pop() {
        if next == *message {
            let place = files.place(&message.parent_file(), field.path(), &[TYPE_NAME, TYPE, NAME]);
            return Some(
                Diagnostic::error(place, format!("the message {} contains itself", message.name()))
                    .label("by this field")
                    .help("it has no fixed size; on a host, `Messages::Prost` takes it"),
            );
        }
        if !seen.contains(&next) {
            todo.extend(next.fields().filter_map(|field| contained(&field)));
            seen.push(next);
        }
    }
    None
}

/// Returns the message that a field contains, in a map that of its values.
fn contained(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind().as_message().cloned(),
        Kind::Message(message) => Some(message),
        _ => None,
    }
}
