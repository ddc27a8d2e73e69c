//! Prints pieces of the log with their times, and writes them to a file.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::ZonedDateTime;
use serde_json::{Value, json};

use super::lines::{Level, Lines};
use super::pieces::Piece;
use crate::failure::{Done, Failure};
use crate::output::{Output, WEAK};

/// The most bytes of noise that are shown.
const SHOWN: usize = 32;

/// Prints what a device sends.
pub struct Printer {
    output: Output,
    file: Option<(PathBuf, File)>,
    lines: Lines,
    /// The line in the clear, on a link with a key.
    clear: Lines,
    /// Lines of text and pieces of binary log that were printed.
    pub count: u64,
}

impl Printer {
    /// Also appends the output to `file`.
    pub fn new(output: Output, file: Option<&Path>) -> Done<Self> {
        let open = |path: &Path| match OpenOptions::new().create(true).append(true).open(path) {
            Ok(file) => Ok((path.to_owned(), file)),
            Err(error) => Err(Failure::file("write the log to", path, &error)),
        };
        Ok(Self {
            output,
            file: file.map(open).transpose()?,
            lines: Lines::default(),
            clear: Lines::default(),
            count: 0,
        })
    }

    /// Prints a piece. Text waits for the end of its line.
    pub fn piece(&mut self, piece: Piece) -> Done {
        let Piece::Text(text) = piece else {
            if let Piece::Clear(text) = piece {
                let mut lines = std::mem::take(&mut self.clear);
                let done = lines.add(&text, |line| self.clear_line(line));
                self.clear = lines;
                return done;
            }
            self.end_line()?;
            return match piece {
                Piece::Text(_) | Piece::Clear(_) => Ok(()),
                Piece::Log(bytes) => {
                    self.count += 1;
                    let hex = hex(&bytes);
                    self.print("log", None, &format!("log {hex}"), &[("hex", json!(hex))])
                }
                Piece::Message(length) => {
                    self.output.detail(format_args!("a message of {length} bytes"));
                    Ok(())
                }
                Piece::Dropped(bytes) => self.dropped(&bytes),
            };
        };
        let mut lines = std::mem::take(&mut self.lines);
        let done = lines.add(&text, |line| self.line(line));
        self.lines = lines;
        done
    }

    /// Prints the line that waits for its end.
    pub fn end_line(&mut self) -> Done {
        std::mem::take(&mut self.lines).end(|line| self.line(line))?;
        std::mem::take(&mut self.clear).end(|line| self.clear_line(line))
    }

    /// Returns whether a line waits for its end.
    pub fn is_amid(&self) -> bool {
        self.lines.is_amid() || self.clear.is_amid()
    }

    /// Prints bytes as they come, harmless to a terminal. `text` is whole characters.
    pub fn raw(&mut self, text: &str) -> Done {
        let text = oncilla_rpcgen::harmless(text);
        self.write(text.as_bytes())?;
        self.output.bytes(text.as_bytes())
    }

    /// Prints the loss of a connection, or a reconnection.
    pub fn event(&mut self, kind: &str, what: &str) -> Done {
        self.end_line()?;
        if self.output.json {
            return self.print(kind, None, what, &[("text", json!(what))]);
        }
        self.write(format!("--- {what}\n").as_bytes())?;
        self.output.note(format_args!("{WEAK}--- {what}{WEAK:#}"));
        Ok(())
    }

    fn line(&mut self, line: &str) -> Done {
        self.count += 1;
        self.print("text", Level::of(line), line, &[("text", json!(line))])
    }

    /// Prints a line that came in the clear, on a link with a key: anybody on the way can have written it.
    fn clear_line(&mut self, line: &str) -> Done {
        self.count += 1;
        let text = format!("(in the clear) {line}");
        self.print("text", Level::of(line), &text, &[("text", json!(line)), ("clear", json!(true))])
    }

    fn dropped(&mut self, bytes: &[u8]) -> Done {
        let shown = hex(bytes.get(..SHOWN).unwrap_or(bytes));
        let more = if bytes.len() > SHOWN { " …" } else { "" };
        let text = format!("{} bytes are not a message: {shown}{more}", bytes.len());
        self.print("dropped", None, &text, &[("bytes", json!(bytes.len())), ("hex", json!(shown))])
    }

    /// Prints a line with the present time.
    fn print(&mut self, kind: &str, level: Option<Level>, text: &str, fields: &[(&str, Value)]) -> Done {
        let now = ZonedDateTime::now();
        if self.output.json {
            let mut value = json!({"time": now.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string(), "kind": kind});
            if let Some(object) = value.as_object_mut() {
                let level = level.map(|level| ("level", json!(level.name())));
                object.extend(level.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), value.clone())));
            }
            self.write(format!("{value}\n").as_bytes())?;
            return self.output.value(&value);
        }
        let time = now.strftime("%H:%M:%S%.3f");
        self.write(format!("{} {text}\n", now.strftime("%Y-%m-%d %H:%M:%S%.3f")).as_bytes())?;
        match level.map(Level::style).or((kind != "text").then_some(WEAK)) {
            Some(style) => self.output.line(format_args!("{WEAK}{time}{WEAK:#} {style}{text}{style:#}")),
            None => self.output.line(format_args!("{WEAK}{time}{WEAK:#} {text}")),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Done {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        file.write_all(bytes).map_err(|error: io::Error| Failure::writing("write the log to", path, &error))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
