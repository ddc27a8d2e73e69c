//! Compiles a file to Rust: all steps together.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use crate::diagnostic::{Diagnostic, Report};
use crate::generate::large;
use crate::harmless::harmless;
use crate::options::{Data, Options};
use crate::parse::{parse_file, parse_text};
use crate::tree::{Definition, Specification};
use crate::{Interface, Parsed, c, check, generate, generate_python};

/// The largest number of nodes, and so of levels, of a tree. Its links are numbers of 16 bits.
const TREE_MAX: u32 = 65_534;

/// The largest number of levels of a tree on the heap, as `oncilla::xdr::Deep` has them.
const DEEP_MAX: u32 = 255;

/// Compiles a `.x` file to Rust in `OUT_DIR`, with the default [`Options`]. For `build.rs`.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), oncilla_rpcgen::Error> {
///     oncilla_rpcgen::compile("proto/sensor.x")
/// }
/// ```
///
/// # Errors
/// As [`Options::compile`].
pub fn compile(path: impl AsRef<Path>) -> Result<(), Error> {
    Options::new().compile(path)
}

/// The result of compiling a file: Rust, the files that were read, and notes.
#[derive(Clone, Debug)]
pub struct Output {
    /// The generated Rust.
    pub rust: String,
    /// The files that were read, and the notes about them.
    pub report: Report,
    /// A note for each bound that is assumed because neither the file nor an option states it.
    pub assumed: Vec<Diagnostic>,
    summary: Option<String>,
    /// The messages about types that are large in memory.
    large: Vec<String>,
}

impl Output {
    /// Returns one line about all assumed bounds, if there are any.
    #[must_use]
    pub fn assumed_summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }
}

/// The result of compiling a file to Python.
#[derive(Clone, Debug)]
pub struct PythonOutput {
    /// The generated Python.
    pub python: String,
    /// The files that were read, and the notes about them.
    pub report: Report,
}

/// The result of compiling a file to C: the texts of the files for `oncilla.h`, C99 and C++.
#[derive(Clone, Debug)]
pub struct COutput {
    /// The header, `NAME.h`.
    pub header: String,
    /// The encoders and decoders, `NAME.c`.
    pub codec: String,
    /// The client, `NAME_client.c`. `None` if the file has no program.
    pub client: Option<String>,
    /// The server, `NAME_server.c`. `None` if the file has no program.
    pub server: Option<String>,
    /// The files that were read, and the notes about them.
    pub report: Report,
}

impl Options {
    /// Compiles a file and returns C for `oncilla.h`. `name` is that of the files, without `.h`.
    ///
    /// Structs hold their data up to their bounds; nothing is allocated. With [`Data::Borrowed`], strings and opaque data
    /// are pointers into the bytes that are decoded. A linked list is an array of nodes. Each string, array and list
    /// needs a bound, of the file or of an option; none is assumed. A type that contains itself in another way is refused.
    ///
    /// ```
    /// let c = oncilla_rpcgen::Options::new().generate_c_text("point.x", "point", "struct point { int x; };")?;
    /// assert!(c.header.contains("typedef struct point {\n    int32_t x;\n} point;"));
    /// # Ok::<(), oncilla_rpcgen::Error>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, it has errors, or it has types that C does not have.
    pub fn generate_c(&self, path: impl AsRef<Path>, name: &str) -> Result<COutput, Error> {
        let path = path.as_ref();
        let parsed = parse_file(path, &self.preprocessor).map_err(|error| Error::Read(path.to_owned(), error))?;
        self.finish_c(parsed, path, name)
    }

    /// Compiles a text and returns C. `path` is its name in errors, and files are included from its folder.
    ///
    /// # Errors
    /// The text has errors, or types that C does not have.
    pub fn generate_c_text(
        &self,
        path: impl AsRef<Path>,
        name: &str,
        text: impl Into<String>,
    ) -> Result<COutput, Error> {
        let path = path.as_ref();
        self.finish_c(parse_text(path, text, &self.preprocessor), path, name)
    }

    fn finish_c(&self, parsed: Parsed, path: &Path, name: &str) -> Result<COutput, Error> {
        if self.data == Data::Heap {
            return Err(Error::Option(
                "C allocates nothing, so it has no data on the heap; use owned or borrowed data".into(),
            ));
        }
        let Parsed { tree, mut report } = parsed;
        let interface = check(&tree, [], &mut report.diagnostics);
        if report.errors().next().is_some() {
            return Err(Error::Wrong(report));
        }
        self.check_procedures(&tree)?;
        self.check_bounds(&interface)?;
        match c::generate(&interface, &shown(path), name, self) {
            Ok(c::Files { header, codec, client, server }) => Ok(COutput { header, codec, client, server, report }),
            Err(errors) => {
                report.diagnostics.extend(errors);
                Err(Error::Wrong(report))
            }
        }
    }
}

impl Options {
    /// Compiles a file and returns Python for the package `oncilla-rpc`.
    ///
    /// The module has a dataclass for each struct and union, an `IntEnum` for each enum, and a client class for each
    /// version of a program, all with types for `mypy --strict` and with the comments of the file. It needs Python 3.9.
    ///
    /// A union has a `case`, a `value`, and a property for each arm. Names are those of the file: types in camel case,
    /// procedures as `oncilla_rpc` has them, and keywords of Python with a `_`.
    ///
    /// Only the preprocessor and [`oneway`](Self::oneway) of the options apply.
    ///
    /// ```
    /// let python = oncilla_rpcgen::Options::new().generate_python_text("point.x", "struct point { int x; };")?.python;
    /// assert!(python.contains("class Point(oncilla_rpc.Record):") && python.contains("    x: int"));
    /// # Ok::<(), oncilla_rpcgen::Error>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, or it has errors.
    pub fn generate_python(&self, path: impl AsRef<Path>) -> Result<PythonOutput, Error> {
        let path = path.as_ref();
        let parsed = parse_file(path, &self.preprocessor).map_err(|error| Error::Read(path.to_owned(), error))?;
        self.finish_python(parsed, path)
    }

    /// Compiles a text and returns Python. `path` is its name in errors, and files are included from its folder.
    ///
    /// # Errors
    /// The text has errors.
    pub fn generate_python_text(&self, path: impl AsRef<Path>, text: impl Into<String>) -> Result<PythonOutput, Error> {
        let path = path.as_ref();
        self.finish_python(parse_text(path, text, &self.preprocessor), path)
    }

    fn finish_python(&self, parsed: Parsed, path: &Path) -> Result<PythonOutput, Error> {
        let Parsed { tree, mut report } = parsed;
        let interface = check(&tree, [], &mut report.diagnostics);
        if report.errors().next().is_some() {
            return Err(Error::Wrong(report));
        }
        self.check_procedures(&tree)?;
        let python = generate_python(&interface, &shown(path), self);
        Ok(PythonOutput { python, report })
    }
}

impl Options {
    /// Compiles a `.x` file, such as `proto/sensor.x`, to `sensor.rs` in `OUT_DIR`. For `build.rs`.
    ///
    /// Cargo runs the build script again when one of the files that were read has changed. Types that are large in
    /// memory, and the number of assumed bounds, are warnings of cargo.
    ///
    /// The result has the file's name without its folder: if one build script compiles `a/sensor.x` and `b/sensor.x`,
    /// the second overwrites the first.
    ///
    /// # Errors
    /// A file cannot be read or written, or it has errors. `Display` and `Debug` of the error show them with the lines
    /// of the source, so a build script may return or unwrap the error.
    pub fn compile(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let folder = env::var_os("OUT_DIR").ok_or(Error::NoFolder)?;
        let output = self.generate(path)?;
        for line in output.large.iter().map(String::as_str).chain(output.assumed_summary()) {
            println!("cargo:warning={}: {}", harmless(&path.to_string_lossy()).replace('\n', " "), line);
        }
        for source in output.report.sources.all() {
            println!("cargo:rerun-if-changed={}", source.path.display());
        }
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        let target = Path::new(&folder).join(format!("{name}.rs"));
        fs::write(&target, output.rust).map_err(|error| Error::Write(target, error))
    }

    /// Compiles a file and returns the Rust.
    ///
    /// # Errors
    /// The file cannot be read, or it has errors.
    pub fn generate(&self, path: impl AsRef<Path>) -> Result<Output, Error> {
        let path = path.as_ref();
        let parsed = parse_file(path, &self.preprocessor).map_err(|error| Error::Read(path.to_owned(), error))?;
        self.finish(parsed, path)
    }

    /// Compiles a text and returns the Rust. `path` is its name in errors, and files are included from its folder.
    ///
    /// # Errors
    /// The text has errors.
    pub fn generate_text(&self, path: impl AsRef<Path>, text: impl Into<String>) -> Result<Output, Error> {
        let path = path.as_ref();
        self.finish(parse_text(path, text, &self.preprocessor), path)
    }

    fn finish(&self, parsed: Parsed, path: &Path) -> Result<Output, Error> {
        let Parsed { tree, mut report } = parsed;
        let externals = self.externals.keys().map(String::as_str);
        let interface = check(&tree, externals, &mut report.diagnostics);
        if report.errors().next().is_some() {
            return Err(Error::Wrong(report));
        }
        self.check_procedures(&tree)?;
        self.check_bounds(&interface)?;
        self.check_trees(&interface)?;
        self.check_externals(&interface)?;
        let large = large(&interface, self);
        let messages = large.iter().map(|note| note.message.clone()).collect();
        report.diagnostics.extend(large);
        if report.errors().next().is_some() {
            return Err(Error::Wrong(report));
        }
        let rust = generate(&interface, &shown(path), self);
        let (assumed, summary) = self.assumed(&interface);
        Ok(Output { rust, report, assumed, summary, large: messages })
    }
}

/// Returns the name of a file for a comment of one line.
fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    harmless(&name).replace(char::is_control, " ")
}

impl Options {
    /// Checks that the procedures named by options exist and can have the properties that the options give them.
    fn check_procedures(&self, tree: &Specification) -> Result<(), Error> {
        let programs = tree.items.iter().filter_map(|item| match &item.definition {
            Definition::Program(program) => Some(program),
            _ => None,
        });
        let procedures: Vec<_> =
            programs.flat_map(|program| &program.versions).flat_map(|version| &version.procedures).collect();
        for name in self.oneway.iter().chain(&self.idempotent) {
            let mut named = procedures.iter().filter(|procedure| procedure.name.text == *name).peekable();
            if named.peek().is_none() {
                return Err(Error::Option(format!(
                    "the file has no procedure {name}; check the name in --oneway and --idempotent"
                )));
            }
            if self.oneway.contains(name) && named.any(|procedure| procedure.result.is_some()) {
                return Err(Error::Option(format!(
                    "the procedure {name} has results, so it cannot be one-way; make them void"
                )));
            }
        }
        Ok(())
    }
}

impl Options {
    /// Checks that each item for which an option states a bound exists and has no bound in the file.
    fn check_bounds(&self, interface: &Interface<'_>) -> Result<(), Error> {
        if let Some(strange) = self.levels_of.keys().find(|name| !interface.is_recursive(name)) {
            return Err(Error::Option(format!(
                "levels are set for {strange}, which is not a recursive type of the file; linked lists have no levels"
            )));
        }
        if self.bounds.is_empty() {
            return Ok(());
        }
        let unbounded: Vec<_> = interface.unbounded().into_iter().map(|unbounded| unbounded.path).collect();
        let Some(strange) = self.bounds.keys().find(|path| !unbounded.contains(path)) else { return Ok(()) };
        let known = if unbounded.is_empty() { "none".to_owned() } else { unbounded.join(", ") };
        Err(Error::Option(format!(
            "a bound is set for {strange}, which does not exist or has a bound in the file; items without a bound: {known}"
        )))
    }
}

impl Options {
    /// Checks that the bounds of trees do not exceed what a tree can have.
    fn check_trees(&self, interface: &Interface<'_>) -> Result<(), Error> {
        let paths = interface.unbounded().into_iter().map(|unbounded| unbounded.path);
        for path in paths.filter(|path| interface.is_recursive(path)) {
            let nodes = self.bounds.get(&path);
            if let Some(nodes) = nodes.filter(|_| self.data == Data::Heap) {
                return Err(Error::Option(format!(
                    "a bound of {nodes} nodes is set for the recursive type {path}, which is on the heap; its size has no \
                     bound but that of the message: state the message's limit and, for its depth, levels"
                )));
            }
            let (nodes, levels) = (*nodes.unwrap_or(&self.nodes), self.levels_in(&path));
            let (nodes, levels) = match self.data {
                Data::Heap => (None, ("levels", levels, DEEP_MAX)),
                Data::Owned | Data::Borrowed => (Some(("nodes", nodes, TREE_MAX)), ("levels", levels, TREE_MAX)),
            };
            let large = nodes.into_iter().chain([levels]).find(|(_, bound, most)| bound > most);
            if let Some((what, bound, most)) = large {
                return Err(Error::Option(format!(
                    "the recursive type {path} has a bound of {bound} {what}; state at most {most}"
                )));
            }
        }
        Ok(())
    }

    /// Checks that the file uses each type that an option defines in Rust.
    fn check_externals(&self, interface: &Interface<'_>) -> Result<(), Error> {
        match self.externals.iter().find(|(name, path)| path.trim().is_empty() || !interface.uses(name)) {
            Some((name, path)) if path.trim().is_empty() => Err(Error::Option(format!(
                "the Rust type for {name} is missing; state its path, such as `super::Name`"
            ))),
            Some((name, _)) => {
                Err(Error::Option(format!("a Rust type is set for {name}, but the file uses no type of this name")))
            }
            None => Ok(()),
        }
    }
}

/// Why no Rust was generated.
///
/// `Debug` equals `Display`, because a build script that returns or unwraps the error shows `Debug`.
///
/// ```
/// let error = oncilla_rpcgen::Options::new().generate_text("sensor.x", "struct point { int x; inr y; };").unwrap_err();
/// assert!(error.to_string().contains("the type `inr` is unknown"));
/// assert!(error.to_string().contains("sensor.x:1:23"));
/// ```
pub enum Error {
    /// A file cannot be read.
    Read(PathBuf, io::Error),
    /// The file has errors.
    Wrong(Report),
    /// An option does not fit the file.
    Option(String),
    /// The Rust cannot be written.
    Write(PathBuf, io::Error),
    /// `OUT_DIR` is not set.
    NoFolder,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(formatter, "cannot read {}: {error}", path.display()),
            Self::Wrong(report) => report.fmt(formatter),
            Self::Option(what) => formatter.write_str(what),
            Self::Write(path, error) => write!(formatter, "cannot write {}: {error}", path.display()),
            Self::NoFolder => write!(
                formatter,
                "OUT_DIR is not set; outside of build scripts use `Options::generate` or the command oncilla-rpcgen"
            ),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {}
