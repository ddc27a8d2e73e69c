//! Procedures, which a program calls.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::{Class, bad_reply, bad_value};
use crate::flight::Future;
use crate::interface::{Loaded, Planned};
use crate::link::{Patience, Place};
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

/// Converts the results of a procedure.
pub fn results(py: Python<'_>, loaded: &Loaded, index: usize, bytes: &[u8]) -> PyResult<Py<PyAny>> {
    let (procedure, planned) = loaded.procedure(index).ok_or_else(|| gone(py))?;
    let value = procedure.decode_results(bytes).map_err(|error| bad_reply(py, &error))?;
    loaded.plan.results(py, planned.result, value)
}

fn gone(py: Python<'_>) -> PyErr {
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
        let (procedure, planned) = self.loaded.procedure(self.index).ok_or_else(|| gone(py))?;
        let mut patience = self.patience;
        let keywords = keywords.map(|keywords| self.options(py, planned, keywords, &mut patience)).transpose()?;
        let room = self.place.room();
        let (fields, name) = (&planned.arguments, &planned.name);
        let value = self.loaded.plan.arguments(fields, name, positional, keywords.as_ref(), &room);
        let value = value.map_err(|misfit| misfit.error(py))?;
        let bytes = procedure.encode_arguments(&value).map_err(|error| bad_value(py, &error))?;
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
