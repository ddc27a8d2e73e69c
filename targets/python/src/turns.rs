//! A thing that threads use one after another.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a thread that waits for its turn looks for signals.
const LOOK: Duration = Duration::from_millis(50);

/// A thing that threads use one after another. The wait for a turn can be ended.
pub struct Turns<T> {
    thing: Mutex<Option<T>>,
    free: Condvar,
}

/// Why a thread has no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// Another thread used the thing until the deadline.
    Late,
    /// A signal ended the wait.
    Signal,
}

/// A turn. It ends when this is dropped.
pub struct Turn<'t, T> {
    turns: &'t Turns<T>,
    thing: Option<T>,
}

impl<T> Turns<T> {
    pub fn new(thing: T) -> Self {
        Self { thing: Mutex::new(Some(thing)), free: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.thing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. `signal` returns whether to end the wait.
    pub fn take(&self, wait: Duration, signal: impl Fn() -> bool) -> Result<Turn<'_, T>, NoTurn> {
        let mut place = self.lock();
        if let Some(thing) = place.take() {
            return Ok(Turn { turns: self, thing: Some(thing) });
        }
        let deadline = Instant::now().checked_add(wait);
        loop {
            let left = deadline.map_or(LOOK, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(NoTurn::Late);
            }
            place = self.free.wait_timeout(place, left.min(LOOK)).unwrap_or_else(PoisonError::into_inner).0;
            if let Some(thing) = place.take() {
                return Ok(Turn { turns: self, thing: Some(thing) });
            }
            drop(place);
            if signal() {
                return Err(NoTurn::Signal);
            }
            place = self.lock();
        }
    }

    /// Returns the thing, unless a thread has its turn.
    pub fn try_take(&self) -> Option<Turn<'_, T>> {
        Some(Turn { turns: self, thing: Some(self.lock().take()?) })
    }
}

impl<T> Turn<'_, T> {
    /// Returns the thing.
    pub const fn thing(&mut self) -> Option<&mut T> {
        self.thing.as_mut()
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        *self.turns.lock() = self.thing.take();
        self.turns.free.notify_one();
    }
}
