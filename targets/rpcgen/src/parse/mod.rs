//! From tokens to the tree.

mod bodies;
mod cursor;
mod definitions;
mod lexemes;
mod namespaces;
mod programs;
mod received;
mod types;

use std::path::Path;
use std::{fs, io};

use crate::diagnostic::Report;
use crate::lex::Preprocessor;
use crate::tree::Specification;
use cursor::Cursor;
#[cfg(feature = "read")]
pub(crate) use received::RECEIVED_MAX;
pub use received::parse_received;

/// The result of parsing: the tree of all that was understood, the files, and the diagnostics.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree. If there are errors, parts are missing.
    pub tree: Specification,
    /// The files and the diagnostics.
    pub report: Report,
}

/// Parses a file and all files that it includes.
///
/// # Errors
/// The file cannot be read. Errors in the file are in the report.
pub fn parse_file(path: impl AsRef<Path>, preprocessor: &Preprocessor) -> io::Result<Parsed> {
    let path = path.as_ref();
    let kind = fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // The path may be standard input or a pipe. Included files must be regular files.
    let text = if kind.is_file() { preprocessor.read(path)? } else { Preprocessor::read_stream(path)? };
    Ok(parse_text(path, text, preprocessor))
}

/// Parses a text. `path` is its name in errors, and files are included from its folder.
///
/// ```
/// let parsed = oncilla_rpcgen::parse_text("sensor.x", "const PLACES = 0x10;", &Default::default());
/// assert_eq!(parsed.tree.to_string(), "const PLACES = 0x10;\n");
/// ```
pub fn parse_text(path: impl AsRef<Path>, text: impl Into<String>, preprocessor: &Preprocessor) -> Parsed {
    let done = preprocessor.run(path.as_ref(), text.into());
    let mut cursor = Cursor::new(done.tokens, &done.sources, done.diagnostics);
    let tree = cursor.specification();
    Parsed { tree, report: Report { diagnostics: cursor.finish(), sources: done.sources } }
}
