//! The native part of the Python package `oncilla_rpc`.
//!
//! `link` is a device, `place` its connection, `in_flight` the calls on it that do not wait for each other, `map` makes many, `procedure`
//! what a program calls, `plan` converts values, `settings` are the arguments of `connect`, `server` calls methods of
//! Python. The classes of values and errors are made by the Python part.

mod errors;
mod find;
mod flight;
mod generate;
mod in_flight;
mod interface;
mod link;
mod logs;
mod map;
mod place;
mod plan;
mod procedure;
mod server;
mod settings;
mod signals;
mod together;
mod turns;

use pyo3::prelude::*;

/// The native part of `oncilla_rpc`, which exports its public items.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::find::{ports, search};
    #[pymodule_export]
    use super::flight::Future;
    #[pymodule_export]
    use super::generate::generate;
    #[pymodule_export]
    use super::interface::Interface;
    #[pymodule_export]
    use super::link::Link;
    #[pymodule_export]
    use super::procedure::Procedure;
    #[pymodule_export]
    use super::server::{Called, Calls, Serving};
    #[pymodule_export]
    use super::signals::Cancel;

    /// The version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "the name of Python")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
