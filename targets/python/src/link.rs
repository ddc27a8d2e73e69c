//! The connection to a device, which threads share.

use std::collections::HashMap;
use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oncilla::{CallError, Caller, ProcedureId, Retry};
use oncilla_device::connect::{self, Device, Heard, How, Interrupt, diagnose};
use oncilla_device::failure::{Done, Failure};
use oncilla_device::interface::text_of_device;
use oncilla_device::settings::Settings;
use oncilla_device::target::{Address, Payload};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{Class, call_failed, failed, is_lost};
use crate::flight::{Flying, Pending};
use crate::interface::{Interface, Loaded};
use crate::logs;
use crate::plan::Room;
use crate::procedure::Procedure;
use crate::settings;
use crate::signals::{self, waiting};
use crate::turns::{NoTurn, Turns};

/// How calls wait for replies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    pub timeout: Duration,
    /// How often a call is sent again, on carriers that lose messages. `None` is the default pauses.
    pub retries: Option<u32>,
}

impl Patience {
    /// Returns when calls are sent again.
    fn retry(&self) -> Retry {
        match self.retries {
            Some(retries) => Retry::every(self.timeout / (retries + 1)),
            None => Retry::DEFAULT,
        }
    }
}

/// How long closing a device waits for calls of other threads.
const CLOSE: Duration = Duration::from_millis(300);

/// A program and its version, with a target whose rpcbind knows the address of each.
type Key = Option<(u32, u32)>;

/// The connections of a device.
#[derive(Default)]
struct State {
    /// The connection for one call after another.
    device: Option<Device>,
    /// Connections that had calls in flight, which also make single calls.
    flying: HashMap<Key, Flying>,
}

/// Where a device is, and its connection.
pub struct Place {
    pub settings: Settings,
    how: How,
    heard: Heard,
    interrupt: Interrupt,
    turns: Turns<State>,
    /// Also ends the waits of calls.
    closed: Arc<AtomicBool>,
    /// What lives as long as the device: the server that has made it.
    keeps: Mutex<Option<Py<PyAny>>>,
    /// The process that has connected. A child shares the socket, and must not use it.
    process: u32,
}

/// Why a call has no reply.
pub enum Failed {
    Call(CallError<io::Error>),
    Failure(Failure),
    /// A signal handler raised an exception.
    Raised(PyErr),
    /// Other threads used the connection until the time-out.
    Busy,
    /// The device was closed meanwhile.
    Closed,
}

impl Failed {
    /// Returns the exception.
    pub fn error(self, py: Python<'_>, place: &Place) -> PyErr {
        match self {
            Self::Call(error) => call_failed(py, error, place),
            Self::Failure(failure) => failed(py, &failure),
            Self::Raised(error) => error,
            Self::Closed => {
                Class::Closed.error(py, "the device was closed during the call, which it may have executed", &[], None)
            }
            Self::Busy => {
                let help =
                    "other threads used the connection; give the call a longer `timeout`, or each thread a connection";
                Class::TimedOut.error(py, "the call was not sent before its time-out", &[help.to_owned()], None)
            }
        }
    }
}

impl Place {
    fn new(settings: Settings, logger: Py<PyAny>) -> Self {
        let heard = Heard::default();
        let closed = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&closed);
        let interrupt = Interrupt::new(move || ends.load(Ordering::Acquire) || signals::look());
        let how = How {
            heard: heard.clone(),
            interrupt: Some(interrupt.clone()),
            show: Some(logs::show(logger)),
            ..How::default()
        };
        let turns = Turns::new(State::default());
        let (keeps, process) = (Mutex::default(), process::id());
        Self { settings, how, heard, interrupt, turns, closed, keeps, process }
    }

    /// Returns how many elements arguments may have.
    pub fn room(&self) -> Room {
        // XDR has no smaller element: an array of bytes is `opaque`.
        let least = if self.settings.payload.value == Payload::Xdr { 4 } else { 1 };
        Room::of_message(self.settings.message_max.value as usize, least)
    }

    /// Adds what the received bytes show to the failure of a call.
    pub fn explain(&self, failure: Failure) -> Failure {
        diagnose::explain(failure, &self.settings, &self.heard)
    }

    /// Refuses a closed device, and one of a parent process.
    pub fn check(&self, py: Python<'_>) -> PyResult<()> {
        if self.process != process::id() {
            let what = "the device was connected by the parent of this process, which still uses the connection";
            let help = "connect in the child, after the fork".to_owned();
            return Err(Class::Closed.error(py, what, &[help], None));
        }
        if self.is_closed() {
            let help = "connect again: a `with` block closes its device at its end".to_owned();
            return Err(Class::Closed.error(py, "the device is closed", &[help], None));
        }
        Ok(())
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Returns whether a wait should end: the device was closed, or a signal or a cancelled call ends it.
    fn look(&self) -> bool {
        self.is_closed() || signals::look()
    }

    pub fn patience(&self) -> Patience {
        let timeout = self.settings.timeout.value;
        Patience { timeout, retries: None }
    }

    /// Returns which connection the calls of a program use.
    fn key(&self, id: ProcedureId) -> Key {
        self.is_by_program().then_some((id.program, id.version))
    }

    fn is_by_program(&self) -> bool {
        matches!(self.settings.target.as_ref().map(|target| &target.value.address), Some(Address::Rpc { .. }))
    }

    /// Runs work in a turn of this thread.
    ///
    /// Connects first if there is no connection.
    fn turn<R>(
        &self,
        py: Python<'_>,
        wait: Duration,
        work: impl FnOnce(&mut State) -> Result<R, Failed> + Send,
    ) -> Result<R, Failed>
    where
        R: Send,
    {
        self.check(py).map_err(Failed::Raised)?;
        py.detach(|| {
            let mut turn = match self.turns.take(wait, || self.look()) {
                Ok(turn) => turn,
                Err(NoTurn::Late) => return Err(Failed::Busy),
                Err(NoTurn::Signal) => return Err(self.raised()),
            };
            let Some(state) = turn.thing() else { return Err(Failed::Call(CallError::Closed)) };
            let done = work(state);
            if self.is_closed() {
                *state = State::default();
            }
            done
        })
    }

    /// Returns why the wait for a turn ended.
    fn raised(&self) -> Failed {
        match signals::take() {
            Some(raised) => Failed::Raised(raised),
            None if self.is_closed() => Failed::Closed,
            None => Failed::Busy,
        }
    }

    /// Returns what a call's error means, after a wait that a signal or `close` may have ended.
    pub fn ended(&self, error: CallError<io::Error>) -> Failed {
        match signals::take() {
            Some(raised) => Failed::Raised(raised),
            None if self.is_closed() => Failed::Closed,
            None => Failed::Call(error),
        }
    }

    /// Runs work on a thread of its own until it ends, or until the device is closed or a signal or `cancel` ends the wait.
    fn waiting<R: Send + 'static>(&self, py: Python<'_>, work: impl FnOnce() -> R + Send + 'static) -> PyResult<R> {
        waiting(py, || self.check(py).and_then(|()| signals::check(py)), work)
    }

    /// Makes a connection if there is none. A signal ends the wait.
    pub fn connect(&self, py: Python<'_>) -> PyResult<()> {
        let has = self.turn(py, self.settings.connect_timeout.value, |state| {
            Ok(state.device.is_some() || state.flying.contains_key(&None))
        });
        if has.map_err(|error| error.error(py, self))? {
            return Ok(());
        }
        let (settings, how) = (self.settings.clone(), self.how.clone());
        let device = self.waiting(py, move || connect::connect(&settings, &how))?;
        let device = device.map_err(|failure| failed(py, &failure))?;
        let keep = self.turn(py, self.settings.connect_timeout.value, move |state| {
            // Another thread may have connected meanwhile.
            state.device.get_or_insert(device);
            Ok(())
        });
        keep.map_err(|error| error.error(py, self))
    }

    /// Makes a call and returns its results.
    pub fn call(&self, py: Python<'_>, id: ProcedureId, arguments: &[u8], patience: Patience) -> PyResult<Vec<u8>> {
        let mut fresh = false;
        loop {
            let done = self.turn(py, patience.timeout, |state| {
                let flying = self.flying(state, id);
                match (flying, &mut state.device) {
                    (Some(key), _) => self.call_flying(state, key, id, arguments, patience).map(Some),
                    (None, Some(device)) => {
                        self.begin();
                        device.set_timeout(patience.timeout);
                        device.set_retry(patience.retry());
                        let mut results = Vec::new();
                        let called = device.call(
                            id,
                            |writer| writer.append(arguments),
                            |bytes| {
                                results.extend_from_slice(bytes);
                                Ok(())
                            },
                        );
                        match called {
                            Ok(()) => Ok(Some(results)),
                            Err(error) => {
                                if is_lost(&error) && !self.is_by_program() {
                                    state.device = None;
                                }
                                Err(self.ended(error))
                            }
                        }
                    }
                    (None, None) => Ok(None),
                }
            });
            match done {
                Ok(Some(results)) => return Ok(results),
                Ok(None) if fresh => return Err(Failed::Busy.error(py, self)),
                Ok(None) => self.connect(py)?,
                Err(error) => return Err(error.error(py, self)),
            }
            fresh = true;
        }
    }

    /// Sends a one-way call.
    pub fn cast(&self, py: Python<'_>, id: ProcedureId, arguments: &[u8], patience: Patience) -> PyResult<()> {
        self.connect(py)?;
        let sent = self.turn(py, patience.timeout, |state| {
            self.begin();
            let sent = match (self.flying(state, id), &mut state.device) {
                (Some(key), _) => match state.flying.get_mut(&key) {
                    Some(flying) => flying.cast(id, arguments, patience.timeout),
                    None => Err(CallError::Closed),
                },
                (None, Some(device)) => {
                    device.set_timeout(patience.timeout);
                    device.cast(id, |writer| writer.append(arguments))
                }
                (None, None) => Err(CallError::Closed),
            };
            sent.map_err(|error| {
                if is_lost(&error) && !self.is_by_program() {
                    *state = State::default();
                }
                self.ended(error)
            })
        });
        sent.map_err(|error| error.error(py, self))
    }

    /// Begins a call: nothing has arrived, and no signal.
    fn begin(&self) {
        self.heard.clear();
        self.interrupt.begin();
    }

    /// Returns the connection with calls in flight that the calls of a program use, if there is one.
    fn flying(&self, state: &State, id: ProcedureId) -> Option<Key> {
        let key = self.key(id);
        state.flying.contains_key(&key).then_some(key)
    }

    /// Makes a call beside those in flight.
    fn call_flying(
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
        called.map_err(|error| {
            if is_lost(&error) {
                state.flying.remove(&key);
            }
            self.ended(error)
        })
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
        if key.is_none() {
            self.connect(py)?;
        } else {
            self.connect_program(py, id)?;
        }
        let started = self.turn(py, patience.timeout, |state| {
            self.begin();
            if !state.flying.contains_key(&key) {
                let flight = state.device.take().and_then(Device::into_flight);
                state.flying.insert(key, Flying::new(flight.ok_or(Failed::Call(CallError::Closed))?));
            }
            let Some(flying) = state.flying.get_mut(&key) else { return Err(Failed::Call(CallError::Closed)) };
            let started = flying.start(id, arguments, patience.timeout, patience.retry(), || {
                self.interrupt.begin();
                self.look()
            });
            started.map_err(|error| {
                if is_lost(&error) {
                    state.flying.remove(&key);
                }
                self.ended(error)
            })
        });
        started.map_err(|error| error.error(py, self))
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

    /// Asks the device for its interface.
    fn describe(&self, py: Python<'_>) -> PyResult<Arc<Loaded>> {
        self.connect(py)?;
        let name = self.settings.given.as_ref().map_or("the device", |given| given.value.as_str()).to_owned();
        let parsed = self.turn(py, self.settings.timeout.value, |state| {
            self.begin();
            let Some(device) = &mut state.device else { return Err(Failed::Call(CallError::Closed)) };
            device.set_timeout(self.settings.timeout.value);
            text_of_device(&name, device).map_err(|failure| match signals::take() {
                Some(raised) => Failed::Raised(raised),
                None if self.is_closed() => Failed::Closed,
                None => Failed::Failure(diagnose::explain(failure, &self.settings, &self.heard)),
            })
        });
        Loaded::of(py, parsed.map_err(|error| error.error(py, self))?, &self.settings)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A child process must send nothing on the connection of its parent, not even a farewell.
        if self.process != process::id()
            && let Some(mut turn) = self.turns.try_take()
            && let Some(state) = turn.thing()
        {
            std::mem::forget(std::mem::take(state));
        }
    }
}

/// A device: its connection, which threads share, and its interface.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Link {
    place: Arc<Place>,
    interface: Mutex<Option<Arc<Loaded>>>,
}

#[pymethods]
impl Link {
    /// Connects to a device. `options` are the keyword arguments of `oncilla_rpc.connect`.
    #[staticmethod]
    fn connect(py: Python<'_>, target: &str, options: &Bound<'_, PyDict>, logger: Py<PyAny>) -> PyResult<Self> {
        let settings = settings::read(py, target, options)?;
        let interface = Loaded::of_file(py, &settings)?;
        let place = Arc::new(Place::new(settings, logger));
        place.connect(py)?;
        Ok(Self { place, interface: Mutex::new(interface) })
    }

    /// The target in full, such as `tcp://oven.local:20049`.
    #[getter]
    fn target(&self) -> String {
        self.place.settings.target.as_ref().map(|target| target.value.to_string()).unwrap_or_default()
    }

    /// Whether the device was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.place.is_closed()
    }

    /// The interface: that of the file, or that of the device, which is asked once.
    fn interface(&self, py: Python<'_>) -> PyResult<Interface> {
        let known = self.interface.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(loaded) = known {
            return Ok(Interface { loaded });
        }
        self.place.check(py)?;
        let loaded = self.place.describe(py)?;
        let loaded = self.interface.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(loaded).clone();
        Ok(Interface { loaded })
    }

    /// The same device with another interface.
    fn with_interface(&self, interface: &Interface) -> Self {
        Self {
            place: Arc::clone(&self.place),
            interface: Mutex::new(Some(interface.loaded.with_settings(&self.place.settings))),
        }
    }

    /// A procedure of the interface, by its numbers.
    fn procedure(&self, py: Python<'_>, program: u32, version: u32, procedure: u32) -> PyResult<Procedure> {
        let loaded = self.interface(py)?.loaded;
        let index = loaded.index(ProcedureId { program, version, procedure });
        let index = index.ok_or_else(|| {
            let what = format!("the interface has no procedure {procedure} of program {program:#x} version {version}");
            Class::BadInterface.error(py, &what, &[], None)
        })?;
        Ok(Procedure::new(Arc::clone(&self.place), loaded, index))
    }

    /// Calls procedure 0 of a program, which every server answers.
    fn null(&self, py: Python<'_>, program: u32, version: u32) -> PyResult<()> {
        let id = ProcedureId { program, version, procedure: 0 };
        self.place.call(py, id, &[], self.place.patience()).map(drop)
    }

    /// Refuses a closed device, and one of a parent process.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        self.place.check(py)
    }

    /// Keeps an object as long as the device lives.
    fn keep(&self, thing: Py<PyAny>) {
        *self.place.keeps.lock().unwrap_or_else(PoisonError::into_inner) = Some(thing);
    }

    /// Closes the connection. Calls of other threads, and calls in flight, raise `Closed`.
    fn close(&self, py: Python<'_>) {
        let place = &self.place;
        place.closed.store(true, Ordering::Release);
        if place.process != process::id() {
            return;
        }
        py.detach(|| {
            // A call of another thread ends within 50 ms. The call of this thread, whose signal handler closes the
            // device, ends afterwards, and drops the connection.
            if let Ok(mut turn) = place.turns.take(CLOSE, || false)
                && let Some(state) = turn.thing()
            {
                *state = State::default();
            }
        });
    }
}
