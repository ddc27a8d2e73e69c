//! Procedures, which a program calls.

use std::sync::Arc;

use oncilla_device::connect::SLOTS;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::errors::{Class, bad_reply, bad_value};
use crate::flight::Future;
use crate::interface::{Loaded, Planned};
use crate::map::Calls;
use crate::place::{Patience, Place};
use crate::settings::{retries, time};

// Not documentation: that of the class would hide that of each procedure.
//
// `timeout=` and `retries=` are options of one call, unless the interface has arguments of these names.
#[pyclass(frozen, module = "oncilla_rpc")]
pub struct Procedure {
    place: Arc<Place>,
    loaded: Arc<Loaded>,
    index: usize,
    patience: Patience,
}

// The default of `map`, of which Python's tools show the number.
const _: () = assert!(SLOTS == 64, "the most calls in flight");

/// Converts and encodes the arguments of a procedure.
pub fn encode(
    place: &Place,
    loaded: &Loaded,
    index: usize,
    positional: &Bound<'_, PyTuple>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<u8>> {
    let py = positional.py();
    let (procedure, planned) = loaded.procedure(index).ok_or_else(|| gone(py))?;
    let value = loaded.plan.arguments(&planned.arguments, &planned.name, positional, keywords, &place.room());
    let value = value.map_err(|misfit| misfit.error(py))?;
    procedure.encode_arguments(&value).map_err(|error| bad_value(py, &error))
}

/// Converts the results of a procedure.
pub fn results(py: Python<'_>, loaded: &Loaded, index: usize, bytes: &[u8]) -> PyResult<Py<PyAny>> {
    let (procedure, planned) = loaded.procedure(index).ok_or_else(|| gone(py))?;
    let value = procedure.decode_results(bytes).map_err(|error| bad_reply(py, &error))?;
    loaded.plan.results(py, planned.result, value)
}

pub fn gone(py: Python<'_>) -> PyErr {
    Class::BadInterface.error(py, "the interface no longer has the procedure", &[], None)
}

impl Procedure {
    pub fn new(place: Arc<Place>, loaded: Arc<Loaded>, index: usize) -> Self {
        let patience = place.patience();
        Self { place, loaded, index, patience }
    }

    fn planned(&self, py: Python<'_>) -> PyResult<&Planned> {
        self.loaded.procedures.get(self.index).ok_or_else(|| gone(py))
    }

    /// Returns the arguments as bytes, and how the call waits.
    fn arguments(
        &self,
        py: Python<'_>,
        positional: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<(Vec<u8>, Patience)> {
        let planned = self.planned(py)?;
        let mut patience = self.patience;
        let keywords = keywords.map(|keywords| self.options(py, planned, keywords, &mut patience)).transpose()?;
        let bytes = encode(&self.place, &self.loaded, self.index, positional, keywords.as_ref())?;
        Ok((bytes, patience))
    }

    /// Takes the options of a call. Returns the arguments by name.
    fn options<'p>(
        &self,
        py: Python<'p>,
        planned: &Planned,
        keywords: &Bound<'p, PyDict>,
        patience: &mut Patience,
    ) -> PyResult<Bound<'p, PyDict>> {
        let is_option = |name: &str| !planned.arguments.iter().any(|argument| argument.attribute == name);
        let mut left = keywords.clone();
        for name in ["timeout", "retries"] {
            let Some(value) = keywords.get_item(name)?.filter(|_| is_option(name)) else { continue };
            if left.is(keywords) {
                left = keywords.copy()?;
            }
            left.del_item(name)?;
            match name {
                _ if value.is_none() => {}
                "timeout" => patience.timeout = time(py, name, &value)?,
                _ => patience.retries = Some(retries(py, &value)?),
            }
        }
        Ok(left)
    }
}

#[pymethods]
impl Procedure {
    #[pyo3(signature = (*args, **kwargs))]
    fn __call__(
        &self,
        py: Python<'_>,
        args: &Bound<'_, PyTuple>,
        kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let (arguments, patience) = self.arguments(py, args, kwargs)?;
        let id = self.planned(py)?.id;
        let bytes = self.place.call(py, id, &arguments, patience)?;
        results(py, &self.loaded, self.index, &bytes)
    }

    /// Sends a one-way call: does not wait, and has no results.
    ///
    /// The procedure must be one to which the device does not reply. A call that is lost is not noticed.
    #[pyo3(signature = (*args, **kwargs))]
    fn cast(&self, py: Python<'_>, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let (arguments, patience) = self.arguments(py, args, kwargs)?;
        self.place.cast(py, self.planned(py)?.id, &arguments, patience)
    }

    /// Starts a call and returns its `Future`, without waiting for the reply.
    #[pyo3(signature = (*args, **kwargs))]
    fn start(&self, py: Python<'_>, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Future> {
        let (arguments, patience) = self.arguments(py, args, kwargs)?;
        let id = self.planned(py)?.id;
        let pending = self.place.start(py, id, &arguments, patience)?;
        Ok(Future::new(Arc::clone(&self.place), Arc::clone(&self.loaded), self.index, id, pending))
    }

    /// Starts a call as `start` does, and may send it together with those that follow.
    ///
    /// It is sent at the next wait for a reply, or 2 ms later.
    #[pyo3(signature = (*args, **kwargs))]
    fn start_together(
        &self,
        py: Python<'_>,
        args: &Bound<'_, PyTuple>,
        kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Future> {
        let (arguments, patience) = self.arguments(py, args, kwargs)?;
        let id = self.planned(py)?.id;
        let pending = self.place.start_together(py, id, &arguments, patience)?;
        Ok(Future::new(Arc::clone(&self.place), Arc::clone(&self.loaded), self.index, id, pending))
    }

    /// Makes a call for each item, with at most `in_flight` calls at a time, and returns the results in the order of the
    /// items.
    ///
    /// An item is the argument. If the procedure has several arguments or none, it is a tuple or a dict of them. The first
    /// error in the order of the items is raised. Its `index` is the number of the item, from 0. Calls for later items may
    /// have been executed. With `return_exceptions`, an error takes the place of its result. What the items raise, Ctrl-C and
    /// `close` end it at once.
    #[pyo3(signature = (items, *, in_flight = None, return_exceptions = false))]
    #[pyo3(text_signature = "($self, items, *, in_flight=64, return_exceptions=False)")]
    fn map(
        &self,
        py: Python<'_>,
        items: &Bound<'_, PyAny>,
        in_flight: Option<&Bound<'_, PyAny>>,
        return_exceptions: bool,
    ) -> PyResult<Py<PyList>> {
        let given = in_flight.map_or(Some(SLOTS), |given| given.extract().ok());
        let Some(most) = given.filter(|number| (1..=SLOTS).contains(number)) else {
            let what = format!("expected 1 to {SLOTS} calls in flight");
            return Err(Class::BadValue.error(py, &what, &[], Some("in_flight")));
        };
        let Self { place, loaded, index, patience } = self;
        let id = self.planned(py)?.id;
        Calls { place, loaded, index: *index, id, patience: *patience, most, return_exceptions }.make(py, items)
    }

    /// Returns the procedure with other options: `timeout` in seconds, and how often a lost call is sent again.
    #[pyo3(signature = (*, timeout = None, retries = None))]
    fn with_options(
        &self,
        py: Python<'_>,
        timeout: Option<&Bound<'_, PyAny>>,
        retries: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut patience = self.patience;
        if let Some(timeout) = timeout {
            patience.timeout = time(py, "timeout", timeout)?;
        }
        if let Some(number) = retries {
            patience.retries = Some(crate::settings::retries(py, number)?);
        }
        let (place, loaded) = (Arc::clone(&self.place), Arc::clone(&self.loaded));
        Ok(Self { place, loaded, index: self.index, patience })
    }

    /// The name, such as `read`.
    #[getter]
    fn __name__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.planned(py)?.name.clone())
    }

    /// The name with that of the program, such as `thermostat.read`.
    #[getter]
    fn __qualname__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.planned(py)?.whole.clone())
    }

    #[getter]
    fn __doc__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.planned(py)?.documentation.clone())
    }

    #[getter]
    fn __signature__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let line = self.planned(py)?.documentation.lines().next().unwrap_or_default().to_owned();
        let made = py.import("oncilla_rpc._types")?.getattr("signature")?.call1((line,))?;
        Ok(made.unbind())
    }

    /// The numbers of program, version and procedure.
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<(u32, u32, u32)> {
        let id = self.planned(py)?.id;
        Ok((id.program, id.version, id.procedure))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let planned = self.planned(py)?;
        let line = planned.documentation.lines().next().unwrap_or_default();
        let program = planned.whole.rsplit_once('.').map_or("", |(program, _)| program);
        Ok(format!("<procedure {program}.{line}>"))
    }
}
