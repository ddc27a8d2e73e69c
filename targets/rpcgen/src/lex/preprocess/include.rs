//! Included files: finds and reads them.

use std::io;
use std::path::{Path, PathBuf};

use super::TEXT_MAX;
use super::run::{Run, line_of};
use crate::diagnostic::Diagnostic;
use crate::lex::token::{Kind, Token};
use crate::source::Place;

/// The largest depth of included files.
const DEPTH_MAX: usize = 16;
/// The largest number of files. Two files that include each other twice become very many even at a small depth.
const FILES_MAX: usize = 200;
impl Run<'_> {
    pub fn include(&mut self, place: Place, rest: &[Token]) {
        let Some((written, near)) = self.included_name(rest) else {
            return self.error(
                Diagnostic::error(line_of(place, rest), "`#include` needs the name of a file")
                    .help("write `#include \"file.x\"`, or `%#include <file.h>` for the C compiler"),
            );
        };
        let place = line_of(place, rest);
        if self.options.received {
            return self.error(
                Diagnostic::error(place, "`#include` in a received text")
                    .label("no file is opened for a received text")
                    .help("the description of a device contains all files that it includes"),
            );
        }
        if self.open.len() > DEPTH_MAX || self.out.sources.all().len() >= FILES_MAX || self.bytes > TEXT_MAX {
            return self.error(
                Diagnostic::error(
                    place,
                    format!(
                        "too many included files: at most {DEPTH_MAX} nested, {FILES_MAX} in all and {} MiB",
                        TEXT_MAX >> 20
                    ),
                )
                .help("put a file that may be included twice between `#ifndef NAME`, `#define NAME` and `#endif`"),
            );
        }
        let folders = self.folders(near);
        match self.find(&written, &folders) {
            Ok((text, path)) => self.file(path, text),
            Err(reason) => {
                let here = |folder: &PathBuf| if folder.as_os_str().is_empty() { ".".into() } else { folder.clone() };
                let folders: Vec<_> = folders.iter().map(|folder| format!("`{}`", here(folder).display())).collect();
                let sought = if folders.is_empty() {
                    "there is no folder to search".into()
                } else {
                    format!("searched {}", folders.join(", "))
                };
                let reason = reason.map_or_else(String::new, |error| format!(": {error}"));
                let error = Diagnostic::error(place, format!("cannot read `{written}`{reason}"));
                self.error(
                    error
                        .label(sought)
                        .help("add its folder with `-I` or `Options::include`; for a header of C use `%#include`"),
                );
            }
        }
    }

    /// Returns the folders to search. With `near`, that of the including file is the first.
    fn folders(&self, near: bool) -> Vec<PathBuf> {
        let beside = self.open.last().and_then(|path| path.parent()).filter(|_| near).map(Path::to_owned);
        beside.into_iter().chain(self.options.folders.iter().cloned()).collect()
    }

    /// Reads a file from the first folder that has it. Returns the error if a file exists but cannot be read.
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

    /// Reads `file.x` for a line `%#include "file.h"` between definitions, if the file is found.
    ///
    /// `rpcgen` generates the header from that file. Headers guard themselves, so each file is read once.
    pub fn header(&mut self, token: &Token) -> bool {
        let between = self.depth == 0 && !self.amid;
        let Some((written, near)) = Some(token).filter(|_| between).and_then(header) else { return false };
        let full = self.open.len() > DEPTH_MAX || self.out.sources.all().len() >= FILES_MAX || self.bytes > TEXT_MAX;
        let folders = self.folders(near);
        // The header may be in a build folder, and its `.x` file beside this file.
        let alone = written.rsplit_once('/').map(|(_, name)| name).filter(|_| near);
        let names = || std::iter::once(written.as_str()).chain(alone);
        let known = |path: PathBuf| self.out.sources.all().iter().any(|source| source.path == path);
        if names().any(|name| folders.iter().any(|folder| known(folder.join(name)))) {
            return true;
        }
        let found = names().find_map(|name| self.find(name, &folders).ok());
        let Some((text, path)) = found.filter(|_| !full) else { return false };
        let note = format!("`{}` is read in place of the header generated from it", path.display());
        self.out.diagnostics.push(Diagnostic::note(token.place, note));
        self.file(path, text);
        true
    }

    /// Returns the name of the included file, and whether the folder of the including file is searched.
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

/// Returns the `.x` file for the header that a line for C includes, and whether the folder of the including file is
/// searched.
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
