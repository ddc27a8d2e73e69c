//! The host's program: serves the sensor and calls it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use crate::{FileError, MESSAGE_MAX, PIECE_MAX, Piece, device, host};
use oncilla::framing::Serial;
use oncilla::{Beside, CallError, Endpoint, ReplayCache, Served, Table, Transport};
use oncilla_host::{Connector, harmless};

/// The time between two calls of the sensor.
const LOOK: Duration = Duration::from_millis(60);

/// The state of the host's service.
pub struct Host {
    files: PathBuf,
    file: Vec<u8>,
    /// The lines that the sensor noted.
    pub notes: Vec<String>,
}

impl host::Service for Host {
    fn time(&mut self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
    }

    fn read(&mut self, file: &str, offset: u32) -> Result<Piece<'_>, FileError> {
        // A name without a path: no file outside the folder can be read.
        if file.contains('/') {
            return Err(FileError::NotFound);
        }
        self.file = fs::read(self.files.join(file)).map_err(|_| FileError::NotFound)?;
        let rest = self.file.get(offset as usize..).unwrap_or_default();
        Ok(Piece { bytes: &rest[..rest.len().min(PIECE_MAX)] })
    }

    fn note(&mut self, line: &str) -> u32 {
        self.notes.push(line.to_owned());
        self.notes.len() as u32
    }
}

static TABLE: Table<Host> = oncilla::table![host::program()];

/// The host's endpoint. Its replay cache answers a call that the sensor retransmits, so that it is executed once.
pub type End<T> = Endpoint<Host, T, Box<[u8]>, ReplayCache<4, { TABLE.reply_max() }>>;

/// Returns the host's endpoint, which serves the files of a folder.
pub fn end<T: Transport<Framing = Serial>>(line: T, files: &Path) -> End<T> {
    let host = Host { files: files.to_owned(), file: Vec::new(), notes: Vec::new() };
    let connector = Connector::new().message_max(MESSAGE_MAX);
    connector.endpoint(line, &TABLE, host).with_replay(ReplayCache::new())
}

/// Prints text that arrives beside messages.
pub fn show(what: Beside<'_>) {
    if let Beside::Text(text) = what {
        // A closed standard output must not stop the host.
        let _ = io::stdout().write_all(harmless(&String::from_utf8_lossy(text)).as_bytes());
    }
}

/// Calls the sensor `times` times, and serves it in between. Halfway, makes it read its configuration again.
pub fn look<T: Transport<Framing = Serial>>(end: &mut End<T>, times: u32) -> Result<(), CallError<T::Error>> {
    let mut shown = end.state().notes.len();
    for i in 0..times {
        if i == times / 2 {
            device::Client::new(&mut *end).reload()?;
        }
        println!("host: {:?}", device::Client::new(&mut *end).sample()?);
        if serve(end, LOOK)? {
            println!("host: the sensor has restarted");
        }
        for note in &end.state().notes[shown..] {
            println!("host: noted {note:?}");
        }
        shown = end.state().notes.len();
    }
    Ok(())
}

/// Serves for `time`. Returns whether the sensor has restarted meanwhile.
pub fn serve<T: Transport<Framing = Serial>>(end: &mut End<T>, time: Duration) -> Result<bool, CallError<T::Error>> {
    let until = end.link().transport().now().after(time);
    let mut restarted = false;
    loop {
        match end.serve_next(until)? {
            Served::Message => {}
            Served::Restart => restarted = true,
            Served::TimeUp => return Ok(restarted),
            Served::End => return Err(CallError::Closed),
        }
    }
}
