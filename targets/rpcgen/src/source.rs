//! The files that are compiled, and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A file and what stands in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// As it was asked for, or where it was found.
    pub path: PathBuf,
    /// Its text. Bytes that are not UTF-8, as in old comments, have become U+FFFD.
    pub text: String,
}

/// The file that was asked for, first, and all that it includes, in the order in which they were opened.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a file and returns its number.
    pub(crate) fn add(&mut self, path: PathBuf, text: String) -> usize {
        self.0.push(Source { path, text });
        self.0.len() - 1
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Source] {
        &self.0
    }

    /// The file that a place is in.
    #[must_use]
    pub fn of(&self, place: Place) -> &Source {
        &self.0[place.file as usize]
    }

    /// What stands at a place.
    #[must_use]
    pub fn text(&self, place: Place) -> &str {
        self.of(place).text.get(place.range()).unwrap_or_default()
    }

    /// The path of the file, and the line and the column in it, both from 1; the column counts characters.
    #[must_use]
    pub fn line_and_column(&self, place: Place) -> (&Path, usize, usize) {
        let Source { path, text } = self.of(place);
        let before = text.get(..place.start as usize).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        (path, line, before[line_start..].chars().count() + 1)
    }
}

/// Where something stands: a file and the bytes from `start` to `end`.
///
/// All places are equal, so that trees are compared by what they say and not by where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    pub(crate) file: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Place {
    // A file has less than 4 GiB, which is checked when it is opened.
    pub(crate) fn new(file: usize, range: Range<usize>) -> Self {
        Self { file: file as u32, start: range.start as u32, end: range.end as u32 }
    }

    /// Number of the file in [`Sources::all`].
    #[must_use]
    pub fn file(self) -> usize {
        self.file as usize
    }

    /// The bytes in the file.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of this place to the end of another one. Where the two are in different files, as
    /// it is with `#include` in the middle of something, it is this place.
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
