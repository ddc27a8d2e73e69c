//! From a checked interface to C for `oncilla.h`: a header, and sources with encoders and decoders, a client and a server.
//!
//! The tree is first lowered to a model of the types that C has. Everything is printed from that.

mod calls;
mod codec;
mod docs;
mod header;
mod helpers;
mod lower;
mod model;
mod names;
mod programs;
mod refuse;
mod words;

use std::collections::HashMap;

use crate::check::Interface;
use crate::diagnostic::Diagnostic;
use crate::options::Options;
use crate::tree::Definition;
use codec::Codec;
use header::Header;
use lower::Lowering;
use model::Model;

/// The bytes from which values are refused: no message has them.
const SIZE_MAX: u64 = 1 << 30;

/// The longest line of code.
const WIDTH: usize = 120;

/// The text of each file.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub header: String,
    pub codec: String,
    pub client: Option<String>,
    pub server: Option<String>,
}

/// Generates C for an interface without errors. `file` is the name of the source in the first line, `stem` that of the
/// header without its end.
///
/// # Errors
/// The file has types that C does not have, or values that are too large.
pub(crate) fn generate(
    interface: &Interface<'_>,
    file: &str,
    stem: &str,
    options: &Options,
) -> Result<Files, Vec<Diagnostic>> {
    let refused = refuse::refused(interface, options);
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut lowering = Lowering::new(interface, options, &options.prefix);
    lowering.types();
    lowering.programs();
    let large = large(interface, &lowering);
    if !large.is_empty() {
        return Err(large);
    }
    let model = lowering.model;
    let head =
        format!("/* Generated from {} by oncilla-rpcgen. Do not edit: changes are lost. */\n", docs::escape(file));
    let has_programs = !model.versions.is_empty();
    Ok(Files {
        header: header(&model, &head, stem, options),
        codec: source(&model, &head, stem, options, |codec, model| codec.types(model)),
        client: has_programs.then(|| {
            source(&model, &head, stem, options, |codec, model| {
                model.versions.iter().for_each(|version| codec.client(version));
            })
        }),
        server: has_programs.then(|| {
            source(&model, &head, stem, options, |codec, model| {
                model.versions.iter().for_each(|version| codec.server(version));
            })
        }),
    })
}

fn header(model: &Model, head: &str, stem: &str, options: &Options) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    let guard: String = stem.chars().map(letter).collect();
    let guard = format!("ONCILLA_GENERATED_{guard}_H");
    let mut header = Header::new(model, options.data, stem, head.to_owned());
    header.text += &format!(
        "#ifndef {guard}\n#define {guard}\n\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n#include \
         <oncilla.h>\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n"
    );
    header.constants();
    header.types();
    header.versions();
    header.text += &format!("\n#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n");
    header.text
}

fn source(model: &Model, head: &str, stem: &str, options: &Options, print: impl FnOnce(&mut Codec, &Model)) -> String {
    let mut codec = Codec::new(options.data);
    print(&mut codec, model);
    format!("{head}#include \"{stem}.h\"\n{}{}", codec.helpers.text(), wrapped(&codec.text))
}

/// Breaks lines of code that are too long, after a comma.
fn wrapped(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let mut length = 0;
        for part in line.split_inclusive(", ") {
            if length > 0 && length + part.trim_end().len() > WIDTH {
                text.truncate(text.trim_end().len());
                text.push('\n');
                length = indent + 4;
                text.extend(std::iter::repeat_n(' ', length));
            }
            text.push_str(part);
            length += part.len();
        }
        text.push('\n');
    }
    text
}

/// Returns an error for each type and procedure whose encoding is too large.
fn large(interface: &Interface<'_>, lowering: &Lowering<'_, '_>) -> Vec<Diagnostic> {
    let sizes: HashMap<_, _> = lowering.model.types.iter().map(|type_| (type_.name.as_str(), type_.size)).collect();
    let mut errors = Vec::new();
    for item in interface.items() {
        let Some(name) = item.definition.name() else { continue };
        if matches!(item.definition, Definition::Program(_) | Definition::Constant(_)) {
            continue;
        }
        let size = sizes.get(lowering.names.type_(&name.text)).copied().unwrap_or_default();
        if size >= SIZE_MAX {
            let error = Diagnostic::error(name.place, format!("a value of `{}` takes up to {size} bytes", name.text));
            errors.push(error.label(format!("C has room for less than {SIZE_MAX}")).help("state smaller bounds"));
        }
    }
    errors
}
