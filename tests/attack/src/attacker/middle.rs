//! The attackers in the middle of a line that is not simulated.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use oncilla::{Received, Time, Transport};
use oncilla_test_support::faults::Carried;
use oncilla_test_support::frames::Sized;

use super::{Attacker, Phase, Phases};

/// The longest time until an end receives what an attacker has made meanwhile.
const WAIT: Duration = Duration::from_millis(2);

/// The attackers between two ends of a line.
pub struct Middle {
    /// The one before each end.
    before: Mutex<[Attacker; 2]>,
    begun: Instant,
    over: AtomicBool,
}

impl Middle {
    /// Places the attackers between the two ends that they attack.
    pub fn new(before: [Attacker; 2]) -> Self {
        Self { before: Mutex::new(before), begun: Instant::now(), over: AtomicBool::new(false) }
    }

    /// Returns the attackers, who wait meanwhile.
    pub fn before(&self) -> MutexGuard<'_, [Attacker; 2]> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what the attackers do from now on. What they have held back so far is lost.
    pub fn set(&self, phase: Phase) {
        for attacker in &mut *self.before() {
            attacker.phases = Phases::Only(phase);
            attacker.new_line();
        }
    }

    /// Carries bytes from one end to the other, through the attackers, until one of the ends closes.
    ///
    /// Two threads run it, one for each direction. `from` is the end with this index, `to` is the other one.
    pub fn carry<T>(&self, index: usize, from: &mut T, to: &mut T) -> Result<(), T::Error>
    where
        T: Transport<Framing: Carried + Sized>,
    {
        let carried = self.carry_until_end(index, from, to);
        // An end that has closed takes no more of the other direction, which is no error.
        if self.over.swap(true, Relaxed) { Ok(()) } else { carried }
    }

    fn carry_until_end<T>(&self, index: usize, from: &mut T, to: &mut T) -> Result<(), T::Error>
    where
        T: Transport<Framing: Carried + Sized>,
    {
        let mut bytes = [0; 4096];
        while !self.over.load(Relaxed) {
            while let Some(length) = self.due::<T::Framing>(1 - index, &mut bytes) {
                let mut rest = &bytes[..length];
                while !rest.is_empty() {
                    rest = &rest[to.send(rest, Time::NEVER)?..];
                }
            }
            let deadline = from.now().after(WAIT);
            match from.receive(&mut bytes, deadline)? {
                Received::Bytes(length) => {
                    let now = self.now();
                    let mut before = self.before();
                    before[index].leaves::<T::Framing>(now, &bytes[..length]);
                    before[1 - index].arrives::<T::Framing>(now, &bytes[..length]);
                }
                Received::End => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// Copies what arrives now at the end with this index. Returns its length.
    fn due<F: Carried>(&self, index: usize, into: &mut [u8]) -> Option<usize> {
        self.before()[index].give(self.now(), F::CARRIAGE, into)
    }

    fn now(&self) -> Time {
        Time::ZERO.after(self.begun.elapsed())
    }

    /// Returns the attackers.
    pub fn into_attackers(self) -> [Attacker; 2] {
        self.before.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
