//! The connection to a device, which threads share.

use std::collections::HashMap;
use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oncilla::{CallError, Caller, ProcedureId, Retry};
use oncilla_device::connect::{self, Device, Heard, How, Interrupt, diagnose};
use oncilla_device::failure::Failure;
use oncilla_device::interface::{text_of_caller, text_of_device};
use oncilla_device::settings::Settings;
use oncilla_device::target::{Address, Payload};
use pyo3::prelude::*;

use crate::errors::{Class, call_failed, failed, is_lost};
use crate::flight::Flying;
use crate::interface::Loaded;
use crate::logs;
use crate::plan::Room;
use crate::signals::{self, waiting};
use crate::together::Together;
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
    pub fn retry(&self) -> Retry {
        match self.retries {
            Some(retries) => Retry::every(self.timeout / (retries + 1)),
            None => Retry::DEFAULT,
        }
    }
}

/// A program and its version, with a target whose rpcbind knows the address of each.
pub type Key = Option<(u32, u32)>;

/// The connections of a device.
#[derive(Default)]
pub struct State {
    /// The connection for one call after another.
    pub device: Option<Device>,
    /// Connections that had calls in flight, which also make single calls.
    pub flying: HashMap<Key, Flying>,
}

/// Where a device is, and its connection.
pub struct Place {
    pub settings: Settings,
    pub how: How,
    heard: Heard,
    pub interrupt: Interrupt,
    pub turns: Turns<State>,
    /// The calls in flight that are sent together.
    pub together: Together,
    /// Also ends the waits of calls.
    pub closed: Arc<AtomicBool>,
    /// What lives as long as the device: the server that has made it.
    pub keeps: Mutex<Option<Py<PyAny>>>,
    /// The process that has connected. A child shares the socket, and must not use it.
    pub process: u32,
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
    pub fn new(settings: Settings, logger: Py<PyAny>) -> Self {
        let heard = Heard::default();
        let closed = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&closed);
        let interrupt = Interrupt::new(move || ends.load(Ordering::Acquire) || signals::look());
        let together = Together::default();
        let how = How {
            cork: together.cork.clone(),
            heard: heard.clone(),
            interrupt: Some(interrupt.clone()),
            show: Some(logs::show(logger)),
            ..How::default()
        };
        let turns = Turns::new(State::default());
        let (keeps, process) = (Mutex::default(), process::id());
        Self { settings, how, heard, interrupt, turns, together, closed, keeps, process }
    }

    /// Returns how many elements arguments may have.
    pub fn room(&self) -> Room {
        // XDR has no smaller element: an array of bytes is `opaque`.
        let least = if self.settings.payload.value == Payload::Xdr { 4 } else { 1 };
        Room::of_message(self.settings.message_max.value as usize, least, "connect")
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
    pub fn look(&self) -> bool {
        self.is_closed() || signals::look()
    }

    pub fn patience(&self) -> Patience {
        let timeout = self.settings.timeout.value;
        Patience { timeout, retries: None }
    }

    /// Returns which connection the calls of a program use.
    pub fn key(&self, id: ProcedureId) -> Key {
        self.is_by_program().then_some((id.program, id.version))
    }

    fn is_by_program(&self) -> bool {
        matches!(self.settings.target.as_ref().map(|target| &target.value.address), Some(Address::Rpc { .. }))
    }

    /// Runs work in a turn of this thread.
    ///
    /// Connects first if there is no connection.
    pub fn turn<R>(
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
            // Perhaps while this thread waited.
            let done = if self.is_closed() { Err(Failed::Closed) } else { work(state) };
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
    pub fn waiting<R: Send + 'static>(&self, py: Python<'_>, work: impl FnOnce() -> R + Send + 'static) -> PyResult<R> {
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
    pub fn begin(&self) {
        self.heard.clear();
        self.interrupt.begin();
    }

    /// Returns the connection with calls in flight that the calls of a program use, if there is one.
    fn flying(&self, state: &State, id: ProcedureId) -> Option<Key> {
        let key = self.key(id);
        state.flying.contains_key(&key).then_some(key)
    }

    /// Asks the device for its interface.
    pub fn describe(&self, py: Python<'_>) -> PyResult<Arc<Loaded>> {
        self.connect(py)?;
        let name = self.settings.given.as_ref().map_or("the device", |given| given.value.as_str()).to_owned();
        let parsed = self.turn(py, self.settings.timeout.value, |state| {
            self.begin();
            let timeout = self.settings.timeout.value;
            let text = match (&mut state.device, state.flying.get_mut(&None)) {
                (Some(device), _) => {
                    device.set_timeout(timeout);
                    text_of_device(&name, device)
                }
                (None, Some(flying)) => {
                    let alone = flying.alone(timeout, || {
                        self.interrupt.begin();
                        self.look()
                    });
                    text_of_caller(&name, &mut alone.map_err(|error| self.ended(error))?)
                }
                (None, None) => return Err(Failed::Call(CallError::Closed)),
            };
            text.map_err(|failure| match signals::take() {
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
