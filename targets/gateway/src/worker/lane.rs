//! The calls that wait for a device: a bounded queue between the hub and a worker.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Job;

/// The calls that wait for one device.
#[derive(Debug)]
pub struct Lane {
    state: Mutex<State>,
    changed: Condvar,
    limit: usize,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Whether a call is being made.
    busy: bool,
    closed: bool,
}

/// What a worker takes from its lane.
#[derive(Debug)]
pub enum Taken {
    /// A call.
    Job(Box<Job>),
    /// The time is over.
    Late,
    /// The lane is closed.
    Closed,
}

impl Lane {
    /// Returns a lane for this number of calls.
    pub fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), limit }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a call, or returns it if there is no room.
    pub fn offer(&self, job: Job) -> Result<(), Box<Job>> {
        let mut state = self.state();
        if state.closed || state.jobs.len() >= self.limit {
            return Err(Box::new(job));
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Returns how many calls wait or are made.
    pub fn load(&self) -> usize {
        let state = self.state();
        state.jobs.len() + usize::from(state.busy)
    }

    /// Returns whether there is room for a call.
    pub fn has_room(&self) -> bool {
        let state = self.state();
        !state.closed && state.jobs.len() < self.limit
    }

    /// Closes the lane, and returns the calls that wait.
    pub fn close(&self) -> Vec<Job> {
        let mut state = self.state();
        state.closed = true;
        let jobs = state.jobs.drain(..).collect();
        drop(state);
        self.changed.notify_all();
        jobs
    }

    /// Waits for a call until a time.
    pub fn take(&self, until: Instant) -> Taken {
        let mut state = self.state();
        state.busy = false;
        loop {
            if let Some(job) = state.jobs.pop_front() {
                state.busy = true;
                return Taken::Job(Box::new(job));
            }
            if state.closed {
                return Taken::Closed;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::Late;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Returns whether the lane is closed.
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }
}
