//! Recordings: calls and their outcomes, written and read again.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use oncilla::ProcedureId;
use oncilla_dynamic::{Interface, Procedure};
use serde_json::Value;

use super::fault::Fault;
use super::record::{BYTES, Record};
use crate::failure::{Done, Failure};
use crate::input;

/// The largest recording that is read, in bytes.
const FILE_MAX: u64 = 256 << 20;

/// A file to which records are appended, one a line.
pub struct Recorder {
    path: PathBuf,
    file: Mutex<File>,
}

impl Recorder {
    /// Creates the file, and replaces one that exists.
    pub fn create(path: &Path) -> Done<Self> {
        let file = File::create(path).map_err(|error| Failure::file("create the recording", path, &error))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Appends a record, at once and whole.
    pub fn write(&self, record: &Record) -> Done {
        let line = format!("{}\n", record.json());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).map_err(|error| {
            Failure::writing("write the recording", &self.path, &error)
                .help("the recording has the calls before this one")
        })
    }
}

/// The outcome of calls that are not in the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Unknown {
    /// The refusal SYSTEM_ERR
    Fault,
    /// The outcome of the recorded call of this procedure whose encoded arguments differ least
    Nearest,
}

/// A recording that is replayed.
pub struct Recording {
    /// The outcomes by procedure and encoded arguments, in the order of the recording.
    calls: HashMap<(ProcedureId, Vec<u8>), Got>,
    unknown: Unknown,
}

#[derive(Default)]
struct Got {
    outcomes: Vec<Result<Value, Fault>>,
    /// The number of outcomes that were returned.
    returned: usize,
}

impl Got {
    /// Returns the next outcome, or the last one again.
    fn next(&mut self) -> Option<Result<Value, Fault>> {
        let place = self.returned.min(self.outcomes.len().checked_sub(1)?);
        self.returned = place + 1;
        self.outcomes.get(place).cloned()
    }
}

impl Recording {
    /// Reads a recording, and checks it against the interface.
    ///
    /// Records of other interfaces are left out, and counted. It is an error if no record is left.
    pub fn read(path: &Path, interface: &Interface, unknown: Unknown) -> Done<(Self, usize)> {
        let text = input::text("read the recording", path, FILE_MAX)?;
        let mut recording = Self { calls: HashMap::new(), unknown };
        let mut others = 0;
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |what: String| Failure::usage(format_args!("{}:{}: {what}", path.display(), index + 1));
            let record: Value =
                serde_json::from_str(line).map_err(|error| wrong(format!("this is not JSON: {error}")))?;
            // The stand-in answers this call by itself, as it did before.
            if record.get(BYTES).is_some() {
                continue;
            }
            let name = part(&record, "procedure").map_err(wrong)?.as_str().unwrap_or_default();
            let Ok(procedure) = interface.procedure(name) else {
                others += 1;
                continue;
            };
            let arguments = part(&record, "arguments").map_err(wrong)?;
            let arguments = procedure
                .encode_arguments(arguments)
                .map_err(|error| wrong(format!("the arguments do not fit the interface: {error}")))?;
            let outcome = outcome(procedure, &record).map_err(wrong)?;
            recording.calls.entry((procedure.id(), arguments)).or_default().outcomes.push(outcome);
        }
        if others > 0 && recording.calls.is_empty() {
            let what = format!("{}: none of the {others} records is of this interface", path.display());
            return Err(Failure::usage(what).help("give the interface of the device whose calls were recorded"));
        }
        Ok((recording, others))
    }

    /// Returns the outcome of a call, and a note unless the same call was recorded.
    pub fn next(&mut self, id: ProcedureId, arguments: &[u8]) -> (Result<Value, Fault>, Option<&'static str>) {
        if let Some(outcome) = self.calls.get_mut(&(id, arguments.to_vec())).and_then(Got::next) {
            return (outcome, None);
        }
        let refused = Err(Fault::Refused(oncilla::Refusal::SystemError));
        if self.unknown == Unknown::Fault {
            return (refused, Some("not recorded"));
        }
        let others = self.calls.iter_mut().filter(|((procedure, _), _)| *procedure == id);
        // Of several at the same distance the first in order, so that each run is the same.
        let nearest = others.min_by(|((_, one), _), ((_, other), _)| {
            (difference(one, arguments), one).cmp(&(difference(other, arguments), other))
        });
        match nearest.and_then(|(_, got)| got.next()) {
            Some(outcome) => (outcome, Some("nearest recorded")),
            None => (refused, Some("procedure not recorded")),
        }
    }
}

/// Returns in how many bytes two messages differ, and by how much.
fn difference(one: &[u8], other: &[u8]) -> (usize, u64) {
    let bytes = || one.iter().zip(other).filter(|(one, other)| one != other);
    let by = bytes().map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    (bytes().count() + one.len().abs_diff(other.len()), by)
}

fn part<'r>(record: &'r Value, name: &str) -> Result<&'r Value, String> {
    record.get(name).ok_or_else(|| format!("the record has no `{name}`; each line of `oncilla serve --record` has one"))
}

fn outcome(procedure: Procedure<'_>, record: &Value) -> Result<Result<Value, Fault>, String> {
    if let Some(fault) = record.get("fault") {
        let name = fault.as_str().unwrap_or_default();
        return Fault::parse(name)
            .map(Err)
            .ok_or_else(|| format!("{fault} is not a fault; write for example SYSTEM_ERR"));
    }
    let result = part(record, "result")?;
    let fits = procedure.encode_results(result);
    fits.map(|_| Ok(result.clone())).map_err(|error| format!("the result does not fit the interface: {error}"))
}
