//! A device, as the Python part of the package sees it.

use std::process;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oncilla::ProcedureId;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::Class;
use crate::interface::{Interface, Loaded};
use crate::place::{Place, State};
use crate::procedure::Procedure;
use crate::settings;

/// How long closing a device waits for calls of other threads.
const CLOSE: Duration = Duration::from_millis(300);

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
