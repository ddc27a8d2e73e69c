//! The interface of a device: its programs and procedures, with the classes of its values.

use std::path::PathBuf;
use std::sync::Arc;

use oncilla::ProcedureId;
use oncilla_device::failure::Failure;
use oncilla_device::interface::interface_of;
use oncilla_device::settings::Settings;
use oncilla_device::target::Payload;
use oncilla_dynamic::{Interface as Dynamic, Limits, Procedure, Texts};
use oncilla_rpcgen::{Parsed, Preprocessor};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::Class;
use crate::plan::{Builder, Classes, Field, Plan, docstring, names_of};

/// An interface, with what converts its values.
pub struct Loaded {
    pub dynamic: Dynamic,
    /// The text of the interface, which servers return.
    pub text: String,
    pub plan: Arc<Plan>,
    /// In the order of the procedures of the interface.
    pub procedures: Arc<[Planned]>,
}

/// The memory of a decoded value, for each byte of the largest message. An element of a struct takes the most.
const MEMORY_EACH: usize = 64;

/// The size of the largest message unless it is set.
const MESSAGE_MAX: u32 = 1 << 20;

/// Returns the limits of values, by the size of the largest message.
fn limits(message_max: u32) -> Limits {
    let memory = (message_max as usize).saturating_mul(MEMORY_EACH).max(Limits::default().memory);
    Limits { memory, ..Limits::default() }
}

/// A procedure, with what converts its arguments and results.
pub struct Planned {
    pub id: ProcedureId,
    /// The name in Python, which is no keyword.
    pub name: String,
    /// The name with that of its program, such as `thermostat.read`.
    pub whole: String,
    pub documentation: String,
    pub arguments: Vec<Field>,
    pub result: Option<usize>,
}

impl Loaded {
    /// Builds what converts the values of an interface.
    ///
    /// `classes` replace those of their types, which are made otherwise.
    pub fn new(py: Python<'_>, dynamic: Dynamic, text: String, classes: Classes) -> PyResult<Arc<Self>> {
        let mut builder = Builder::new(py, classes)?;
        builder.all(&dynamic)?;
        let mut procedures = Vec::new();
        for procedure in dynamic.procedures() {
            let short = procedure.short_name();
            let (program, alone) = short.rsplit_once('.').unwrap_or(("", short));
            let name = names_of([alone].into_iter()).remove(0);
            let fields: Vec<_> = procedure.argument_fields().collect();
            let path = procedure.names()[2];
            let arguments = builder.fields(&fields, "", path)?;
            let result = procedure.result().map(|result| builder.node(result, "Result", path)).transpose()?;
            procedures.push(Planned {
                id: procedure.id(),
                whole: format!("{program}.{name}"),
                documentation: docstring(&procedure, &name, &arguments),
                name,
                arguments,
                result,
            });
        }
        let plan = Arc::new(builder.finish());
        Ok(Arc::new(Self { dynamic, text, plan, procedures: procedures.into() }))
    }

    /// Returns the interface of a text that was parsed.
    pub fn of(py: Python<'_>, parsed: Parsed, settings: &Settings) -> PyResult<Arc<Self>> {
        let text = parsed.tree.to_string();
        let dynamic = interface_of(parsed, settings).map_err(|failure| bad(py, &failure))?;
        Self::new(py, dynamic.limits(limits(settings.message_max.value)), text, Classes::new())
    }

    /// Returns the interface with the limits and the payload of a device.
    pub fn with_settings(&self, settings: &Settings) -> Arc<Self> {
        let dynamic = self.dynamic.clone().limits(limits(settings.message_max.value));
        Arc::new(Self {
            dynamic: dynamic.payload(settings.payload.value.into()),
            text: self.text.clone(),
            plan: Arc::clone(&self.plan),
            procedures: Arc::clone(&self.procedures),
        })
    }

    /// Reads the interface of the file that is set, if one is.
    pub fn of_file(py: Python<'_>, settings: &Settings) -> PyResult<Option<Arc<Self>>> {
        let Some(file) = &settings.interface else { return Ok(None) };
        let parsed = oncilla_rpcgen::parse_file(&file.value, &Preprocessor::default());
        let parsed = parsed.map_err(|error| bad(py, &Failure::file("read", &file.value, &error)))?;
        Self::of(py, parsed, settings).map(Some)
    }

    /// Returns the procedure at an index, as the interface has it.
    pub fn procedure(&self, index: usize) -> Option<(Procedure<'_>, &Planned)> {
        Some((self.dynamic.procedures().nth(index)?, self.procedures.get(index)?))
    }

    /// Returns the index of a procedure.
    pub fn index(&self, id: ProcedureId) -> Option<usize> {
        self.procedures.iter().position(|procedure| procedure.id == id)
    }
}

/// Returns the exception of an interface with errors.
fn bad(py: Python<'_>, failure: &Failure) -> PyErr {
    Class::BadInterface.error(py, failure.what(), failure.helps(), None)
}

/// An interface: programs, procedures and types of a `.x` file or of a device.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Interface {
    pub loaded: Arc<Loaded>,
}

/// A version of a program: its number, name and comment, and its procedures with their numbers, names and docstrings.
type OfVersion = (u32, String, String, Vec<(u32, String, String)>);

impl Interface {
    fn of(py: Python<'_>, parsed: Parsed, payload: &str, classes: Classes) -> PyResult<Self> {
        let payload = Payload::named(payload).ok_or_else(|| {
            Class::BadValue.error(py, "`payload`: expected \"xdr\" or \"postcard\"", &[], Some("payload"))
        })?;
        let text = parsed.tree.to_string();
        let dynamic = Dynamic::new(parsed).map_err(|error| bad(py, &error.into()))?;
        let dynamic = dynamic.texts(Texts::Latin1).payload(payload.into()).limits(limits(MESSAGE_MAX));
        Ok(Self { loaded: Loaded::new(py, dynamic, text, classes)? })
    }
}

#[pymethods]
impl Interface {
    /// Reads the interface of a `.x` file.
    #[staticmethod]
    #[pyo3(signature = (path, payload = "xdr"))]
    fn read(py: Python<'_>, path: PathBuf, payload: &str) -> PyResult<Self> {
        let parsed = oncilla_rpcgen::parse_file(&path, &Preprocessor::default());
        let parsed = parsed.map_err(|error| bad(py, &Failure::file("read", &path, &error)))?;
        Self::of(py, parsed, payload, Classes::new())
    }

    /// Reads the interface of a text. `classes` are those of its types, by their names in the text.
    #[staticmethod]
    #[pyo3(signature = (text, classes = None, payload = "xdr"))]
    fn parse(py: Python<'_>, text: &str, classes: Option<Classes>, payload: &str) -> PyResult<Self> {
        Self::of(py, oncilla_rpcgen::parse_received("interface.x", text), payload, classes.unwrap_or_default())
    }

    /// The programs: number, name in Python, name in the file, comment and versions of each.
    fn programs(&self) -> Vec<(u32, String, String, String, Vec<OfVersion>)> {
        let of_version = |version: oncilla_dynamic::Version<'_>| -> OfVersion {
            let procedures = version.procedures().filter_map(|procedure| {
                let planned = self.loaded.procedures.get(self.loaded.index(procedure.id())?)?;
                Some((procedure.id().procedure, planned.name.clone(), planned.documentation.clone()))
            });
            (version.number(), version.name().to_owned(), version.documentation().to_owned(), procedures.collect())
        };
        let programs = self.loaded.dynamic.programs();
        programs
            .map(|program| {
                let small = program.name().to_ascii_lowercase();
                let name = names_of([small.as_str()].into_iter()).remove(0);
                let versions = program.versions().map(of_version).collect();
                (program.number(), name, program.name().to_owned(), program.documentation().to_owned(), versions)
            })
            .collect()
    }

    /// The classes of the types, by their names in the file.
    fn classes<'p>(&self, py: Python<'p>) -> PyResult<Bound<'p, PyDict>> {
        let classes = PyDict::new(py);
        for (name, class) in self.loaded.plan.classes() {
            classes.set_item(name, class)?;
        }
        Ok(classes)
    }
}
