//! Calls that do not wait for each other.

use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Retry, Ticket, Writer};
use oncilla_device::connect::{Flight, SLOTS};
use pyo3::prelude::*;

use crate::interface::Loaded;
use crate::place::{Failed, Place};
use crate::procedure;
use crate::settings::time;
use crate::signals::LOOK;

/// A call in flight. The thread that receives its reply puts it here.
#[derive(Default)]
pub struct Pending(Mutex<Stage>);

/// The results of a call, or why there are none.
pub type Outcome = Result<Vec<u8>, CallError<io::Error>>;

/// How far a call is.
#[derive(Default)]
enum Stage {
    #[default]
    InFlight,
    Done(Outcome),
    /// A thread has taken the outcome.
    Taken,
}

impl Pending {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call that could not be started.
    pub fn failed(error: CallError<io::Error>) -> Self {
        Self(Mutex::new(Stage::Done(Err(error))))
    }

    pub fn is_done(&self) -> bool {
        !matches!(*self.stage(), Stage::InFlight)
    }

    fn set(&self, outcome: Outcome) {
        let mut stage = self.stage();
        if let Stage::InFlight = *stage {
            *stage = Stage::Done(outcome);
        }
    }

    pub fn take(&self) -> Option<Outcome> {
        let mut stage = self.stage();
        if let Stage::InFlight = *stage {
            return None;
        }
        match mem::replace(&mut *stage, Stage::Taken) {
            Stage::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Ends the call, whose connection was lost.
    pub fn lose(&self) {
        self.set(Err(CallError::Closed));
    }
}

/// A connection with calls in flight.
pub struct Flying {
    flight: Box<dyn Flight>,
    calls: Vec<(Ticket, ProcedureId, Arc<Pending>)>,
}

impl Flying {
    pub fn new(flight: Box<dyn Flight>) -> Self {
        Self { flight, calls: Vec::new() }
    }

    /// Starts a call. While all slots are taken, receives replies. `signal` returns whether to end the wait.
    pub fn start(
        &mut self,
        id: ProcedureId,
        arguments: &[u8],
        timeout: Duration,
        retry: Retry,
        signal: impl Fn() -> bool,
    ) -> Result<Arc<Pending>, CallError<io::Error>> {
        let deadline = Instant::now() + timeout;
        while self.calls.len() >= SLOTS {
            if !self.poll(LOOK) {
                return Err(CallError::Closed);
            }
            if signal() || Instant::now() >= deadline {
                return Err(CallError::TimedOut { after: timeout, unframed: 0 });
            }
        }
        self.flight.set_timeout(timeout);
        self.flight.set_retry(retry);
        let ticket = self.flight.start(id, arguments)?;
        let pending = Arc::new(Pending::default());
        self.calls.push((ticket, id, Arc::clone(&pending)));
        Ok(pending)
    }

    /// Returns whether another call can be in flight beside those that are.
    pub fn has_company(&self) -> bool {
        !self.calls.is_empty() && self.calls.len() < SLOTS
    }

    /// Makes a call and waits for its reply.
    pub fn call(
        &mut self,
        id: ProcedureId,
        arguments: &[u8],
        timeout: Duration,
        retry: Retry,
        signal: impl Fn() -> bool,
    ) -> Outcome {
        if self.calls.is_empty() {
            self.flight.set_timeout(timeout);
            self.flight.set_retry(retry);
            let mut results = Vec::new();
            self.flight
                .call(id, false, &|writer| writer.append(arguments), &mut |bytes| results.extend_from_slice(bytes))?;
            return Ok(results);
        }
        let pending = self.start(id, arguments, timeout, retry, &signal)?;
        loop {
            if let Some(outcome) = pending.take() {
                return outcome;
            }
            if !self.poll(LOOK) {
                return Err(CallError::Closed);
            }
            if signal() {
                self.cancel(&pending);
                return Err(CallError::TimedOut { after: timeout, unframed: 0 });
            }
        }
    }

    /// Sends a one-way call.
    pub fn cast(&mut self, id: ProcedureId, arguments: &[u8], timeout: Duration) -> Result<(), CallError<io::Error>> {
        self.flight.set_timeout(timeout);
        self.flight.cast(id, &|writer| writer.append(arguments))
    }

    /// Gives up a call. Its reply is dropped.
    pub fn cancel(&mut self, pending: &Arc<Pending>) {
        if let Some(place) = self.calls.iter().position(|(.., other)| Arc::ptr_eq(other, pending)) {
            self.flight.cancel(self.calls.swap_remove(place).0);
        }
    }

    /// Receives replies until a call is done, for at most `wait`. Returns `false` if the connection is lost.
    pub fn poll(&mut self, wait: Duration) -> bool {
        let polled = self.flight.poll(wait);
        // In the order of the calls, which is mostly that of the replies: few are looked at. An error may have ended all.
        let mut left = *polled.as_ref().unwrap_or(&SLOTS);
        let mut place = 0;
        while place < self.calls.len() && left > 0 {
            if self.calls.get(place).is_some_and(|(ticket, ..)| self.flight.is_done(ticket)) {
                left -= 1;
                let (ticket, id, pending) = self.calls.remove(place);
                let mut results = Vec::new();
                let finished = self.flight.finish(id, ticket, &mut |bytes| results.extend_from_slice(bytes));
                pending.set(finished.map(|()| results));
            } else {
                place += 1;
            }
        }
        polled.is_ok()
    }
}

/// A connection on which no call is in flight, for calls whose results may be larger than those of calls in flight.
pub struct Alone<'f> {
    flight: &'f mut dyn Flight,
    results: Vec<u8>,
}

impl Flying {
    /// Waits until no call is in flight, for at most `timeout`. `signal` returns whether to end the wait.
    pub fn alone(&mut self, timeout: Duration, signal: impl Fn() -> bool) -> Result<Alone<'_>, CallError<io::Error>> {
        let deadline = Instant::now() + timeout;
        while !self.calls.is_empty() {
            if !self.poll(LOOK) {
                return Err(CallError::Closed);
            }
            if signal() || Instant::now() >= deadline {
                return Err(CallError::TimedOut { after: timeout, unframed: 0 });
            }
        }
        self.flight.set_timeout(timeout);
        self.flight.set_retry(Retry::DEFAULT);
        Ok(Alone { flight: &mut *self.flight, results: Vec::new() })
    }
}

impl Caller for Alone<'_> {
    type Error = io::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        self.results.clear();
        let bytes = &mut self.results;
        self.flight.call(id, false, &arguments, &mut |part| bytes.extend_from_slice(part))?;
        results(&self.results).map_err(CallError::Reply)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<io::Error>> {
        self.flight.cast(id, &arguments)
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.calls.iter().for_each(|(.., pending)| pending.lose());
    }
}

/// A call in flight, made by `oven.in_flight()`.
#[pyclass(frozen, module = "oncilla_rpc")]
pub struct Future {
    place: Arc<Place>,
    loaded: Arc<Loaded>,
    index: usize,
    id: ProcedureId,
    pending: Arc<Pending>,
    /// The results, or the exception.
    outcome: Mutex<Option<Result<Py<PyAny>, PyErr>>>,
}

impl Future {
    pub fn new(place: Arc<Place>, loaded: Arc<Loaded>, index: usize, id: ProcedureId, pending: Arc<Pending>) -> Self {
        Self { place, loaded, index, id, pending, outcome: Mutex::new(None) }
    }

    /// Returns the results or the exception, if the call is done.
    ///
    /// The lock is not held while Python makes the value: another thread, which has the interpreter then, may wait for it.
    fn outcome(&self, py: Python<'_>) -> Option<PyResult<Py<PyAny>>> {
        if let Some(outcome) = self.known(py) {
            return Some(outcome);
        }
        let taken = self.pending.take()?;
        let results = taken.map_err(|error| self.place.ended(error).error(py, &self.place));
        let made = results.and_then(|bytes| procedure::results(py, &self.loaded, self.index, &bytes));
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        self.known(py)
    }

    fn known(&self, py: Python<'_>) -> Option<PyResult<Py<PyAny>>> {
        match &*self.outcome.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok(value)) => Some(Ok(value.clone_ref(py))),
            Some(Err(error)) => Some(Err(error.clone_ref(py))),
            None => None,
        }
    }
}

#[pymethods]
impl Future {
    /// Waits for the results of the call, and returns them.
    ///
    /// The call has its own time-out. `timeout` limits this wait, in seconds: after it, the call is still in flight.
    #[pyo3(signature = (timeout = None))]
    fn result(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        let wait = timeout.map(|value| time(py, "timeout", value)).transpose()?;
        let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
        loop {
            if let Some(outcome) = self.outcome(py) {
                return outcome;
            }
            let left = deadline.map_or(LOOK, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                let after = wait.unwrap_or_default();
                return Err(Failed::Call(CallError::TimedOut { after, unframed: 0 }).error(py, &self.place));
            }
            self.place.poll(py, self.id, &self.pending, left.min(LOOK))?;
        }
    }

    /// Returns whether the call has results or has failed. Receives what has arrived, without waiting.
    fn done(&self, py: Python<'_>) -> PyResult<bool> {
        if self.outcome(py).is_none() {
            self.place.poll(py, self.id, &self.pending, Duration::from_millis(1))?;
        }
        Ok(self.outcome(py).is_some())
    }

    /// Waits for the call, and returns its exception, or `None` if it has results.
    #[pyo3(signature = (timeout = None))]
    fn exception(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Py<PyAny>>> {
        let waited = self.result(py, timeout);
        match self.outcome(py) {
            Some(Ok(_)) => Ok(None),
            Some(Err(error)) => Ok(Some(error.into_value(py).into_any())),
            None => waited.map(|_| None),
        }
    }

    fn __repr__(&self) -> String {
        let name = self.loaded.procedures.get(self.index).map_or("", |planned| planned.whole.as_str());
        let has = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).is_some() || self.pending.is_done();
        format!("<call of {name}, {}>", if has { "done" } else { "in flight" })
    }
}
