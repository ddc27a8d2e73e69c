//! Simulated time of several nodes, each of which is a thread.
//!
//! Whatever a node does happens at its own time, and only when no other node is at an earlier time, so the order is the
//! same in every run.

use std::sync::{Condvar, Mutex, MutexGuard};

use oncilla::{Clock, Time};

/// Microseconds that an action of a node takes.
const LOOK: u64 = 20;

/// The state of a simulation, and the time of each node.
#[derive(Debug)]
pub struct Lockstep<S> {
    inner: Mutex<(Vec<u64>, S)>,
    passed: Condvar,
}

impl<S> Lockstep<S> {
    pub fn new(nodes: usize, state: S) -> Self {
        Self { inner: Mutex::new((vec![0; nodes], state)), passed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, (Vec<u64>, S)> {
        // A node that has panicked reports that itself.
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Lets a node act, when all others are at the same time or later.
    pub fn at<R>(&self, place: usize, act: impl FnOnce(&mut S, u64) -> R) -> R {
        self.lasting(place, |state, now| (act(state, now), 0))
    }

    /// Lets a node act for the microseconds that `act` returns, when all others are at the same time or later.
    pub fn lasting<R>(&self, place: usize, act: impl FnOnce(&mut S, u64) -> (R, u64)) -> R {
        let mut inner = self.lock();
        inner.0[place] += LOOK;
        self.passed.notify_all();
        loop {
            let (times, state) = &mut *inner;
            let now = times[place];
            if times.iter().enumerate().all(|(other, time)| (*time, other) >= (now, place)) {
                let (done, lasts) = act(state, now);
                times[place] += lasts;
                self.passed.notify_all();
                return done;
            }
            inner = self.passed.wait(inner).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    /// The node does nothing more: the others do not wait for it.
    pub fn leave(&self, place: usize) {
        self.lock().0[place] = u64::MAX;
        self.passed.notify_all();
    }

    /// Looks at the state at no time.
    pub fn with<R>(&self, look: impl FnOnce(&mut S) -> R) -> R {
        look(&mut self.lock().1)
    }

    /// The clock of a node, which sleeps for `nap` microseconds at most.
    pub fn timer(&self, place: usize, nap: u64) -> Timer<'_, S> {
        Timer { time: self, place, nap }
    }
}

/// The time of a node.
#[derive(Debug)]
pub struct Timer<'a, S> {
    time: &'a Lockstep<S>,
    place: usize,
    nap: u64,
}

impl<S> Clock for Timer<'_, S> {
    fn now(&mut self) -> Time {
        self.time.at(self.place, |_, now| Time::from_micros(now))
    }

    fn idle(&mut self, until: Time) {
        if self.nap > 0 {
            self.time.lasting(self.place, |_, now| ((), until.as_micros().saturating_sub(now).min(self.nap)));
        }
    }
}
