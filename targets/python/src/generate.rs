//! Generates Python modules from `.x` files.

use std::path::PathBuf;

use oncilla_device::failure::Failure;
use oncilla_rpcgen::{Error, Options};
use pyo3::prelude::*;

use crate::errors::Class;

/// Returns the Python module of a `.x` file: its classes and clients, as `oncilla-rpcgen --language python` writes it.
#[pyfunction]
pub fn generate(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    let generated = py.detach(|| Options::new().generate_python(&path));
    let output = generated.map_err(|error| match &error {
        Error::Read(_, error) => bad(py, &Failure::file("read", &path, error)),
        other => Class::BadInterface.error(py, &other.to_string(), &[], None),
    })?;
    Ok(output.python)
}

fn bad(py: Python<'_>, failure: &Failure) -> PyErr {
    Class::BadInterface.error(py, failure.what(), failure.helps(), None)
}
