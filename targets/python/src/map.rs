//! Many calls of one procedure by one call of Python: `oven.read.map(range(1000))`.
//!
//! Works in rounds. While it holds the interpreter, it encodes arguments until as many calls wait as may be in flight, and
//! decodes results. While it does not, it sends the calls, many by one system call, and receives replies until a quarter of
//! the calls are done. The device has work meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::ProcedureId;
use pyo3::exceptions::PyException;
use pyo3::import_exception;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyTuple};

use crate::flight::Pending;
use crate::in_flight::Exchanged;
use crate::interface::Loaded;
use crate::place::{Failed, Patience, Place};
use crate::plan::Misfit;
use crate::procedure::{self, gone};
use crate::signals;

/// After this time, the calls that are known are sent before the next item is taken.
const SLOW: Duration = Duration::from_millis(2);

import_exception!(oncilla_rpc._errors, Error);
use Error as OwnError;

/// The progress of an item's call.
pub enum Step {
    /// Its arguments are encoded.
    Encoded(Vec<u8>),
    InFlight(Arc<Pending>),
    /// The call was not made.
    Wrong(PyErr),
}

impl Step {
    /// Returns whether the call is to be made, or waits for its reply.
    fn is_open(&self) -> bool {
        match self {
            Self::Encoded(_) => true,
            Self::InFlight(pending) => !pending.is_done(),
            Self::Wrong(_) => false,
        }
    }
}

/// One use of `map`.
pub struct Calls<'a> {
    pub place: &'a Place,
    pub loaded: &'a Loaded,
    pub index: usize,
    pub id: ProcedureId,
    pub patience: Patience,
    /// The most calls in flight.
    pub most: usize,
    /// Whether errors stand among the results.
    pub return_exceptions: bool,
}

impl Calls<'_> {
    /// Makes a call for each item. Returns the results in the order of the items.
    pub fn make(&self, py: Python<'_>, items: &Bound<'_, PyAny>) -> PyResult<Py<PyList>> {
        let mut steps = VecDeque::new();
        let done = self.rounds(py, items.try_iter()?, &mut steps);
        if done.is_err() {
            self.place.cancel(py, self.id, &steps);
        }
        done
    }

    fn rounds(
        &self,
        py: Python<'_>,
        mut items: Bound<'_, PyIterator>,
        steps: &mut VecDeque<Step>,
    ) -> PyResult<Py<PyList>> {
        let results = PyList::empty(py);
        let (mut has_more, mut busy) = (true, None);
        self.place.check_flight(py)?;
        while has_more || !steps.is_empty() {
            let filled = self.fill(py, &mut items, &mut has_more, steps)?;
            if steps.iter().any(Step::is_open) {
                self.advance(py, steps, if filled { self.most.div_ceil(4) } else { 0 }, &mut busy)?;
            }
            // On a closed device all remaining calls would fail with the same error.
            self.place.check(py)?;
            while let Some(outcome) = steps.front_mut().and_then(|step| self.outcome(py, step)) {
                steps.pop_front();
                let Err(error) = outcome.and_then(|value| results.append(value)) else { continue };
                if error.is_instance_of::<OwnError>(py) {
                    error.value(py).setattr("index", results.len())?;
                }
                if !self.return_exceptions || !error.is_instance_of::<PyException>(py) {
                    return Err(error);
                }
                results.append(error.into_value(py))?;
            }
            signals::check(py)?;
        }
        Ok(results.unbind())
    }

    /// Takes items until as many calls are known as may be in flight. Returns `false` if items are left and come slowly:
    /// those that are there are sent meanwhile.
    fn fill(
        &self,
        py: Python<'_>,
        items: &mut Bound<'_, PyIterator>,
        has_more: &mut bool,
        steps: &mut VecDeque<Step>,
    ) -> PyResult<bool> {
        let start = Instant::now();
        while *has_more && steps.len() < self.most {
            let Some(item) = items.next().transpose()? else {
                *has_more = false;
                break;
            };
            match self.encode(&item) {
                Ok(arguments) => steps.push_back(Step::Encoded(arguments)),
                // Such as that of Ctrl-C.
                Err(error) if !error.is_instance_of::<PyException>(py) => return Err(error),
                Err(error) => {
                    // Later items are called only if errors are results.
                    *has_more = self.return_exceptions;
                    steps.push_back(Step::Wrong(error));
                }
            }
            // The items may take as long as they like.
            signals::check(py)?;
            if self.place.is_closed() || start.elapsed() >= SLOW {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends calls and receives replies. `busy` is since when other threads have used the connection.
    fn advance(
        &self,
        py: Python<'_>,
        steps: &mut VecDeque<Step>,
        wanted: usize,
        busy: &mut Option<Instant>,
    ) -> PyResult<()> {
        let exchanged = self.place.exchange(py, self.id, steps, self.patience, wanted)?;
        let since = *busy.get_or_insert_with(Instant::now);
        if exchanged != Exchanged::Busy {
            *busy = None;
        }
        let Some(next) = steps.iter_mut().find(|step| matches!(step, Step::Encoded(_))) else { return Ok(()) };
        match exchanged {
            Exchanged::Done => {}
            Exchanged::NotConnected => match self.place.ready(py, self.id) {
                Err(error) if error.is_instance_of::<OwnError>(py) => *next = Step::Wrong(error),
                ready => return ready,
            },
            Exchanged::Busy if since.elapsed() >= self.patience.timeout => {
                *busy = None;
                *next = Step::Wrong(Failed::Busy.error(py, self.place));
            }
            Exchanged::Busy => {}
        }
        Ok(())
    }

    /// Returns the arguments of an item: the only one, or a tuple or a dict of all.
    fn encode(&self, item: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
        let py = item.py();
        let (_, planned) = self.loaded.procedure(self.index).ok_or_else(|| gone(py))?;
        let count = planned.arguments.len();
        let (positional, keywords) = if count == 1 {
            (PyTuple::new(py, [item])?, None)
        } else if let Ok(tuple) = item.cast::<PyTuple>() {
            (tuple.clone(), None)
        } else if let Ok(dict) = item.cast::<PyDict>() {
            (PyTuple::empty(py), Some(dict))
        } else {
            return Err(Misfit::of(&format!("a tuple or a dict of {count} arguments"), item).error(py));
        };
        procedure::encode(self.place, self.loaded, self.index, &positional, keywords)
    }

    /// Returns the results or the exception of a call that is done.
    fn outcome(&self, py: Python<'_>, step: &mut Step) -> Option<PyResult<Py<PyAny>>> {
        let failed = |error| self.place.ended(error).error(py, self.place);
        match step {
            Step::Encoded(_) => None,
            Step::Wrong(error) => Some(Err(error.clone_ref(py))),
            Step::InFlight(pending) => {
                let outcome = pending.take()?.map_err(failed);
                Some(outcome.and_then(|bytes| procedure::results(py, self.loaded, self.index, &bytes)))
            }
        }
    }
}
