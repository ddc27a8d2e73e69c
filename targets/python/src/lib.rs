//! The native part of the Python package `oncilla_rpc`.

use pyo3::prelude::*;

/// The native part of `oncilla_rpc`, which exports its public items.
#[pymodule]
mod _native {
    /// The version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "the name of Python")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
