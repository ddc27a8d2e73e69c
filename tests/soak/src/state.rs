//! How far a soak is, in a file: a soak that was stopped continues there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::figures::Figures;

/// The time between two writes of the file.
const PERIOD: Duration = Duration::from_secs(10);

/// What is written to the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    calls: u64,
    seed: u64,
    /// The courses that are done, from the first on.
    courses: usize,
    /// What came of them, by line.
    lines: BTreeMap<String, Figures>,
}

/// The courses that are done.
#[derive(Debug)]
pub struct State {
    written: Written,
    /// Courses that are done before an earlier one, by number. They are not written.
    ahead: BTreeMap<usize, (&'static str, Figures)>,
    file: Option<(PathBuf, Instant)>,
}

impl State {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// The file cannot be read, or is of another soak.
    pub fn read(calls: u64, seed: u64, file: Option<&Path>) -> Result<Self, String> {
        let fresh = Written { calls, seed, ..Written::default() };
        let written = match file.map(fs::read) {
            Some(Ok(text)) => {
                let read: Written = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
                if (read.calls, read.seed) != (calls, seed) {
                    return Err(format!(
                        "the file is of a soak of {} calls with seed {}; continue that one, or name another file",
                        read.calls, read.seed
                    ));
                }
                read
            }
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => fresh,
        };
        let file = file.map(|file| (file.to_owned(), Instant::now()));
        Ok(Self { written, ahead: BTreeMap::new(), file })
    }

    /// Returns the number of courses that need not be run again.
    pub fn courses(&self) -> usize {
        self.written.courses
    }

    /// Returns the calls of all courses that are done.
    pub fn calls(&self) -> u64 {
        let ahead = self.ahead.values().map(|(_, figures)| figures);
        self.written.lines.values().chain(ahead).map(|figures| figures.calls).sum()
    }

    /// Adds a course. Writes the file now and then.
    pub fn add(&mut self, course: usize, line: &'static str, figures: Figures) -> io::Result<()> {
        self.ahead.insert(course, (line, figures));
        while let Some((line, figures)) = self.ahead.remove(&self.written.courses) {
            *self.written.lines.entry(line.to_owned()).or_default() += &figures;
            self.written.courses += 1;
        }
        match &mut self.file {
            Some((_, last)) if last.elapsed() >= PERIOD => {
                *last = Instant::now();
                self.write()
            }
            _ => Ok(()),
        }
    }

    /// Writes the file.
    pub fn write(&self) -> io::Result<()> {
        let Some((file, _)) = &self.file else { return Ok(()) };
        // A stop while it is written must not cost what was there.
        let new = file.with_extension("new");
        fs::write(&new, serde_json::to_vec(&self.written)?)?;
        fs::rename(new, file)
    }

    /// Returns the figures of each line.
    pub fn into_lines(self) -> BTreeMap<String, Figures> {
        self.written.lines
    }
}
