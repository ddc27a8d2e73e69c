//! The line under test: sends and reads with limits.

use core::time::Duration;

use embedded_io::{Read, ReadReady, Write};
use oncilla::Clock;

use super::{BURST, Baud, Fault, Report};

/// Consecutive errors after which a driver is said not to recover. Each lost byte may be one error.
const ERRORS: usize = 2 * BURST;

/// A UART in loopback with a clock, and the report so far.
pub(super) struct Wire<'a, U, C> {
    pub uart: &'a mut U,
    pub clock: &'a mut C,
    pub report: Report,
    byte: Duration,
}

impl<'a, U: Read + ReadReady + Write, C: Clock> Wire<'a, U, C> {
    pub fn new(uart: &'a mut U, clock: &'a mut C, baud: Baud) -> Self {
        let byte = Duration::from_micros(10_000_000_u64.div_ceil(u64::from(baud.0.max(1))));
        Self { uart, clock, report: Report::default(), byte }
    }

    /// The time that a byte takes.
    pub fn byte(&self) -> Duration {
        self.byte
    }

    /// The time within which firmware reacts: an interrupt, a tick of 10 ms and some bytes.
    pub fn tolerance(&self) -> Duration {
        Duration::from_millis(11) + self.byte * 2
    }

    pub fn fault(&mut self, fault: Fault) {
        self.report.add(fault);
    }

    /// Adds a fault after which no other step makes sense.
    pub fn hopeless(&mut self, fault: Fault) {
        self.report.add(fault);
        self.report.end();
    }

    /// Waits for the time of some bytes. Does not use `idle`, which is under test.
    pub fn pause(&mut self, bytes: u32) {
        let until = self.clock.now().after(self.byte * bytes);
        while self.clock.now() < until {}
    }

    pub fn is_ready(&mut self) -> bool {
        // A driver may report the error of a lost byte here, once for each.
        let answers = core::iter::repeat_with(|| self.uart.read_ready());
        answers.take(ERRORS).find_map(Result::ok).unwrap_or(true)
    }

    /// Waits until something can be read, for the time of the longest burst at most.
    pub fn wait_ready(&mut self) -> bool {
        let until = self.clock.now().after(self.byte * 8 + self.tolerance() * 4);
        loop {
            if self.is_ready() {
                return true;
            }
            if self.clock.now() >= until {
                return false;
            }
        }
    }

    /// Reads once, when something is ready. Returns what was read.
    pub fn read<'b>(&mut self, into: &'b mut [u8]) -> Option<&'b [u8]> {
        let buffer = into.len();
        match self.uart.read(into) {
            Ok(0) => {
                self.fault(Fault::ReadyWithoutBytes);
                Some(&[])
            }
            Ok(returned) if returned > buffer => {
                self.hopeless(Fault::ReadMore { buffer, returned });
                None
            }
            Ok(count) => into.get(..count),
            Err(_) => {
                self.fault(Fault::ReadFailed);
                None
            }
        }
    }

    /// Writes all bytes. Reads nothing.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.accept(rest) {
                Some(count) => rest = rest.get(count..).unwrap_or_default(),
                None => return false,
            }
        }
        true
    }

    /// Writes once. Returns how many bytes were accepted, at least one.
    fn accept(&mut self, bytes: &[u8]) -> Option<usize> {
        let fault = match self.uart.write(bytes) {
            Ok(0) => Fault::WroteNothing,
            Ok(returned) if returned > bytes.len() => Fault::WroteMore { given: bytes.len(), returned },
            Ok(count) => return Some(count),
            Err(_) => Fault::WriteFailed,
        };
        self.hopeless(fault);
        None
    }

    /// Writes all bytes, and flushes.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = self.write(bytes);
        if sent && self.uart.flush().is_err() {
            self.fault(Fault::WriteFailed);
            return false;
        }
        sent
    }

    /// Sends bytes and reads them meanwhile. Returns whether they came back.
    pub fn exchange(&mut self, sent: &[u8]) -> bool {
        let mut rest = sent;
        let mut expected = sent;
        let mut received: usize = 0;
        while !expected.is_empty() {
            if let Some((first, _)) = rest.split_at_checked(1) {
                // A byte at a time: between two of them, all that has arrived is read.
                let Some(count) = self.accept(first) else { return false };
                rest = rest.get(count..).unwrap_or_default();
            }
            if !rest.is_empty() && !self.is_ready() {
                continue;
            }
            if !self.wait_ready() {
                self.fault(Fault::Lost { sent: sent.len(), received });
                return false;
            }
            let mut into = [0; BURST];
            let Some(got) = self.read(&mut into) else { return false };
            if got.is_empty() {
                return false;
            }
            let Some(after) = expected.strip_prefix(got) else {
                let fault = Fault::of(expected, got);
                self.fault(fault);
                self.settle();
                return false;
            };
            received = received.saturating_add(got.len());
            expected = after;
        }
        self.expect_silence();
        true
    }

    /// Adds a fault if more bytes come.
    pub fn expect_silence(&mut self) {
        self.pause(3);
        let ready = self.is_ready();
        if ready {
            self.fault(Fault::BytesOfNobody);
            self.settle();
        }
    }

    /// Reads and drops everything. Returns whether the driver has become silent.
    pub fn drain(&mut self) -> bool {
        for _ in 0..ERRORS {
            if !self.is_ready() {
                return true;
            }
            // Errors of bytes that were lost.
            let _ = self.uart.read(&mut [0; BURST]);
        }
        false
    }

    /// Waits until everything has arrived, and drops it.
    pub fn settle(&mut self) -> bool {
        let _ = self.uart.flush();
        self.pause(4);
        let first = self.drain();
        self.pause(4);
        first & self.drain()
    }

    /// Counts the bytes of a burst that are there, and returns whether they are in the order in which they were sent.
    pub fn held(&mut self, sent: &[u8]) -> (usize, bool) {
        let (mut count, mut in_order): (usize, _) = (0, true);
        let mut left = sent.iter();
        for _ in 0..ERRORS {
            if !self.is_ready() {
                break;
            }
            let mut into = [0; 16];
            // Errors are the report of an overrun.
            let Ok(length) = self.uart.read(&mut into) else { continue };
            for byte in into.iter().take(length) {
                in_order &= left.any(|other| other == byte);
                count = count.saturating_add(1);
            }
            if length == 0 {
                break;
            }
        }
        (count, in_order)
    }
}
