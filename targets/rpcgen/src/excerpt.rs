//! The lines of a file that an error shows: limited in width, and harmless.

use std::ops::Range;

use crate::harmless::harmless;
use crate::source::{Place, Source};

/// The largest number of characters of a line that are shown, without line number and margin.
const WIDTH: usize = 100;
/// The number of characters shown before the mark when a line is cut.
const BEFORE: usize = 30;
/// The largest distance in lines between two places for which all lines between them are shown.
const BETWEEN: usize = 8;

/// The lines of a file from the first place to the last. If there are many, lines without places are empty.
pub(super) struct Excerpt {
    /// The number of the first line, from 1.
    pub line: usize,
    /// Line and column of the first place, from 1, if its line is cut so that the text does not show the column.
    pub origin: Option<(usize, usize)>,
    pub text: String,
    /// The places in `text`.
    pub marks: Vec<Range<usize>>,
}

impl Excerpt {
    /// Returns the lines of places in one file. A place with several lines is represented by its first line.
    pub fn new(source: &Source, places: &[Place]) -> Self {
        let text = source.text.as_str();
        let lines: Vec<_> = places.iter().map(|place| Line::of(text, place.range())).collect();
        let first = lines.iter().map(|line| line.number).min().unwrap_or(1);
        let last = lines.iter().map(|line| line.number).max().unwrap_or(1);
        let mut excerpt = Self { line: first, origin: None, text: String::new(), marks: vec![0..0; lines.len()] };
        let begin = lines.iter().map(|line| line.start).min().unwrap_or(0);
        for (number, text) in (first..=last).zip(text[begin..].split('\n')) {
            let here: Vec<_> = lines.iter().enumerate().filter(|(_, line)| line.number == number).collect();
            // The renderer leaves out lines that are far from all places.
            let between = Line { number, start: 0, text, mark: 0..0 };
            match here.is_empty() {
                false => excerpt.line(here[0].1, &here),
                true if last - first <= BETWEEN => excerpt.line(&between, &[]),
                true => {}
            }
            excerpt.text.push('\n');
        }
        excerpt
    }

    /// Appends a line and its places.
    fn line(&mut self, line: &Line<'_>, here: &[(usize, &Line<'_>)]) {
        let start = here.iter().map(|(_, line)| line.mark.start).min().unwrap_or_default();
        let long = line.text.chars().nth(WIDTH).is_some();
        let cut = match line.text[..start].char_indices().rev().nth(BEFORE) {
            Some((at, _)) if long => at,
            _ => 0,
        };
        let end = line.text[cut..].char_indices().nth(WIDTH).map_or(line.text.len(), |(at, _)| cut + at);
        if let Some((_, first)) = here.iter().find(|(number, _)| *number == 0 && cut > 0) {
            self.origin = Some((line.number, line.text[..first.mark.start].chars().count() + 1));
        }
        let margin = self.text.len();
        self.text += if cut > 0 { "…" } else { "" };
        // Each character is escaped separately, because marks lie between characters. A `\r` at the end of a line is
        // not part of it.
        let mut places = Vec::new();
        for (at, character) in line.text[cut..end].char_indices() {
            places.push((cut + at, self.text.len()));
            self.text += &harmless(character.encode_utf8(&mut [0; 4]));
        }
        let line_end = self.text.len();
        self.text += if end < line.text.len() { "…" } else { "" };
        let shown = |at: usize| match places.binary_search_by_key(&at, |&(at, _)| at) {
            Ok(place) => places[place].1,
            Err(_) if at < cut => margin,
            Err(_) => line_end,
        };
        for (number, line) in here {
            self.marks[*number] = shown(line.mark.start)..shown(line.mark.end);
        }
    }
}

/// The line in which a place begins.
struct Line<'t> {
    number: usize,
    /// The offset of the line in the text.
    start: usize,
    text: &'t str,
    /// The part of the place in this line, as offsets in the line.
    mark: Range<usize>,
}

impl<'t> Line<'t> {
    fn of(text: &'t str, place: Range<usize>) -> Self {
        let before = text.get(..place.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = &text[start..];
        let line = rest.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let within = |at: usize| at.saturating_sub(start).min(line.len());
        let number = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        Self { number, start, text: line, mark: within(place.start)..within(place.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, places: &[(usize, usize)]) -> (usize, Option<(usize, usize)>, String, Vec<String>) {
        let source = Source { path: "a.x".into(), text: text.into() };
        let places: Vec<_> = places.iter().map(|&(start, end)| Place::new(0, start..end)).collect();
        let Excerpt { line, origin, text, marks } = Excerpt::new(&source, &places);
        let marked = marks.into_iter().map(|mark| text[mark].to_owned()).collect();
        (line, origin, text, marked)
    }

    #[test]
    fn a_short_line_is_whole() {
        let (line, origin, text, marked) = excerpt("one\ntwo three\r\nfour", &[(8, 13)]);
        assert_eq!((line, origin, text.as_str()), (2, None, "two three\n"));
        assert_eq!(marked, ["three"]);
    }

    #[test]
    fn lines_between_are_shown() {
        let (line, origin, text, marked) = excerpt("one\ntwo\nthree", &[(8, 13), (0, 1)]);
        assert_eq!((line, origin, text.as_str()), (1, None, "one\ntwo\nthree\n"));
        assert_eq!(marked, ["three", "o"]);
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let long = format!("{}mark{}", "ä".repeat(500), "z".repeat(500));
        let (line, origin, text, marked) = excerpt(&long, &[(1000, 1004), (0, 2), (1400, 1404)]);
        assert_eq!((line, origin), (1, None));
        assert!(text.chars().count() <= WIDTH + 3 && text.starts_with('ä') && text.ends_with("…\n"), "{text}");
        assert_eq!(marked, ["", "ä", ""]);
        let (_, origin, text, marked) = excerpt(&long, &[(1000, 1004)]);
        assert_eq!(origin, Some((1, 501)));
        assert!(text.starts_with("…ä") && text.ends_with("z…\n"), "{text}");
        assert_eq!(marked, ["mark"]);
    }

    #[test]
    fn what_is_shown_is_harmless() {
        let (_, _, text, marked) = excerpt("a\u{1b}b", &[(2, 3)]);
        assert_eq!((text.as_str(), marked[0].as_str()), ("a\\u{1b}b\n", "b"));
    }
}
