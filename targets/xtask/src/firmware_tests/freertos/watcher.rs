//! The host that the firmware's client task calls: it receives reports and returns whether a task must
//! spin.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use oncilla::{Link, Received, Served, Table, Time, Transport, framing::Cobs};

use crate::qemu::Board;
use oncilla_firmware_tests::watch::{Report, watch};

static TABLE: Table<Seen> = oncilla::table![watch::program()];

/// The time limit for a slow machine. The firmware reports about fifty times a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the server takes at most to notice that it must stop.
const LOOK: Duration = Duration::from_millis(50);

/// What was reported.
#[derive(Default)]
struct Seen {
    reports: u32,
    last: Option<Report>,
    /// The setting that is sent to the firmware.
    spin: bool,
}

impl watch::Service for Seen {
    fn report(&mut self, report: Report) -> bool {
        self.reports += 1;
        self.last = Some(report);
        self.spin
    }
}

/// Reads what the firmware's client sends and never replies, until the board stops.
///
/// Without a reader, QEMU and so the whole firmware would block: about 280 bytes fill its socket, because each byte is
/// sent alone.
pub fn silent(board: &Board) -> Result<()> {
    let mut socket = board.socket_of::<Cobs>(1)?;
    thread::spawn(move || while matches!(socket.receive(&mut [0; 256], Time::NEVER), Ok(Received::Bytes(_))) {});
    Ok(())
}

/// A server in its own thread. It stops when this value is dropped.
pub struct Watcher {
    seen: Arc<Mutex<Seen>>,
    /// The server must continue.
    wanted: Arc<Mutex<bool>>,
    server: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Serves the board's second port.
    pub fn of(board: &Board) -> Result<Self> {
        let mut link = Link::new(board.socket_of::<Cobs>(1)?, vec![0; 256], vec![0; 256]);
        let seen = Arc::<Mutex<Seen>>::default();
        let wanted = Arc::new(Mutex::new(true));
        let (shared, lasting) = (Arc::clone(&seen), Arc::clone(&wanted));
        let server = thread::spawn(move || {
            while *locked(&lasting) {
                let deadline = link.transport().now().after(LOOK);
                let served = link.serve_next_locking(&mut (), &TABLE, || locked(&shared), deadline);
                // The board is gone. The thread that waits for its reports reports that.
                if !matches!(served, Ok(Served::Message | Served::TimeUp)) {
                    break;
                }
            }
        });
        Ok(Self { seen, wanted, server: Some(server) })
    }

    /// Returns the number of reports received.
    pub fn reports(&self) -> u32 {
        locked(&self.seen).reports
    }

    /// Waits for a report that was made after this call.
    pub fn report(&self) -> Result<Report> {
        let (start, before) = (Instant::now(), self.reports());
        while start.elapsed() < PATIENCE {
            let seen = locked(&self.seen);
            // The next may have been on its way.
            if let Some(last) = seen.last.as_ref().filter(|_| seen.reports >= before + 2) {
                return Ok(last.clone());
            }
            drop(seen);
            thread::sleep(Duration::from_millis(2));
        }
        bail!("the firmware did not report within {PATIENCE:?}; it did {before} times before")
    }

    /// Makes the firmware's lowest task spin or not, and waits until it does.
    pub fn set_spinning(&self, spin: bool) -> Result<()> {
        locked(&self.seen).spin = spin;
        let start = Instant::now();
        let mut rounds = self.report()?.rounds;
        loop {
            let later = self.report()?.rounds;
            if (later != rounds) == spin {
                return Ok(());
            }
            rounds = later;
            ensure!(start.elapsed() < PATIENCE, "the lowest task did not change to spin = {spin}");
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        *locked(&self.wanted) = false;
        // A panic there has been told on the error stream.
        let _ = self.server.take().map(JoinHandle::join);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
