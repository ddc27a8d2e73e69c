//! Procedures that run in several threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use super::Stopper;
use super::executor::{Executor, Needs};
use super::hooks::Hooks;
use super::job::Job;
use super::programs::Programs;

/// How often a server that waits for its last calls looks for a panic.
const LOOK: Duration = Duration::from_millis(20);

/// A fixed number of threads, each of which executes one call at a time.
///
/// No calls queue here: a call is handed over only to a thread that is free.
pub(super) struct Workers<'a, P> {
    programs: &'a P,
    /// The way to each worker.
    ways: Vec<SyncSender<Job>>,
    free: Vec<usize>,
    /// The calls that have ended, with the number of their worker.
    back: Receiver<(usize, Job)>,
    alarm: &'a Alarm,
}

/// Wakes the event loop when a call has ended or a procedure has panicked.
pub(super) struct Alarm {
    waker: Stopper,
    panicked: AtomicBool,
}

impl Alarm {
    pub(super) const fn new(waker: Stopper) -> Self {
        Self { waker, panicked: AtomicBool::new(false) }
    }
}

impl<'a, P: Programs<State: Send> + Sync> Workers<'a, P> {
    /// Starts a thread for each of `states`.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        hooks: &'a Hooks,
        programs: &'a P,
        states: Vec<P::State>,
        alarm: &'a Alarm,
    ) -> (Self, Vec<ScopedJoinHandle<'scope, ()>>)
    where
        'a: 'scope,
        P::State: 'scope,
    {
        let (to_loop, back) = sync_channel(states.len());
        let free = (0..states.len()).rev().collect();
        let (mut ways, mut threads) = (Vec::new(), Vec::new());
        for (number, mut state) in states.into_iter().enumerate() {
            let (way, calls) = sync_channel::<Job>(1);
            let to_loop = to_loop.clone();
            ways.push(way);
            threads.push(scope.spawn(move || {
                let _watch = Watch(alarm);
                for mut job in calls {
                    job.run(hooks, programs, &mut state);
                    if to_loop.send((number, job)).is_err() {
                        break;
                    }
                    alarm.waker.wake();
                }
            }));
        }
        (Self { programs, ways, free, back, alarm }, threads)
    }
}

/// Reports a panic of the thread.
struct Watch<'a>(&'a Alarm);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.panicked.store(true, Ordering::Release);
            self.0.waker.wake();
        }
    }
}

impl<P> Workers<'_, P> {
    fn note(&mut self, (number, job): (usize, Job)) -> Job {
        self.free.push(number);
        job
    }
}

impl<P: Programs> Executor for Workers<'_, P> {
    const CONCURRENT: bool = true;

    fn needs(&self, message: &[u8]) -> Needs {
        self.programs.needs(message)
    }

    fn is_free(&self) -> bool {
        !self.free.is_empty()
    }

    fn execute(&mut self, job: Job) -> Option<Job> {
        let Some(number) = self.free.pop() else { return Some(job) };
        // The way has room, because the worker is free. It is closed only after a panic, which ends the server.
        let _ = self.ways[number].try_send(job);
        None
    }

    fn ended(&mut self) -> Option<Job> {
        let ended = self.back.try_recv().ok()?;
        Some(self.note(ended))
    }

    fn is_busy(&self) -> bool {
        self.free.len() < self.ways.len()
    }

    fn wait(&mut self) -> Option<Job> {
        while self.is_busy() && !self.has_panicked() {
            match self.back.recv_timeout(LOOK) {
                Ok(ended) => return Some(self.note(ended)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    fn has_panicked(&self) -> bool {
        self.alarm.panicked.load(Ordering::Acquire)
    }
}
