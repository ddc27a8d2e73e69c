//! Servers: threads that answer calls by methods of Python.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use oncilla::message::{Call, REPLY_HEADER};
use oncilla::{Handled, Handler, Needs, ProcedureId, Refusal};
use oncilla_device::dispatch::{Called, Dispatch};
use oncilla_device::failure::{Done, Failure};
use oncilla_device::listen::{Limits, Listening, Place, Until};
use oncilla_device::refusal;
use oncilla_device::settings::{LinkKey, Settings};
use oncilla_host::keys::KeyServer;
use pyo3::prelude::*;
use serde_json::Value;

use crate::errors::{Class, failed};
use crate::interface::{Interface, Loaded};
use crate::signals::waiting;

/// The largest reply, which fits a datagram with its seal.
const REPLY_MAX: usize = 65_507 - 22;

/// The limits of a server.
const LIMITS: Limits = Limits { connections: 64, idle: None, workers: 4, call_max: 1 << 20 };

/// The end of a server. Clones share it.
#[derive(Clone, Default)]
struct End(Arc<(Mutex<bool>, Condvar)>);

impl Until for End {
    fn has_come(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, time: Duration) -> bool {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        // It fails if a thread has panicked with the lock, which changes nothing.
        let waited = self.0.1.wait_timeout_while(guard, time, |ended| !*ended);
        waited.map_or_else(|_| true, |(ended, _)| *ended)
    }

    fn end(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// What all handlers of a server share.
struct Shared {
    dispatch: Dispatch,
    loaded: Arc<Loaded>,
    /// Returns what a procedure does: `answer(name, numbers, arguments)`.
    answer: Py<PyAny>,
    /// Held while a method runs, so that methods run one at a time. A thread takes it before the interpreter.
    turn: Mutex<()>,
}

#[derive(Clone)]
struct Answering(Arc<Shared>);

/// The outcome of a method.
enum Outcome {
    Results(Value),
    /// Without a reply, as of a one-way procedure.
    Silent,
    Refused(Refusal),
}

impl Handler for Answering {
    fn reply_max(&self) -> usize {
        REPLY_MAX
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: REPLY_MAX - REPLY_HEADER, idempotent: false }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        self.0.handle(call, results).unwrap_or_else(Handled::Refused)
    }
}

impl Shared {
    fn handle(&self, call: &Call<'_>, results: &mut [u8]) -> Result<Handled, Refusal> {
        call.check_credential().map_err(Refusal::Authentication)?;
        let id = call.id();
        let bytes = match self.dispatch.find(id)? {
            Called::Null if call.arguments().is_empty() => Vec::new(),
            Called::Null => return Err(Refusal::GarbageArguments),
            Called::Description => self.dispatch.describe(id, call.arguments())?,
            Called::Procedure(procedure) => {
                let arguments = procedure.decode_arguments(call.arguments()).map_err(|_| Refusal::GarbageArguments)?;
                let value = match self.run(id, arguments) {
                    Outcome::Results(value) => value,
                    Outcome::Silent => return Ok(Handled::Silent),
                    Outcome::Refused(refusal) => return Err(refusal),
                };
                procedure.encode_results(&value).map_err(|error| {
                    self.report(id, &format!("the results do not fit the interface: {error}"));
                    Refusal::SystemError
                })?
            }
        };
        let Some(room) = results.get_mut(..bytes.len()) else {
            self.report(id, &format!("the results take {} bytes; a reply has room for {}", bytes.len(), results.len()));
            return Err(Refusal::SystemError);
        };
        room.copy_from_slice(&bytes);
        Ok(Handled::Results(bytes.len()))
    }

    /// Calls the method of a procedure.
    fn run(&self, id: ProcedureId, arguments: Value) -> Outcome {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // Python may be ending.
        let ran = Python::try_attach(|py| {
            let index = self.loaded.index(id)?;
            let planned = self.loaded.procedures.get(index)?;
            Some(self.call(py, planned, arguments).unwrap_or_else(|error| {
                error.write_unraisable(py, Some(self.answer.bind(py)));
                Outcome::Refused(Refusal::SystemError)
            }))
        });
        ran.flatten().unwrap_or(Outcome::Refused(Refusal::SystemError))
    }

    fn call(&self, py: Python<'_>, planned: &crate::interface::Planned, arguments: Value) -> PyResult<Outcome> {
        let arguments = self.loaded.plan.taken_arguments(py, &planned.arguments, arguments)?;
        let numbers = (planned.id.program, planned.id.version, planned.id.procedure);
        // `(results, refusal, is_silent)`: the Python part turns exceptions into refusals.
        let answered = self.answer.bind(py).call1((planned.whole.as_str(), numbers, arguments))?;
        let (results, refused, silent): (Bound<'_, PyAny>, Option<String>, bool) = answered.extract()?;
        if silent {
            return Ok(Outcome::Silent);
        }
        if let Some(name) = refused {
            return Ok(Outcome::Refused(refusal::named(&name).unwrap_or(Refusal::SystemError)));
        }
        match self.loaded.plan.returned(planned.result, &results) {
            Ok(value) => Ok(Outcome::Results(value)),
            Err(misfit) => {
                let error = misfit.error(py);
                self.log(py, &format!("{}: the results do not fit the interface: {}", planned.whole, error.value(py)));
                Ok(Outcome::Refused(Refusal::SystemError))
            }
        }
    }

    /// Logs why a call was refused.
    fn report(&self, id: ProcedureId, why: &str) {
        let name = self.loaded.index(id).and_then(|index| self.loaded.procedures.get(index));
        let name = name.map_or("", |planned| planned.whole.as_str());
        let _ = Python::try_attach(|py| self.log(py, &format!("{name}: {why}")));
    }

    fn log(&self, py: Python<'_>, line: &str) {
        let logged = py
            .import("logging")
            .and_then(|logging| logging.call_method1("getLogger", ("oncilla_rpc.server",)))
            .and_then(|logger| logger.call_method1("error", ("%s", line)));
        if let Err(error) = logged {
            error.write_unraisable(py, None);
        }
    }
}

/// Returns the keys of a file, of which clients need one.
fn keys(file: PathBuf) -> Done<KeyServer> {
    // The choices of a key belong to settings, which have a target; this one is not used.
    let target = "tcp://127.0.0.1:1".parse().map_err(|what: String| Failure::usage(what))?;
    LinkKey::read(&file)?.server(&Settings::of(target))
}

/// A running server.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Serving {
    targets: Vec<String>,
    end: End,
    thread: Mutex<Option<JoinHandle<Result<(), String>>>>,
    /// The process that has started the thread. A child of it has no such thread.
    process: u32,
}

#[pymethods]
impl Serving {
    /// Starts to serve an interface at places. `answer(name, numbers, arguments)` returns results, refusal and silence.
    #[staticmethod]
    #[pyo3(signature = (interface, answer, places, key = None))]
    fn start(
        py: Python<'_>,
        interface: &Interface,
        answer: Py<PyAny>,
        places: Vec<String>,
        key: Option<PathBuf>,
    ) -> PyResult<Self> {
        let loaded = Arc::clone(&interface.loaded);
        let dispatch =
            Dispatch::new(loaded.dynamic.clone(), loaded.text.clone()).map_err(|error| failed(py, &error))?;
        let parse = |place: &String| {
            place.parse::<Place>().map_err(|what| Class::BadValue.error(py, &what, &[], Some("listen")))
        };
        let places = places.iter().map(parse).collect::<PyResult<Vec<_>>>()?;
        let keys = key.map(keys).transpose().map_err(|failure| failed(py, &failure))?;
        let listening = Listening::open(&places, LIMITS, None, keys).map_err(|failure| failed(py, &failure))?;
        let targets = listening.targets();
        let shared = Arc::new(Shared { dispatch, loaded, answer, turn: Mutex::new(()) });
        let end = End::default();
        let until = end.clone();
        let serve = move || {
            let handler = |_: Option<&str>| Answering(Arc::clone(&shared));
            listening.serve(handler, &|_| (), &until).map_err(|failure| failure.to_string())
        };
        let thread = thread::Builder::new().name("oncilla server".to_owned()).spawn(serve)?;
        Ok(Self { targets, end, thread: Mutex::new(Some(thread)), process: std::process::id() })
    }

    /// The targets by which the server is called.
    #[getter]
    fn targets(&self) -> Vec<String> {
        self.targets.clone()
    }

    /// Whether the server was stopped.
    #[getter]
    fn stopped(&self) -> bool {
        self.end.has_come()
    }

    /// Stops the server: a call that runs ends first.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        if self.process != std::process::id() {
            return Ok(());
        }
        self.end.end();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The server's own method stops it: its thread cannot wait for itself, and ends after the call.
        let Some(thread) = thread else { return Ok(()) };
        let ended = waiting(py, move || thread.join())?;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(what)) => Err(Class::Disconnected.error(py, &what, &[], None)),
            Err(_) => Err(pyo3::exceptions::PyRuntimeError::new_err("the thread of the server has panicked")),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end.end();
    }
}
