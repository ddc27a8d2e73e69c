//! The result of the test.

use core::fmt::{self, Display, Formatter};

use super::Fault;

/// The number of faults that are kept. Further ones follow from them mostly.
const KEPT: usize = 8;

/// What a UART in loopback did wrong, and how many bytes it holds unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    faults: [Option<Fault>; KEPT],
    more: usize,
    ended: bool,
    /// The number of 64 bytes that were there after they had arrived without being read.
    pub(super) held: usize,
}

impl Report {
    /// Returns whether the driver did nothing wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.faults().next().is_none()
    }

    /// Returns what the driver did wrong, in the order in which it was found: the first eight.
    pub fn faults(&self) -> impl Iterator<Item = Fault> {
        self.faults.iter().flatten().copied()
    }

    /// Returns how many of 64 bytes the driver held that were not read in time.
    ///
    /// A server that is busy for longer than these bytes take loses calls that arrive meanwhile.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held
    }

    pub(super) fn add(&mut self, fault: Fault) {
        // Each kind once: a wrong driver does the same thing in many steps.
        let same = |known: &Fault| core::mem::discriminant(known) == core::mem::discriminant(&fault);
        if self.faults.iter().flatten().any(same) {
            return;
        }
        match self.faults.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(fault),
            None => self.more = self.more.saturating_add(1),
        }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) const fn is_hopeless(&self) -> bool {
        self.ended
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for fault in self.faults() {
            writeln!(f, "fault: {fault}")?;
        }
        if self.more > 0 {
            writeln!(f, "and {} more faults", self.more)?;
        }
        if self.ended {
            return f.write_str("the test ended there: correct the fault above and run it again");
        }
        let held = self.held;
        match (self.is_good(), held) {
            (true, 64) => f.write_str("good: it holds 64 bytes and more unread"),
            (true, _) => write!(f, "good: it holds {held} of 64 bytes unread; a `Ring` holds more"),
            (false, _) => write!(f, "it holds {held} of 64 bytes unread"),
        }
    }
}
