//! Interfaces.

use std::path::Path;

use oncilla::Caller;
use oncilla_rpcgen::tree::Definition;
use oncilla_rpcgen::{Parsed, Preprocessor, Severity, harmless};

use crate::error::{DescriptionError, InterfaceError, NameError};
use crate::format::{Bytes, Format, Limits, Payload, Texts};
use crate::lookup;
use crate::procedure::{Data, Procedure};
use crate::program;
use crate::schema::{Builder, Schema, Sizes};

/// The largest number of errors that an [`InterfaceError`] shows.
const SHOWN_MAX: usize = 8;

/// The interface of one or more programs, read at run time.
///
/// ```
/// use oncilla_dynamic::Interface;
/// use serde_json::json;
///
/// let interface = Interface::parse(
///     "struct reading { string place<16>; int millidegrees; };
///      program THERMOSTAT { version THERMOSTAT_1 { reading THERMOSTAT_READ(unsigned int channel) = 1; } = 1; } = 0x20000042;",
/// )?;
/// let read = interface.procedure("thermostat.read")?;
/// assert_eq!(read.encode_arguments(&json!({"channel": 3}))?, [0, 0, 0, 3]);
/// let results = [0, 0, 0, 4, b'h', b'a', b'l', b'l', 0, 0, 0x53, 0xfc];
/// assert_eq!(read.decode_results(&results)?, json!({"place": "hall", "millidegrees": 21500}));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Interface {
    pub(crate) schema: Schema,
    pub(crate) sizes: Sizes,
    pub(crate) programs: Vec<program::Data>,
    pub(crate) procedures: Vec<Data>,
    pub(crate) format: Format,
}

impl Interface {
    /// Parses the text of a `.x` file.
    ///
    /// The text may come from a peer: no file is opened, and size, words and depth are limited as for
    /// [`oncilla_rpcgen::parse_received`].
    ///
    /// # Errors
    /// The text has errors. Up to eight of them are in the [`InterfaceError`], with their places.
    pub fn parse(text: &str) -> Result<Self, InterfaceError> {
        Self::new(oncilla_rpcgen::parse_received("interface.x", text))
    }

    /// Parses a `.x` file and the files that it includes.
    ///
    /// # Errors
    /// The file cannot be read, or has errors.
    pub fn parse_file(path: impl AsRef<Path>) -> Result<Self, InterfaceError> {
        let path = path.as_ref();
        let parsed = oncilla_rpcgen::parse_file(path, &Preprocessor::default());
        let unread = |error| InterfaceError { report: format!("cannot read {}: {error}", path.display()) };
        Self::new(parsed.map_err(unread)?)
    }

    /// Reads the interface of a device that describes itself, by calls on `caller`.
    ///
    /// `name` stands for the device in errors. Reading is limited to two minutes and 1 MiB of text; see
    /// [`oncilla_rpcgen::read_description`].
    ///
    /// # Errors
    /// The device does not describe itself, a call fails, or the text has errors.
    pub fn read<C: Caller>(name: &str, caller: C) -> Result<Self, DescriptionError<C::Error>> {
        let parsed = oncilla_rpcgen::read_description(name, caller).map_err(DescriptionError::Read)?;
        Self::new(parsed).map_err(DescriptionError::Interface)
    }

    /// Creates an interface from a parsed text, for example after other preprocessor options.
    ///
    /// # Errors
    /// The text has errors.
    pub fn new(mut parsed: Parsed) -> Result<Self, InterfaceError> {
        // The checker assumes a tree without errors of the parser.
        failed(&parsed)?;
        let interface = oncilla_rpcgen::check(&parsed.tree, [], &mut parsed.report.diagnostics);
        if parsed.report.diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error) {
            let mut builder = Builder::new(&interface);
            let (mut programs, mut procedures) = (Vec::new(), Vec::new());
            for item in &parsed.tree.items {
                match &item.definition {
                    Definition::Program(program) => {
                        let number = |value| interface.value(value).ok().and_then(|number| u32::try_from(number).ok());
                        programs.push(program::read(item, program, &number, &mut builder, &mut procedures));
                    }
                    Definition::Typedef(declaration) => builder.define(&declaration.name.text, &item.comments),
                    Definition::Enum(name, _) | Definition::Struct(name, _) | Definition::Union(name, _) => {
                        builder.define(&name.text, &item.comments);
                    }
                    Definition::Constant(_) | Definition::Passed(_) => {}
                }
            }
            let schema = builder.finish();
            let sizes = Sizes::new(&schema, Payload::default());
            return Ok(Self { schema, sizes, programs, procedures, format: Format::default() });
        }
        failed(&parsed)?;
        Err(InterfaceError { report: "the interface has errors".to_owned() })
    }

    /// Sets the form of opaque data in JSON. [`Bytes::Hex`] unless set.
    #[must_use]
    pub fn bytes(mut self, bytes: Bytes) -> Self {
        self.format.bytes = bytes;
        self
    }

    /// Sets how a `string` that is not UTF-8 is decoded. [`Texts::Utf8`] unless set.
    #[must_use]
    pub fn texts(mut self, texts: Texts) -> Self {
        self.format.texts = texts;
        self
    }

    /// Sets the encoding of arguments and results. [`Payload::Xdr`] unless set.
    #[must_use]
    pub fn payload(mut self, payload: Payload) -> Self {
        self.format.payload = payload;
        self.sizes = Sizes::new(&self.schema, payload);
        self
    }

    /// Sets the limits of values.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.format.limits = limits;
        self
    }

    /// Returns all procedures, in the order of the file.
    ///
    /// Procedure 0, which every server answers, is not among them unless the file declares it.
    pub fn procedures(&self) -> impl Iterator<Item = Procedure<'_>> {
        self.procedures.iter().map(|data| Procedure { interface: self, data })
    }

    /// Returns the procedure of this name, such as `thermostat.read`.
    ///
    /// A name is a procedure, `program.procedure` or `version.procedure`. Names are those of the file, in capitals or
    /// small letters, with or without the name of the program or version before them: `thermostat.read` is
    /// `THERMOSTAT_READ` of `THERMOSTAT`. Of several versions of a program, the highest is chosen.
    ///
    /// # Errors
    /// No procedure has the name, or procedures of several programs have it.
    pub fn procedure(&self, name: &str) -> Result<Procedure<'_>, NameError> {
        lookup::find(&self.procedures, name).map(|data| Procedure { interface: self, data })
    }
}

/// Returns an error if the report has one.
fn failed(parsed: &Parsed) -> Result<(), InterfaceError> {
    let mut errors = parsed.report.errors();
    let shown: Vec<_> =
        errors.by_ref().take(SHOWN_MAX).map(|error| error.render(&parsed.report.sources, false)).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let more = errors.count();
    let more = if more > 0 { format!("\nand {more} more errors") } else { String::new() };
    Err(InterfaceError { report: harmless(&format!("{}{more}", shown.join("\n"))).into_owned() })
}
