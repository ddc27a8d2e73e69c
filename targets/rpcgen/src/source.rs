//! The files that are compiled, and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A file: its path and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as it was given, or at which an included file was found.
    pub path: PathBuf,
    /// The text. Bytes that are not UTF-8, as in old comments, are replaced by U+FFFD.
    pub text: String,
}

/// The compiled file, followed by all included files in the order in which they were opened.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a file and returns its number.
    pub fn add(&mut self, path: PathBuf, text: String) -> usize {
        self.0.push(Source { path, text });
        self.0.len() - 1
    }

    /// Returns all files.
    #[must_use]
    pub fn all(&self) -> &[Source] {
        &self.0
    }

    /// Returns the file of a place.
    #[must_use]
    pub fn of(&self, place: Place) -> &Source {
        &self.0[place.file as usize]
    }

    /// Returns the text at a place.
    #[must_use]
    pub fn text(&self, place: Place) -> &str {
        self.of(place).text.get(place.range()).unwrap_or_default()
    }

    /// Returns the path, the line and the column of a place. Both count from 1; the column counts characters.
    #[must_use]
    pub fn line_and_column(&self, place: Place) -> (&Path, usize, usize) {
        let Source { path, text } = self.of(place);
        let before = text.get(..place.start as usize).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        (path, line, before[line_start..].chars().count() + 1)
    }
}

/// A place: a file and a range of bytes in it.
///
/// All places are equal, so that trees are compared by their content and not by where it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    pub(crate) file: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Place {
    /// Returns the place of a range of bytes in a file, which must have less than 4 GiB. `file` is its index in
    /// [`Sources::all`].
    #[must_use]
    pub fn new(file: usize, range: Range<usize>) -> Self {
        Self { file: file as u32, start: range.start as u32, end: range.end as u32 }
    }

    /// Returns the index of the file in [`Sources::all`].
    #[must_use]
    pub fn file(self) -> usize {
        self.file as usize
    }

    /// Returns the range of bytes in the file.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the range from the start of this place to the end of another.
    ///
    /// If they are in different files, as with an `#include` inside a definition, returns this place.
    #[must_use]
    pub fn to(self, end: Self) -> Self {
        if self.file == end.file && end.end >= self.end { Self { end: end.end, ..self } } else { self }
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}
