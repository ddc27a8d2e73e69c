//! Calls in flight on the connection of a device.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::{CallError, ProcedureId};
use oncilla_device::connect::{self, Device};
use oncilla_device::failure::Done;
use oncilla_device::target::Address;
use pyo3::prelude::*;

use crate::errors::{Class, failed, is_lost};
use crate::flight::{Flying, Pending};
use crate::map::Step;
use crate::place::{Failed, Key, Patience, Place, State};
use crate::signals::{self, LOOK};

/// An upper bound for the bytes of a call without its arguments: header, credential and framing.
const HEADERS: usize = 1024;

impl Place {
    /// Makes a call beside those in flight.
    pub fn call_flying(
        &self,
        state: &mut State,
        key: Key,
        id: ProcedureId,
        arguments: &[u8],
        patience: Patience,
    ) -> Result<Vec<u8>, Failed> {
        let Some(flying) = state.flying.get_mut(&key) else { return Err(Failed::Call(CallError::Closed)) };
        self.begin();
        let called = flying.call(id, arguments, patience.timeout, patience.retry(), || {
            self.interrupt.begin();
            self.look()
        });
        called.map_err(|error| self.failed(state, key, error))
    }

    /// Returns why a call has failed. A connection that is lost is dropped.
    fn failed(&self, state: &mut State, key: Key, error: CallError<io::Error>) -> Failed {
        if is_lost(&error) {
            state.flying.remove(&key);
        }
        self.ended(error)
    }

    /// Refuses devices of a fleet, which have no calls in flight.
    pub fn check_flight(&self, py: Python<'_>) -> PyResult<()> {
        self.check(py)?;
        if matches!(self.settings.target.as_ref().map(|target| &target.value.address), Some(Address::Mqtt(_))) {
            let help = "call from several threads: each has a device of its own, by `connect`".to_owned();
            let what = "a device of a fleet has no calls in flight and no `await`";
            return Err(Class::BadValue.error(py, what, &[help], Some("target")));
        }
        Ok(())
    }

    /// Connects, so that calls of a program can be in flight.
    pub fn ready(&self, py: Python<'_>, id: ProcedureId) -> PyResult<()> {
        self.check_flight(py)?;
        if self.key(id).is_none() { self.connect(py) } else { self.connect_program(py, id) }
    }

    /// Starts a call, which does not wait for its reply.
    pub fn start(
        &self,
        py: Python<'_>,
        id: ProcedureId,
        arguments: &[u8],
        patience: Patience,
    ) -> PyResult<Arc<Pending>> {
        let key = self.key(id);
        self.ready(py, id)?;
        let started = self.turn(py, patience.timeout, |state| {
            self.begin();
            let flying = fly(state, key).ok_or_else(|| self.ended(CallError::Closed))?;
            let started = flying.start(id, arguments, patience.timeout, patience.retry(), || {
                self.interrupt.begin();
                self.look()
            });
            started.map_err(|error| self.failed(state, key, error))
        });
        started.map_err(|error| error.error(py, self))
    }

    /// Starts the calls that are encoded, many by one system call, and receives replies for at most 50 ms: until `wanted`
    /// more calls are done. With 0 it only receives what is there.
    ///
    /// A call that cannot be started counts as done.
    pub fn exchange(
        &self,
        py: Python<'_>,
        id: ProcedureId,
        steps: &mut VecDeque<Step>,
        patience: Patience,
        wanted: usize,
    ) -> PyResult<Exchanged> {
        let key = self.key(id);
        let exchanged = self.turn(py, LOOK, |state| {
            self.begin();
            let Some(flying) = fly(state, key) else { return Ok(Exchanged::NotConnected) };
            let mut lost = self.start_all(flying, id, steps, patience);
            let is_in_flight = |step: &&Step| matches!(step, Step::InFlight(pending) if !pending.is_done());
            let in_flight = |steps: &VecDeque<Step>| steps.iter().filter(is_in_flight).count();
            let before = in_flight(steps);
            let deadline = Instant::now() + if wanted == 0 { Duration::ZERO } else { LOOK };
            while !lost && !signals::is_raised() && !self.is_closed() {
                let left = deadline.saturating_duration_since(Instant::now());
                // Once at least: what was kept back is sent before a wait.
                lost = !flying.poll(left);
                let now = in_flight(steps);
                if left.is_zero() || now == 0 || before.saturating_sub(now) >= wanted {
                    break;
                }
            }
            if lost {
                state.flying.remove(&key);
            }
            Ok(Exchanged::Done)
        });
        let exchanged = match exchanged {
            Err(Failed::Busy) => Exchanged::Busy,
            exchanged => exchanged.map_err(|error| error.error(py, self))?,
        };
        signals::take().map_or(Ok(exchanged), Err)
    }

    /// Starts the calls that are encoded. Returns whether the connection was lost.
    fn start_all(&self, flying: &mut Flying, id: ProcedureId, steps: &mut VecDeque<Step>, patience: Patience) -> bool {
        let cork = &self.together.cork;
        let signal = || {
            self.interrupt.begin();
            self.look()
        };
        for step in steps {
            let Step::Encoded(arguments) = step else { continue };
            let fits = cork.room() >= arguments.len() + HEADERS && flying.has_company();
            let mut start = || flying.start(id, arguments, patience.timeout, patience.retry(), signal);
            let started = if fits { cork.hold(start) } else { start() };
            let lost = started.as_ref().is_err_and(is_lost);
            *step = Step::InFlight(started.unwrap_or_else(|error| Arc::new(Pending::failed(error))));
            // The others are sent on another connection, or not at all.
            if lost || signals::is_raised() || self.is_closed() {
                return lost;
            }
        }
        false
    }

    /// Gives up the calls that are in flight. Their replies are dropped.
    pub fn cancel(&self, py: Python<'_>, id: ProcedureId, steps: &VecDeque<Step>) {
        let key = self.key(id);
        py.detach(|| {
            // If another thread uses the connection, the calls stay in flight until their time-outs.
            let Ok(mut turn) = self.turns.take(LOOK, || false) else { return };
            let Some(flying) = turn.thing().and_then(|state| state.flying.get_mut(&key)) else { return };
            for step in steps {
                if let Step::InFlight(pending) = step {
                    flying.cancel(pending);
                }
            }
        });
    }

    /// Starts a call that may be sent together with those that follow: at the next wait for a reply, or some milliseconds
    /// later.
    ///
    /// The first call is sent at once. Keeping a call back takes no system call, so the interpreter is not released.
    pub fn start_together(
        self: &Arc<Self>,
        py: Python<'_>,
        id: ProcedureId,
        arguments: &[u8],
        patience: Patience,
    ) -> PyResult<Arc<Pending>> {
        self.check(py)?;
        let kept = self.turns.try_take().and_then(|mut turn| {
            let flying = turn.thing()?.flying.get_mut(&self.key(id))?;
            let fits = self.together.cork.room() >= arguments.len() + HEADERS && flying.has_company();
            // A call that could not be kept back is started again, and then fails with its error.
            fits.then(|| {
                self.begin();
                let start = || flying.start(id, arguments, patience.timeout, patience.retry(), || false);
                self.together.cork.hold(start).ok()
            })?
        });
        match kept {
            Some(pending) => {
                self.together.send_soon(self);
                Ok(pending)
            }
            None => self.start(py, id, arguments, patience),
        }
    }

    /// Sends the calls that are kept back, unless a thread has its turn, which sends them itself.
    pub fn send_kept(&self) {
        let Some(mut turn) = self.turns.try_take() else { return };
        let Some(state) = turn.thing() else { return };
        self.interrupt.begin();
        state.flying.retain(|_, flying| flying.poll(Duration::ZERO));
    }

    /// Connects to one program of a target whose rpcbind knows it, for calls in flight.
    fn connect_program(&self, py: Python<'_>, id: ProcedureId) -> PyResult<()> {
        let key = self.key(id);
        let has = self.turn(py, self.settings.connect_timeout.value, |state| Ok(state.flying.contains_key(&key)));
        if has.map_err(|error| error.error(py, self))? {
            return Ok(());
        }
        let (settings, how) = (self.settings.clone(), self.how.clone());
        let device: Done<Device> =
            self.waiting(py, move || connect::to_program(&settings, &how, id.program, id.version))?;
        let device = device.map_err(|failure| failed(py, &failure))?;
        let keep = self.turn(py, self.settings.connect_timeout.value, move |state| {
            if let Some(flight) = device.into_flight() {
                state.flying.entry(key).or_insert_with(|| Flying::new(flight));
            }
            Ok(())
        });
        keep.map_err(|error| error.error(py, self))
    }

    /// Receives replies to calls in flight until this one is done, for at most `wait`.
    pub fn poll(&self, py: Python<'_>, id: ProcedureId, pending: &Arc<Pending>, wait: Duration) -> PyResult<()> {
        let key = self.key(id);
        let polled = self.turn(py, wait, |state| {
            self.interrupt.begin();
            let Some(flying) = state.flying.get_mut(&key) else {
                pending.lose();
                return Ok(());
            };
            if !pending.is_done() && !flying.poll(wait) {
                state.flying.remove(&key);
            }
            Ok(())
        });
        match polled {
            // Another thread receives replies, also this one's.
            Ok(()) | Err(Failed::Busy) => signals::take().map_or_else(|| signals::check(py), Err),
            Err(error) => Err(error.error(py, self)),
        }
    }
}

/// What became of an exchange of calls and replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchanged {
    Done,
    /// There is no connection.
    NotConnected,
    /// Other threads used the connection.
    Busy,
}

/// Returns the connection for calls in flight. At the first one, the connection for single calls becomes it.
fn fly(state: &mut State, key: Key) -> Option<&mut Flying> {
    let State { device, flying } = state;
    match flying.entry(key) {
        Entry::Occupied(entry) => Some(entry.into_mut()),
        Entry::Vacant(entry) => Some(entry.insert(Flying::new(device.take()?.into_flight()?))),
    }
}
