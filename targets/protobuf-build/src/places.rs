//! The places of declarations in their files.

use std::ops::Range;

use oncilla_rpcgen::Place;
use protox::prost_reflect::FileDescriptor;
use protox::prost_reflect::prost_types::source_code_info::Location;

use crate::read::Files;

/// Numbers of fields in the messages of descriptors, of which paths are made.
pub const NAME: i32 = 1;
pub const TYPE: i32 = 5;
pub const TYPE_NAME: i32 = 6;
pub const CLIENT_STREAMING: i32 = 5;
pub const SERVER_STREAMING: i32 = 6;

impl Files {
    /// Returns the place of the first of the parts of a declaration that has one, or of the declaration.
    pub fn place(&self, file: &FileDescriptor, path: &[i32], parts: &[i32]) -> Place {
        let Some(index) = self.names.iter().position(|name| name == file.name()) else { return Place::default() };
        let text = self.report.sources.all()[index].text.as_str();
        let part = parts.iter().find_map(|&part| location(file, &[path, &[part]].concat()));
        let range = part.or_else(|| location(file, path)).and_then(|location| range(text, &location.span));
        Place::new(index, range.unwrap_or(0..0))
    }
}

/// Returns the location of a path, with its comments.
pub fn location<'f>(file: &'f FileDescriptor, path: &[i32]) -> Option<&'f Location> {
    let info = file.file_descriptor_proto().source_code_info.as_ref()?;
    info.location.iter().find(|location| location.path == path)
}

/// Returns the bytes of a span: its first line and column, its last line unless it is the same, its last column.
fn range(text: &str, span: &[i32]) -> Option<Range<usize>> {
    let number = |at: usize| span.get(at).and_then(|&number| usize::try_from(number).ok());
    let (first, last) = match span.len() {
        3 => ((number(0)?, number(1)?), (number(0)?, number(2)?)),
        _ => ((number(0)?, number(1)?), (number(2)?, number(3)?)),
    };
    let start = offset(text, first)?;
    Some(start..offset(text, last)?.max(start))
}

/// Returns the offset of a line and a column, both from 0. A column is a number of bytes.
fn offset(text: &str, (line, column): (usize, usize)) -> Option<usize> {
    let start = match line.checked_sub(1) {
        None => 0,
        Some(before) => text.match_indices('\n').nth(before)?.0 + 1,
    };
    let rest = text[start..].split('\n').next()?;
    Some(start + column.min(rest.len()))
}
