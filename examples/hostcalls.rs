//! A sensor on a serial line calls its host for the time, for its configuration file and to have lines noted down,
//! while the host calls it for its measurements; and what it prints comes on the same line and is shown here.
//!
//! ```text
//! cargo xtask demo                              # the sensor is firmware in QEMU
//! cargo run --example hostcalls                 # both are threads of this process
//! cargo run --example hostcalls /dev/ttyUSB0    # the sensor is on a serial port, or a Unix socket of QEMU
//! ```
//!
//! What the two ends call each other by, and all the sensor does, is in `examples/hostcalls/src`.

use std::error::Error;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, io, thread};

use oncilla::framing::Serial;
use oncilla::{Beside, CallError, Endpoint, ReplayCache, Served, Table, Transport};
use oncilla_host::{Connector, Socket, harmless};
use oncilla_hostcalls::{FileError, MESSAGE_MAX, PIECE_MAX, Piece, Sensor, device, host};

/// From one look at the sensor to the next.
const LOOK: Duration = Duration::from_millis(60);

/// What the host serves from.
pub struct Host {
    files: PathBuf,
    file: Vec<u8>,
    pub notes: Vec<String>,
}

impl host::Service for Host {
    fn time(&mut self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
    }

    fn read(&mut self, file: &str, offset: u32) -> Result<Piece<'_>, FileError> {
        // A name and not a path: nothing outside the folder can be read.
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

/// The host's end of a line. It remembers its last replies: a call that the sensor sends again is carried out once.
pub type End<T> = Endpoint<Host, T, Box<[u8]>, ReplayCache<4, { TABLE.reply_max() }>>;

/// The host's end, serving the files of a folder.
pub fn end<T: Transport<Framing = Serial>>(line: T, files: &Path) -> End<T> {
    let host = Host { files: files.to_owned(), file: Vec::new(), notes: Vec::new() };
    let connector = Connector::new().buffer(Serial::buffer(MESSAGE_MAX));
    connector.endpoint(line, &TABLE, host).with_replay(ReplayCache::new())
}

/// Shows what comes beside calls.
pub fn show(what: Beside<'_>) {
    if let Beside::Text(text) = what {
        // Where it goes is not the sensor's concern.
        let _ = io::stdout().write_all(harmless(&String::from_utf8_lossy(text)).as_bytes());
    }
}

/// Looks at the sensor so many times, and serves it in between. Half way it is told to read its configuration again.
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

/// Serves for a while. Gives whether the sensor has restarted meanwhile.
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

/// Both ends in this process.
fn alone(files: &Path) -> Result<(), Box<dyn Error>> {
    let (near, far) = UnixStream::pair()?;
    let sensor = thread::spawn(move || {
        let endpoint = Connector::new().endpoint(Socket::from(far), &oncilla_hostcalls::TABLE, Sensor::default());
        oncilla_hostcalls::run(&mut endpoint.with_replay(ReplayCache::<4, 64>::new()))
    });
    look(&mut end(Socket::from(near).with_log(show), files), 6)?;
    // The line was closed, perhaps amid a call of the sensor.
    let _ = sensor.join().expect("the sensor does not panic");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // The files that the sensor may read.
    let files = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hostcalls/files"));
    let Some(port) = env::args().nth(1) else { return alone(files) };
    match UnixStream::connect(&port) {
        Ok(qemu) => look(&mut end(Socket::from(qemu).with_log(show), files), u32::MAX)?,
        Err(_) => look(&mut end(oncilla_host::Serial::open(&port, 115_200)?.with_log(show), files), u32::MAX)?,
    }
    Ok(())
}
