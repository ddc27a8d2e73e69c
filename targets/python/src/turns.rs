//! A thing that threads use one after another.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a thread that waits for its turn looks for signals.
const LOOK: Duration = Duration::from_millis(50);

/// A thing that threads use one after another, in the order in which they came. The wait for a turn can be ended.
///
/// Without the order a thread that takes turn after turn would leave none to others, which need time to wake.
pub struct Turns<T> {
    inner: Mutex<Inner<T>>,
    changed: Condvar,
}

struct Inner<T> {
    /// The thing, unless a thread has its turn.
    thing: Option<T>,
    /// The threads that wait.
    queue: VecDeque<u64>,
    /// The number of the next thread that waits.
    next: u64,
}

/// Why a thread has no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// Other threads used the thing until the deadline.
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
        let inner = Inner { thing: Some(thing), queue: VecDeque::new(), next: 0 };
        Self { inner: Mutex::new(inner), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. `signal` returns whether to end the wait.
    pub fn take(&self, wait: Duration, signal: impl Fn() -> bool) -> Result<Turn<'_, T>, NoTurn> {
        if let Some(turn) = self.try_take() {
            return Ok(turn);
        }
        let mut inner = self.lock();
        let own = inner.next;
        inner.next += 1;
        inner.queue.push_back(own);
        let ended = self.wait(inner, own, wait, signal);
        if ended.is_err() {
            self.lock().queue.retain(|other| *other != own);
            // The next one may have waited for this one.
            self.changed.notify_all();
        }
        ended
    }

    fn wait<'t>(
        &'t self,
        mut inner: MutexGuard<'t, Inner<T>>,
        own: u64,
        wait: Duration,
        signal: impl Fn() -> bool,
    ) -> Result<Turn<'t, T>, NoTurn> {
        let deadline = Instant::now().checked_add(wait);
        let mut look = Instant::now() + LOOK;
        loop {
            if inner.queue.front() == Some(&own)
                && let Some(thing) = inner.thing.take()
            {
                inner.queue.pop_front();
                return Ok(Turn { turns: self, thing: Some(thing) });
            }
            let now = Instant::now();
            let left = deadline.map_or(LOOK, |deadline| deadline.saturating_duration_since(now));
            if left.is_zero() {
                return Err(NoTurn::Late);
            }
            if look <= now {
                drop(inner);
                if signal() {
                    return Err(NoTurn::Signal);
                }
                look = Instant::now() + LOOK;
                inner = self.lock();
                continue;
            }
            let left = left.min(look.saturating_duration_since(now));
            inner = self.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Returns the thing, unless a thread has its turn or waits for one.
    pub fn try_take(&self) -> Option<Turn<'_, T>> {
        let mut inner = self.lock();
        if !inner.queue.is_empty() {
            return None;
        }
        Some(Turn { turns: self, thing: Some(inner.thing.take()?) })
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
        let mut inner = self.turns.lock();
        inner.thing = self.thing.take();
        if !inner.queue.is_empty() {
            self.turns.changed.notify_all();
        }
    }
}
