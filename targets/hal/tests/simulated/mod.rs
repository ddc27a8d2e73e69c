//! A UART in loopback whose time is simulated, and wrong drivers of it.
#![allow(dead_code, reason = "each test uses a part")]

use std::{cell::RefCell, collections::VecDeque, fmt, rc::Rc};

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};
use oncilla::{Clock, Time};

/// The panic of a driver that would wait for ever.
pub const HANG: &str = "this driver hangs";

/// Microseconds that a byte takes at 115 200 baud.
const BYTE: u64 = 87;

/// The hardware.
#[derive(Clone, Copy, Debug)]
pub struct Chip {
    /// Bytes that wait to be sent, with the one that is being sent.
    pub sends: usize,
    /// Received bytes that are held.
    pub holds: usize,
}

impl Chip {
    /// Like a PL011.
    pub const FIFO: Self = Self { sends: 16, holds: 16 };
    /// Like an STM32F4's.
    pub const BARE: Self = Self { sends: 2, holds: 1 };
    /// With a ring that the interrupt fills.
    pub const RING: Self = Self { sends: 16, holds: 256 };
}

/// What the driver does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    None,
    ZeroWhileEmpty,
    AlwaysReady,
    LyingReady,
    NeverReady,
    SlowReady,
    ClaimsTooMuchRead,
    WritesBehind,
    DropsWhatDoesNotFit,
    FillsBuffer,
    WaitsForEmptyRead,
    WaitsForEmptyWrite,
    WritesZero,
    ClaimsTooMuchWritten,
    FlushesNothing,
    FlushHangs,
    WriteHangsWhenFull,
    SlowWrite,
    FailsToWrite,
    SevenBits,
    LineEnds,
    LosesEveryTenth,
    Doubles,
    ErrorStays,
}

/// What the clock does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    Stands,
    Wraps,
    Oversleeps,
}

#[derive(Debug)]
struct State {
    now: u64,
    chip: Chip,
    quirk: Quirk,
    sending: VecDeque<u8>,
    /// When the byte in front has left.
    sent_at: u64,
    received: VecDeque<u8>,
    overrun: bool,
    count: u64,
}

impl State {
    /// Lets time pass: bytes move from the transmitter to the receiver.
    fn pass(&mut self, micros: u64) {
        let end = self.now + micros;
        while !self.sending.is_empty() && self.sent_at <= end {
            let byte = self.sending.pop_front().unwrap();
            self.arrive(byte);
            self.sent_at += BYTE;
        }
        self.now = end;
    }

    fn arrive(&mut self, byte: u8) {
        self.count += 1;
        let byte = match self.quirk {
            Quirk::SevenBits => byte & 0x7f,
            Quirk::LineEnds if byte == b'\r' => b'\n',
            Quirk::LosesEveryTenth if self.count.is_multiple_of(10) => return,
            _ => byte,
        };
        for _ in 0..1 + usize::from(self.quirk == Quirk::Doubles) {
            if self.received.len() < self.chip.holds {
                self.received.push_back(byte);
            } else {
                self.overrun = true;
            }
        }
    }

    fn send(&mut self, byte: u8) {
        if self.sending.is_empty() {
            self.sent_at = self.now + BYTE;
        }
        self.sending.push_back(byte);
    }
}

/// The driver. Its clone is the same hardware.
#[derive(Clone, Debug)]
pub struct Uart(Rc<RefCell<State>>);

impl Uart {
    pub fn new(chip: Chip, quirk: Quirk) -> Self {
        let (sending, received) = Default::default();
        Self(Rc::new(RefCell::new(State {
            now: 0,
            chip,
            quirk,
            sending,
            sent_at: 0,
            received,
            overrun: false,
            count: 0,
        })))
    }

    fn quirk(&self) -> Quirk {
        self.0.borrow().quirk
    }

    fn pass(&self, micros: u64) {
        self.0.borrow_mut().pass(micros);
    }

    pub fn now(&self) -> u64 {
        self.0.borrow().now
    }

    /// Waits as a driver does that polls: for ever, if nothing happens.
    fn wait_until(&self, is_so: impl Fn(&State) -> bool) {
        for _ in 0..10_000 {
            if is_so(&self.0.borrow()) {
                return;
            }
            self.pass(1);
        }
        std::panic::panic_any(HANG);
    }

    // Without waiting, as the HALs' functions for single bytes.

    /// Takes a byte if one has arrived, or the error of an overrun.
    pub fn take(&mut self) -> Result<Option<u8>, Overrun> {
        self.pass(1);
        let mut state = self.0.borrow_mut();
        let stays = state.quirk == Quirk::ErrorStays;
        if state.received.is_empty() && state.overrun {
            state.overrun = stays;
            return Err(Overrun);
        }
        Ok(state.received.pop_front())
    }

    /// Sends a byte if there is room.
    pub fn put(&mut self, byte: u8) -> bool {
        self.pass(1);
        let mut state = self.0.borrow_mut();
        let room = state.sending.len() < state.chip.sends;
        if room {
            state.send(byte);
        }
        room
    }

    pub fn is_sent(&mut self) -> bool {
        self.pass(1);
        self.0.borrow().sending.is_empty()
    }

    pub fn has_room(&self) -> bool {
        self.pass(1);
        let state = self.0.borrow();
        state.sending.len() < state.chip.sends
    }

    pub fn has_received(&self) -> bool {
        self.pass(1);
        let state = self.0.borrow();
        !state.received.is_empty() || state.overrun
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun;

impl fmt::Display for Overrun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("overrun")
    }
}

impl std::error::Error for Overrun {}

impl embedded_io::Error for Overrun {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Uart {
    type Error = Overrun;
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Overrun> {
        Ok(match self.quirk() {
            Quirk::AlwaysReady | Quirk::LyingReady => {
                self.pass(1);
                true
            }
            Quirk::NeverReady => {
                self.pass(1);
                false
            }
            Quirk::SlowReady => {
                self.pass(50_000);
                self.has_received()
            }
            _ => self.has_received(),
        })
    }
}

impl Read for Uart {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Overrun> {
        let quirk = self.quirk();
        if into.is_empty() && quirk != Quirk::WaitsForEmptyRead {
            return Ok(0);
        }
        if matches!(quirk, Quirk::ZeroWhileEmpty | Quirk::AlwaysReady) && !self.has_received() {
            return Ok(0);
        }
        let least = if quirk == Quirk::FillsBuffer { into.len() } else { 1 };
        self.wait_until(|state| state.received.len() >= least || state.overrun);
        let mut count = 0;
        while count < into.len() {
            match self.take() {
                Ok(Some(byte)) => into[count] = byte,
                Ok(None) => break,
                Err(error) if count == 0 => return Err(error),
                Err(_) => {
                    // It is not forgotten: the next call returns it.
                    self.0.borrow_mut().overrun = true;
                    break;
                }
            }
            count += 1;
        }
        if quirk == Quirk::DropsWhatDoesNotFit {
            self.0.borrow_mut().received.clear();
        }
        if quirk == Quirk::WritesBehind && count < into.len() {
            into[count] = 0;
        }
        Ok(if quirk == Quirk::ClaimsTooMuchRead { into.len() + 1 } else { count })
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Overrun> {
        let quirk = self.quirk();
        match quirk {
            Quirk::FailsToWrite => return Err(Overrun),
            Quirk::WaitsForEmptyWrite => return Ok(1),
            Quirk::ClaimsTooMuchWritten => return Ok(bytes.len() + 1),
            _ => {}
        }
        let Some((&first, rest)) = bytes.split_first() else { return Ok(0) };
        if !self.put(first) {
            match quirk {
                Quirk::WritesZero => return Ok(0),
                Quirk::WriteHangsWhenFull => std::panic::panic_any(HANG),
                _ => {}
            }
            self.wait_until(|state| state.sending.len() < state.chip.sends);
            self.put(first);
        }
        if quirk == Quirk::SlowWrite {
            self.pass(50_000);
        }
        // What fits in the FIFO.
        Ok(1 + rest.iter().take_while(|byte| self.put(**byte)).count())
    }

    fn flush(&mut self) -> Result<(), Overrun> {
        match self.quirk() {
            Quirk::FlushesNothing => return Ok(()),
            Quirk::FlushHangs => std::panic::panic_any(HANG),
            _ => {}
        }
        self.wait_until(|state| state.sending.is_empty());
        Ok(())
    }
}

/// A clock of the simulated time.
#[derive(Debug)]
pub struct Clockwork {
    uart: Uart,
    wrong: Wrong,
}

impl Clockwork {
    pub fn new(uart: &Uart, wrong: Wrong) -> Self {
        Self { uart: uart.clone(), wrong }
    }
}

impl Clock for Clockwork {
    fn now(&mut self) -> Time {
        self.uart.pass(1);
        let now = self.uart.now();
        Time::from_micros(match self.wrong {
            Wrong::Stands => 5,
            Wrong::Wraps => now % 1_000,
            _ => now,
        })
    }

    fn idle(&mut self, until: Time) {
        let late = if self.wrong == Wrong::Oversleeps { 100_000 } else { 0 };
        let left = (until.as_micros() + late).saturating_sub(self.uart.now());
        // Wakes up for each byte, as by an interrupt.
        for _ in 0..left.min(late.max(BYTE)) {
            self.uart.pass(1);
        }
    }
}
