//! What is done before parsing: `#define`, `#include`, `#ifdef` and their like.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::expand::{self, Macros};
use super::token::{Kind, Token};
use super::{condition, lexer};
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Sources};

/// Files within files.
const DEPTH_MAX: usize = 16;
/// Files in all, as two that include each other twice are very many even at a small depth.
const FILES_MAX: usize = 200;
/// Words, signs and comments of a text that a peer sent: each takes some hundred bytes of memory.
const RECEIVED_WORDS_MAX: usize = 1 << 17;
/// Bytes of all files together: places are counted in 32 bits, and no interface is as large.
const TEXT_MAX: usize = 64 << 20;

/// The preprocessor: what is defined beforehand, and where files are found.
///
/// It knows `#define NAME …`, where one with arguments must not be used, `#undef`, `#include "…"` and `<…>`, `#if` with its kin,
/// `#error`; `#pragma`, `#ident` and `#line` are passed by. A line `%#include "file.h"` or `<file.h>`, which is for the
/// C compiler, reads `file.x` where that is found, once. `RPC_HDR` is defined to be 1, as it is when
/// `rpcgen -h` makes the header with the types; `RPC_XDR`, `RPC_SVC`, `RPC_CLNT` and `RPC_TBL` are not, as
/// what is written for them is about C's functions. Name them in [`define`](Self::define) if they are
/// wanted.
#[derive(Clone, Debug)]
pub struct Preprocessor {
    definitions: Vec<String>,
    folders: Vec<PathBuf>,
    read: fn(&Path) -> io::Result<Vec<u8>>,
    /// For text that a peer sent: no file is opened, and there are not so many words.
    received: bool,
}

impl Default for Preprocessor {
    fn default() -> Self {
        Self { definitions: vec!["RPC_HDR".into()], folders: Vec::new(), read: read_file, received: false }
    }
}

impl Preprocessor {
    /// Defines a name to be 1, or `NAME=VALUE`, like `rpcgen -D`. The value is one word or number.
    #[must_use]
    pub fn define(mut self, definition: impl Into<String>) -> Self {
        self.definitions.push(definition.into());
        self
    }

    /// Looks for included files in this folder as well, behind the folder of the file that includes and
    /// those that were named before.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Reads files by another function: none at all, say, or from memory.
    #[must_use]
    pub fn read_by(mut self, read: fn(&Path) -> io::Result<Vec<u8>>) -> Self {
        self.read = read;
        self
    }

    /// The one for text that a peer sent, which must not decide what is read here.
    pub(crate) fn for_received() -> Self {
        Self { received: true, ..Self::default() }
    }

    /// Reads a file as everything here does: what is not UTF-8 is replaced.
    pub(crate) fn read(&self, path: &Path) -> io::Result<String> {
        if self.received {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        (self.read)(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads what need not be a file.
    pub(crate) fn read_stream(path: &Path) -> io::Result<String> {
        read_stream(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn words_max(&self) -> usize {
        if self.received { RECEIVED_WORDS_MAX } else { usize::MAX }
    }

    /// The tokens of a text and of all that it includes.
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

/// Reads an ordinary file. A device would give bytes without end, and a FIFO none.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    read_stream(path)
}

/// Reads what is there, up to a limit.
fn read_stream(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let size = fs::File::open(path)?.take(TEXT_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if size > TEXT_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {} MiB", TEXT_MAX >> 20)));
    }
    Ok(bytes)
}

/// What is left when the preprocessor has run.
pub(crate) struct Preprocessed {
    pub sources: Sources,
    pub tokens: Vec<Token>,
    pub diagnostics: Vec<Diagnostic>,
}

struct Run<'o> {
    options: &'o Preprocessor,
    macros: Macros,
    /// The files that are being read, one within another.
    open: Vec<PathBuf>,
    bytes: usize,
    /// Bodies that are open.
    depth: usize,
    /// A definition has begun that has not ended.
    amid: bool,
    out: Preprocessed,
}

/// An `#if` that has not ended.
struct Open {
    place: Place,
    /// What stands here is read.
    active: bool,
    /// One of its branches was read, or must not be as what is around it is not read.
    done: bool,
    has_else: bool,
}

impl Run<'_> {
    fn error(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    fn file(&mut self, path: PathBuf, text: String) {
        let file = self.out.sources.add(path.clone(), text.clone());
        self.bytes += text.len();
        self.open.push(path);
        let tokens = lexer::tokens(file, &text, self.options.words_max(), &mut self.out.diagnostics);
        let mut conditions: Vec<Open> = Vec::new();
        let mut rest = tokens.into_iter();
        while let Some(token) = rest.next() {
            let active = conditions.last().is_none_or(|open| open.active);
            if token.kind == Kind::Directive {
                let line: Vec<_> = rest.by_ref().take_while(|token| token.kind != Kind::LineEnd).collect();
                let line: Vec<_> = line.into_iter().filter(|token| token.kind != Kind::Comment).collect();
                self.directive(&token, &line, &mut conditions, active);
            } else if active && self.header(&token) {
            } else if active {
                self.follow(&token);
                let token = self.without_arguments(token, &mut rest);
                let place = token.place;
                if self.macros.expand(token, &mut self.out.tokens).is_err() {
                    // What is half there would only make for more errors.
                    self.out.tokens.clear();
                    return self.error(condition::too_many(place));
                }
            }
        }
        for open in conditions {
            self.error(Diagnostic::error(open.place, "a condition has no `#endif`").label("begins here"));
        }
        self.open.pop();
    }

    fn directive(&mut self, hash: &Token, line: &[Token], conditions: &mut Vec<Open>, active: bool) {
        // `#` alone, and `# 12 "file"`, which is what other preprocessors leave behind.
        let Some((word, rest)) = line.split_first().filter(|(word, _)| word.kind == Kind::Word) else { return };
        let place = hash.place.to(word.place);
        match &*word.text {
            "if" | "ifdef" | "ifndef" => self.begin(place, word, rest, conditions, active),
            "elif" | "else" => self.branch(place, word, rest, conditions),
            "endif" => {
                if conditions.pop().is_none() {
                    self.error(Diagnostic::error(place, "`#endif` without `#if`"));
                }
            }
            _ if !active => {}
            "define" => self.define(place, rest),
            "undef" => match rest {
                [name] if name.kind == Kind::Word => self.macros.undefine(&name.text),
                _ => self.error(Diagnostic::error(place, "`#undef` needs one name")),
            },
            "include" => self.include(place, rest),
            "error" => {
                self.error(Diagnostic::error(line_of(place, rest), "the file says that it cannot be compiled so"))
            }
            // For a C compiler.
            "pragma" | "ident" | "line" | "warning" => {}
            other => self.error(
                Diagnostic::error(place, format!("`#{other}` is not known"))
                    .help("a line for the C compiler alone begins with `%`"),
            ),
        }
    }

    fn begin(&mut self, place: Place, word: &Token, rest: &[Token], conditions: &mut Vec<Open>, active: bool) {
        let holds = active && self.holds(place, word, rest);
        conditions.push(Open { place, active: holds, done: holds || !active, has_else: false });
    }

    fn branch(&mut self, place: Place, word: &Token, rest: &[Token], conditions: &mut [Open]) {
        let Some(open) = conditions.last_mut() else {
            return self.error(Diagnostic::error(place, format!("`#{}` without `#if`", word.text)));
        };
        if open.has_else {
            let first = open.place;
            let what = format!("`#{}` behind `#else`", word.text);
            return self.error(Diagnostic::error(place, what).other(first, "the condition begins here"));
        }
        let is_else = word.is_word("else");
        open.has_else = is_else;
        let wanted = !open.done && (is_else || self.holds(place, word, rest));
        open.active = wanted;
        open.done |= wanted;
    }

    fn holds(&mut self, place: Place, word: &Token, rest: &[Token]) -> bool {
        if matches!(&*word.text, "if" | "elif") {
            return condition::holds(rest, &mut self.macros, place).unwrap_or_else(|error| {
                self.error(error);
                false
            });
        }
        match rest.first() {
            Some(name) if name.kind == Kind::Word => self.macros.is_defined(&name.text) == word.is_word("ifdef"),
            _ => {
                self.error(Diagnostic::error(place, format!("`#{}` needs a name", word.text)));
                false
            }
        }
    }

    fn define(&mut self, place: Place, rest: &[Token]) {
        let Some((name, value)) = rest.split_first().filter(|(name, _)| name.kind == Kind::Word) else {
            return self.error(Diagnostic::error(place, "`#define` needs a name"));
        };
        if value.first().is_some_and(|first| first.is('(') && first.place.start == name.place.end) {
            return self.macros.define_with_arguments(name);
        }
        self.macros.define(&name.text, value.to_vec());
    }

    fn include(&mut self, place: Place, rest: &[Token]) {
        let Some((written, near)) = self.included_name(rest) else {
            return self.error(
                Diagnostic::error(line_of(place, rest), "`#include` needs a file")
                    .help("write `#include \"file.x\"`, or `%#include <file.h>` for the C compiler alone"),
            );
        };
        let place = line_of(place, rest);
        if self.options.received {
            return self.error(
                Diagnostic::error(place, "`#include` in a text that was received")
                    .label("no file is opened for it")
                    .help("the text of an interface that a device sends holds all that it includes"),
            );
        }
        if self.open.len() > DEPTH_MAX || self.out.sources.all().len() >= FILES_MAX || self.bytes > TEXT_MAX {
            return self.error(
                Diagnostic::error(
                    place,
                    format!(
                        "too many included files: at most {DEPTH_MAX} within each other, {FILES_MAX} in all and {} MiB",
                        TEXT_MAX >> 20
                    ),
                )
                .help(
                    "a file that may be included twice is written between `#ifndef NAME`, `#define NAME` and `#endif`",
                ),
            );
        }
        let folders = self.folders(near);
        match self.find(&written, &folders) {
            Ok((text, path)) => self.file(path, text),
            Err(reason) => {
                let here = |folder: &PathBuf| if folder.as_os_str().is_empty() { ".".into() } else { folder.clone() };
                let folders: Vec<_> = folders.iter().map(|folder| format!("`{}`", here(folder).display())).collect();
                let sought = if folders.is_empty() {
                    "no folder to look in".into()
                } else {
                    format!("looked in {}", folders.join(", "))
                };
                let reason = reason.map_or_else(String::new, |error| format!(": {error}"));
                let error = Diagnostic::error(place, format!("`{written}` cannot be read{reason}"));
                self.error(error.label(sought).help(
                    "name its folder with `-I` or `Options::include`; a header for the C compiler alone is `%#include`",
                ));
            }
        }
    }

    /// Where a file is looked for; `near` is also beside the one that includes it.
    fn folders(&self, near: bool) -> Vec<PathBuf> {
        let beside = self.open.last().and_then(|path| path.parent()).filter(|_| near).map(Path::to_owned);
        beside.into_iter().chain(self.options.folders.iter().cloned()).collect()
    }

    /// The file, or why one that is there cannot be read.
    fn find(&self, written: &str, folders: &[PathBuf]) -> Result<(String, PathBuf), Option<io::Error>> {
        let mut reason = None;
        for folder in folders {
            let path = folder.join(written);
            match self.options.read(&path) {
                Ok(text) => return Ok((text, path)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => reason = reason.or(Some(error)),
            }
        }
        Err(reason)
    }

    /// Reads `file.x` instead of a line `%#include "file.h"` between definitions, if it is found: the header is what
    /// `rpcgen` makes of it. As a header guards itself, each file is read once.
    fn header(&mut self, token: &Token) -> bool {
        let between = self.depth == 0 && !self.amid;
        let Some((written, near)) = Some(token).filter(|_| between).and_then(header) else { return false };
        let full = self.open.len() > DEPTH_MAX || self.out.sources.all().len() >= FILES_MAX || self.bytes > TEXT_MAX;
        let folders = self.folders(near);
        // The header may be in a folder where headers are built, and what it is made of beside this file.
        let alone = written.rsplit_once('/').map(|(_, name)| name).filter(|_| near);
        let names = || std::iter::once(written.as_str()).chain(alone);
        let known = |path: PathBuf| self.out.sources.all().iter().any(|source| source.path == path);
        if names().any(|name| folders.iter().any(|folder| known(folder.join(name)))) {
            return true;
        }
        let found = names().find_map(|name| self.find(name, &folders).ok());
        let Some((text, path)) = found.filter(|_| !full) else { return false };
        let note = format!("`{}` is read for the header that is made of it", path.display());
        self.out.diagnostics.push(Diagnostic::note(token.place, note));
        self.file(path, text);
        true
    }

    /// Refuses a definition with arguments where they are given, for which a number stands then.
    fn without_arguments(&mut self, token: Token, rest: &mut std::vec::IntoIter<Token>) -> Token {
        let follows = rest.as_slice().iter().find(|token| token.kind != Kind::Comment);
        let Some(defined) = self.macros.with_arguments(&token).filter(|_| follows.is_some_and(|next| next.is('(')))
        else {
            return token;
        };
        let error = Diagnostic::error(token.place, format!("the definition of `{}` has arguments", token.text));
        self.error(error.label("write what it stands for").other(defined, "defined here"));
        let mut depth = 0usize;
        for next in rest.by_ref() {
            match next.kind {
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') if depth == 1 => break,
                Kind::Sign(')') => depth -= 1,
                _ => {}
            }
        }
        Token { kind: Kind::Number, text: "0".into(), ..token }
    }

    /// Follows where definitions begin and end.
    fn follow(&mut self, token: &Token) {
        match token.kind {
            Kind::Comment | Kind::Passed => return,
            Kind::Sign('{') => self.depth += 1,
            Kind::Sign('}') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        // A namespace ends with its bracket alone.
        self.amid = !matches!(token.kind, Kind::Sign(';' | '}'));
    }

    /// The file that is named, and whether it is looked for beside the one that includes it.
    fn included_name(&self, rest: &[Token]) -> Option<(String, bool)> {
        match rest {
            [text] if text.kind == Kind::Text => Some((text.text.trim_matches('"').to_owned(), true)),
            [open, .., close] if open.is('<') && close.is('>') => {
                let between = Place { start: open.place.end, end: close.place.start, ..open.place };
                Some((self.out.sources.text(between).trim().to_owned(), false))
            }
            _ => None,
        }
    }
}

/// The `.x` file of the header that a line for C includes, and whether it may be beside the one that includes it.
fn header(token: &Token) -> Option<(String, bool)> {
    let line = Some(&token.text).filter(|_| token.kind == Kind::Passed)?;
    let line = line.strip_prefix('%')?.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?;
    let line = line.trim_start();
    let (near, rest) = match line.strip_prefix('"') {
        Some(rest) => (true, rest),
        None => (false, line.strip_prefix('<')?),
    };
    let name = rest.split(['"', '>']).next()?.strip_suffix(".h")?;
    Some((format!("{name}.x"), near))
}

fn line_of(start: Place, rest: &[Token]) -> Place {
    rest.last().map_or(start, |last| start.to(last.place))
}
