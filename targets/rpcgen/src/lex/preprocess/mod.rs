//! The preprocessor: `#define`, `#include`, `#ifdef` and related directives.

mod include;
mod run;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::expand::{self, Macros};
use super::token::Token;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;
use run::Run;

/// The largest number of words, signs and comments of a received text. Each takes some hundred bytes of memory.
const RECEIVED_WORDS_MAX: usize = 1 << 17;
/// The largest size of all files together, in bytes. Places have 32 bits, and no interface is so large.
const TEXT_MAX: usize = 64 << 20;

/// The preprocessor: predefined names, and folders for included files.
///
/// **Directives.** It follows `#define NAME …`, `#undef`, `#include "…"` and `#include <…>`, `#if` and related
/// directives, and `#error`. A definition with arguments may exist but not be used. `#pragma`, `#ident` and `#line` are
/// skipped.
///
/// **Headers.** A line `%#include "file.h"` or `%#include <file.h>`, which is for the C compiler, reads `file.x` once,
/// if it is found.
///
/// **Predefined names.** `RPC_HDR` is 1, as when `rpcgen -h` generates the header with the types. `RPC_XDR`, `RPC_SVC`,
/// `RPC_CLNT` and `RPC_TBL` are not defined, because text for them is about C's functions. [`define`](Self::define)
/// defines them.
///
/// ```
/// let preprocessor = oncilla_rpcgen::Preprocessor::default().define("SIZE=16");
/// let parsed = oncilla_rpcgen::parse_text("a.x", "typedef string name<SIZE>;", &preprocessor);
/// assert_eq!(parsed.tree.to_string(), "typedef string name<16>;\n");
/// ```
#[derive(Clone, Debug)]
pub struct Preprocessor {
    definitions: Vec<String>,
    folders: Vec<PathBuf>,
    read: fn(&Path) -> io::Result<Vec<u8>>,
    /// For text from a peer: no file is opened, and the number of words is limited.
    received: bool,
}

impl Default for Preprocessor {
    fn default() -> Self {
        Self { definitions: vec!["RPC_HDR".into()], folders: Vec::new(), read: read_file, received: false }
    }
}

impl Preprocessor {
    /// Defines a name as 1, or `NAME=VALUE`, like `rpcgen -D`. The value is one word or number.
    #[must_use]
    pub fn define(mut self, definition: impl Into<String>) -> Self {
        self.definitions.push(definition.into());
        self
    }

    /// Also searches this folder for included files, after the folder of the including file and folders added before.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Replaces the function that reads files, for example to read from memory or to refuse all files.
    #[must_use]
    pub fn read_by(mut self, read: fn(&Path) -> io::Result<Vec<u8>>) -> Self {
        self.read = read;
        self
    }

    /// Returns the preprocessor for text from a peer, which must not determine what is read here.
    pub(crate) fn for_received() -> Self {
        Self { received: true, ..Self::default() }
    }

    /// Reads a file. Bytes that are not UTF-8 are replaced.
    pub(crate) fn read(&self, path: &Path) -> io::Result<String> {
        if self.received {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        (self.read)(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads a path that need not be a file, such as standard input.
    pub(crate) fn read_stream(path: &Path) -> io::Result<String> {
        read_stream(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn words_max(&self) -> usize {
        if self.received { RECEIVED_WORDS_MAX } else { usize::MAX }
    }

    /// Returns the tokens of a text and of all files that it includes.
    pub(crate) fn run(&self, path: &Path, text: String) -> Preprocessed {
        let mut run = Run {
            options: self,
            macros: Macros::default(),
            open: Vec::new(),
            bytes: 0,
            depth: 0,
            amid: false,
            out: Preprocessed { sources: Sources::default(), tokens: Vec::new(), diagnostics: Vec::new() },
        };
        for definition in &self.definitions {
            let (name, token) = expand::given(definition);
            run.macros.define(name, vec![token]);
        }
        run.file(path.to_owned(), text);
        run.out
    }
}

/// Reads a regular file. A device might return bytes without end, and a FIFO might block.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    read_stream(path)
}

/// Reads all bytes, up to a limit.
fn read_stream(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let size = fs::File::open(path)?.take(TEXT_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if size > TEXT_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", TEXT_MAX >> 20)));
    }
    Ok(bytes)
}

/// The result of the preprocessor.
pub(crate) struct Preprocessed {
    pub sources: Sources,
    pub tokens: Vec<Token>,
    pub diagnostics: Vec<Diagnostic>,
}
