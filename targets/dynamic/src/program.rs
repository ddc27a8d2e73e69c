//! Programs and their versions, to list the contents of an interface.

use std::ops::Range;

use oncilla::ProcedureId;
use oncilla_rpcgen::tree::{self, Item};

use crate::interface::Interface;
use crate::lookup;
use crate::procedure::{self, Procedure};
use crate::schema::{Builder, Field, documentation};

/// The data of a program.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    name: String,
    number: u32,
    documentation: String,
    versions: Vec<OfVersion>,
}

#[derive(Clone, Debug)]
struct OfVersion {
    name: String,
    number: u32,
    documentation: String,
    /// The indices of its procedures among those of the interface.
    procedures: Range<usize>,
}

/// A program of an [`Interface`].
///
/// ```
/// let interface = oncilla_dynamic::Interface::parse(
///     "/* Measures. */
///      program SENSOR { version SENSOR_1 {
///          int SENSOR_READ(unsigned int channel) = 1; /* In milli-degrees. */
///      } = 1; } = 0x20000042;",
/// )?;
/// for program in interface.programs() {
///     println!("{} {:#x}: {}", program.name(), program.number(), program.documentation());
///     for procedure in program.versions().flat_map(|version| version.procedures()) {
///         println!("    {}    {}", procedure.short_name(), procedure.documentation());
///     }
/// }
/// # let sensor = interface.programs().next().unwrap();
/// # assert_eq!((sensor.name(), sensor.number(), sensor.documentation()), ("SENSOR", 0x2000_0042, "Measures."));
/// # assert_eq!(interface.procedure("sensor.read")?.documentation(), "In milli-degrees.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Program<'i> {
    interface: &'i Interface,
    data: &'i Data,
}

/// A version of a [`Program`].
#[derive(Clone, Copy, Debug)]
pub struct Version<'i> {
    interface: &'i Interface,
    data: &'i OfVersion,
}

impl<'i> Program<'i> {
    /// Returns the name in the file.
    #[must_use]
    pub fn name(&self) -> &'i str {
        &self.data.name
    }

    /// Returns the number.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.data.number
    }

    /// Returns the comment in the file, which may be empty.
    #[must_use]
    pub fn documentation(&self) -> &'i str {
        &self.data.documentation
    }

    /// Returns the versions, in the order of the file.
    pub fn versions(&self) -> impl Iterator<Item = Version<'i>> + use<'i> {
        let Self { interface, data } = *self;
        data.versions.iter().map(move |data| Version { interface, data })
    }
}

impl<'i> Version<'i> {
    /// Returns the name in the file.
    #[must_use]
    pub fn name(&self) -> &'i str {
        &self.data.name
    }

    /// Returns the number.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.data.number
    }

    /// Returns the comment in the file, which may be empty.
    #[must_use]
    pub fn documentation(&self) -> &'i str {
        &self.data.documentation
    }

    /// Returns the procedures, in the order of the file.
    pub fn procedures(&self) -> impl Iterator<Item = Procedure<'i>> + use<'i> {
        let Self { interface, data } = *self;
        let procedures = interface.procedures.get(data.procedures.clone()).unwrap_or_default();
        procedures.iter().map(move |data| Procedure { interface, data })
    }
}

impl Interface {
    /// Returns the programs, in the order of the file.
    pub fn programs(&self) -> impl Iterator<Item = Program<'_>> {
        self.programs.iter().map(|data| Program { interface: self, data })
    }
}

/// Reads a program of a file without errors. Its procedures are added to `procedures`.
pub(crate) fn read<'t>(
    item: &Item,
    program: &'t tree::Program,
    number: &impl Fn(&'t tree::Value) -> Option<u32>,
    builder: &mut Builder<'_, 't>,
    procedures: &mut Vec<procedure::Data>,
) -> Data {
    // Without errors every number is there.
    let of = |value| number(value).unwrap_or_default();
    let mut versions = Vec::new();
    for version in &program.versions {
        let first = procedures.len();
        let shared = lookup::shared_prefix(version.procedures.iter().map(|procedure| procedure.name.text.as_str()));
        for procedure in &version.procedures {
            let mut arguments = Vec::new();
            for (index, argument) in procedure.arguments.iter().enumerate() {
                let name = argument.name.as_ref().map_or_else(|| format!("arg{}", index + 1), |name| name.text.clone());
                arguments.push(Field { name, id: builder.type_(&argument.type_), documentation: String::new() });
            }
            procedures.push(procedure::Data {
                names: lookup::Names::new(&program.name.text, &version.name.text, &procedure.name.text, shared),
                id: ProcedureId {
                    program: of(&program.number),
                    version: of(&version.number),
                    procedure: of(&procedure.number),
                },
                declaration: procedure.to_string(),
                documentation: documentation(&procedure.comments),
                arguments,
                result: procedure.result.as_ref().map(|result| builder.type_(result)),
            });
        }
        versions.push(OfVersion {
            name: version.name.text.clone(),
            number: of(&version.number),
            documentation: documentation(&version.comments),
            procedures: first..procedures.len(),
        });
    }
    let (name, number) = (program.name.text.clone(), of(&program.number));
    Data { name, number, documentation: documentation(&item.comments), versions }
}
