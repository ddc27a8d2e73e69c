//! What the firmware with keys serves, on each of its carriers.

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use oncilla::Table;
use oncilla::keys::{Accepts, Key, KeyId, Side};
use oncilla::message::{AuthStatus, Call};
use oncilla_firmware_tests::keyed::{KEYS, NUMBERS, PAGE, RIGHTS, digest, guarded, payload};
use oncilla_lm3s6965evb::kept;

kept! {
    // How often each call was executed.
    static DONE: [AtomicU8; NUMBERS];
    // The number that the first of these counts is for.
    static FIRST: AtomicU32;
    // Executions of calls that nobody should have made.
    static STRAY: AtomicU32;
}

/// The table. Each key has its own rights.
pub static TABLE: Table<Device> = oncilla::table![guarded::program()].authorize(authorize);

/// The end of the link: one place for each key.
pub type Accepting = Accepts<&'static [Key; 2], 2>;

/// Creates the end of the link of one carrier. The start differs after each reset and on each carrier.
#[must_use]
pub fn accepts(boot: u32, carrier: u8) -> Accepting {
    let [a, b, c, d] = boot.to_be_bytes();
    Accepts::new(Side::Device, &KEYS, [a, b, c, d, carrier, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], boot)
}

fn authorize(device: &mut Device, call: &Call<'_>) -> Result<(), AuthStatus> {
    device.caller = call.key();
    RIGHTS.check(call)
}

/// The state of the device.
pub struct Device {
    /// The key of the present call.
    caller: Option<KeyId>,
    page: [u8; PAGE],
    /// Whether to print after the reply.
    prints: bool,
    /// What to log after the reply.
    logs: Option<u32>,
}

impl Device {
    /// Creates the state at start.
    #[expect(clippy::new_without_default, reason = "there is one device")]
    #[must_use]
    pub const fn new() -> Self {
        Self { caller: None, page: [0; PAGE], prints: false, logs: None }
    }

    /// Returns whether to print now. Later calls return `false` until it was asked for again.
    pub const fn take_print(&mut self) -> bool {
        core::mem::replace(&mut self.prints, false)
    }

    /// Returns what to log now, as [`take_print`](Self::take_print) does.
    pub const fn take_log(&mut self) -> Option<[u8; 4]> {
        match self.logs.take() {
            Some(log) => Some(log.to_be_bytes()),
            None => None,
        }
    }
}

/// Counts an execution.
fn execute(number: u32) {
    let place = number.checked_sub(FIRST.get().load(Relaxed));
    match place.and_then(|place| DONE.get().get(place as usize)) {
        Some(times) => times.store(times.load(Relaxed).saturating_add(1), Relaxed),
        None => stray(),
    }
}

/// Counts an execution of what nobody should have called. Not by an atomic addition, as there is one thread.
fn stray() {
    STRAY.get().store(STRAY.get().load(Relaxed).saturating_add(1), Relaxed);
}

impl guarded::Service for Device {
    fn once(&mut self, number: u32, data: &[u8]) -> u32 {
        execute(number);
        if !payload(number).take(data.len()).eq(data.iter().copied()) {
            stray();
        }
        digest(number, data)
    }

    fn push(&mut self, number: u32) {
        execute(number);
    }

    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }

    fn done(&mut self, first: u32) -> &[u8] {
        for (place, times) in self.page.iter_mut().zip(DONE.get().iter().skip(first as usize)) {
            *place = times.load(Relaxed);
        }
        &self.page
    }

    fn begin(&mut self) {
        self.expect(0);
    }

    fn who(&mut self) -> u32 {
        self.caller.map_or(0, |key| key.0.into())
    }

    fn print(&mut self) {
        self.prints = true;
    }

    fn expect(&mut self, first: u32) {
        DONE.get().iter().for_each(|times| times.store(0, Relaxed));
        FIRST.get().store(first, Relaxed);
        STRAY.get().store(0, Relaxed);
    }

    fn stray(&mut self) -> u32 {
        STRAY.get().load(Relaxed)
    }

    fn note(&mut self, number: u32, log: u32) {
        execute(number);
        self.logs = Some(log);
    }
}
