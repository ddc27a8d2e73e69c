//! Joins pieces of text to lines, and finds their levels.

use anstyle::Style;
use oncilla_rpcgen::harmless;

use crate::output::{BAD, GOOD, WARN, WEAK};

/// The largest part of a line that waits for its end, in bytes.
const LINE_MAX: usize = 4096;

/// How many bytes of a line are searched for its level.
const HEAD: usize = 16;

/// The level of a line, by the word at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Error,
    Warning,
    Information,
    Debug,
}

impl Level {
    /// Returns the level that a line states: `ERROR: …`, `[warn] …`, `W (123) wifi: …`.
    pub fn of(line: &str) -> Option<Self> {
        // Without the brackets and the colours around the word.
        let head = line.trim_start_matches(|character: char| !character.is_ascii_alphabetic());
        let before = line.len() - head.len();
        let word = head.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
        let rest = head.get(word.len()..).unwrap_or_default();
        if before > HEAD {
            return None;
        }
        // A letter alone is a level only as ESP-IDF and Android write it.
        let is_letter = before == 0 && (rest.starts_with(" (") || rest.starts_with('/'));
        match word.to_ascii_uppercase().as_str() {
            "ERROR" | "ERR" | "FATAL" | "PANIC" | "CRITICAL" | "CRIT" | "EMERG" | "ALERT" => Some(Self::Error),
            "WARNING" | "WARN" | "WRN" => Some(Self::Warning),
            "INFO" | "INF" | "NOTICE" => Some(Self::Information),
            "DEBUG" | "DBG" | "TRACE" | "VERBOSE" => Some(Self::Debug),
            "E" | "F" if is_letter => Some(Self::Error),
            "W" if is_letter => Some(Self::Warning),
            "I" if is_letter => Some(Self::Information),
            "D" | "V" if is_letter => Some(Self::Debug),
            _ => None,
        }
    }

    /// Returns its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "info",
            Self::Debug => "debug",
        }
    }

    /// Returns its colour.
    pub const fn style(self) -> Style {
        match self {
            Self::Error => BAD,
            Self::Warning => WARN,
            Self::Information => GOOD,
            Self::Debug => WEAK,
        }
    }
}

/// Joins pieces of text to lines.
#[derive(Debug, Default)]
pub struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// Adds a piece, and passes each complete line without its end.
    ///
    /// Lines are harmless to a terminal.
    pub fn add<E>(&mut self, text: &[u8], mut each: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        for part in text.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() >= LINE_MAX {
                self.end(&mut each)?;
            }
        }
        Ok(())
    }

    /// Passes a line without an end: a prompt, or text before a loss.
    pub fn end<E>(&mut self, mut each: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        if self.line.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        each(&harmless(text.trim_end_matches(['\r', '\n'])))
    }

    /// Returns whether a line has begun.
    pub fn is_amid(&self) -> bool {
        !self.line.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_at_the_head_of_a_line() {
        for (line, level) in [
            ("ERROR: no sensor", Some(Level::Error)),
            ("[warn] hot", Some(Level::Warning)),
            ("<info> ready", Some(Level::Information)),
            ("E (123) wifi: gone", Some(Level::Error)),
            ("W/heater: on", Some(Level::Warning)),
            ("[    1.234567] INFO up", Some(Level::Information)),
            ("\\u{1b}[31mhot", None),
            ("A wasp", None),
            ("I am ready", None),
            ("errors: 0", None),
            ("no error", None),
            ("", None),
        ] {
            assert_eq!(Level::of(line), level, "{line}");
        }
    }

    #[test]
    fn pieces_are_joined_to_lines() {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in [&b"rea"[..], b"dy\r\nsec", b"ond\n\n\x1b[2J", b"> "] {
            let each = |line: &str| {
                found.push(line.to_owned());
                Ok::<_, ()>(())
            };
            lines.add(piece, each).unwrap();
        }
        assert_eq!(found, ["ready", "second", ""]);
        assert!(lines.is_amid());
        let each = |line: &str| {
            assert_eq!(line, "\\u{1b}[2J> ");
            Ok::<_, ()>(())
        };
        lines.end(each).unwrap();
        assert!(!lines.is_amid());
    }

    #[test]
    fn endless_lines_take_no_memory() {
        let mut lines = Lines::default();
        let mut count = 0;
        for _ in 0..100 {
            let each = |_: &str| {
                count += 1;
                Ok::<_, ()>(())
            };
            lines.add(&[b'a'; 1000], each).unwrap();
        }
        assert!(count >= 20 && lines.line.len() < LINE_MAX, "{count}");
    }
}
