//! The whole way from a file to Rust.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use crate::diagnostic::{Diagnostic, Report};
use crate::generate::large;
use crate::harmless::harmless;
use crate::options::Options;
use crate::parse::{parse_file, parse_text};
use crate::tree::{Definition, Specification};
use crate::{Interface, Parsed, Unbounded, check, generate};

/// The most nodes of a tree, whose links are numbers of 16 bits, and so the most levels.
const TREE_MAX: u32 = 65_534;

/// Compiles a `.x` file to Rust in `OUT_DIR`, with the default [`Options`]: for `build.rs`.
///
/// # Errors
/// As [`Options::compile`].
pub fn compile(path: impl AsRef<Path>) -> Result<(), Error> {
    Options::new().compile(path)
}

/// What came of a file: Rust, the files it was made of, and notes.
#[derive(Clone, Debug)]
pub struct Output {
    /// The generated Rust.
    pub rust: String,
    /// The files that were read, and what there is to tell about them.
    pub report: Report,
    /// A note for each bound that is assumed, as neither the file nor an option states it.
    pub assumed: Vec<Diagnostic>,
    summary: Option<String>,
    /// What is said of types that are large in memory.
    large: Vec<String>,
}

impl Output {
    /// One line about all bounds that are assumed, if there are any.
    #[must_use]
    pub fn assumed_summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }
}

impl Options {
    /// Compiles `proto/sensor.x` to `sensor.rs` in `OUT_DIR`, and asks cargo to run the build script
    /// again when one of the files has changed that it is made of. Types that are large in memory, and the number of bounds
    /// that are assumed, are warnings of cargo.
    ///
    /// The folder of the file is not in the name of the result: of `a/sensor.x` and `b/sensor.x` in one build script the
    /// second overwrites the first.
    ///
    /// # Errors
    /// A file cannot be read or written, or there are errors in it. `Display` and `Debug` of the error
    /// show them with the lines of the source, so that a build script may return or unwrap it.
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

    /// Makes Rust of a file.
    ///
    /// # Errors
    /// The file cannot be read, or there are errors in it.
    pub fn generate(&self, path: impl AsRef<Path>) -> Result<Output, Error> {
        let path = path.as_ref();
        let parsed = parse_file(path, &self.preprocessor).map_err(|error| Error::Read(path.to_owned(), error))?;
        self.finish(parsed, path)
    }

    /// Makes Rust of a text, which is called `path` in errors and includes files beside `path`.
    ///
    /// # Errors
    /// There are errors in it.
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
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        // It stands in a comment of one line.
        let name = harmless(&name).replace(char::is_control, " ");
        let large = large(&interface, self);
        let messages = large.iter().map(|note| note.message.clone()).collect();
        report.diagnostics.extend(large);
        if report.errors().next().is_some() {
            return Err(Error::Wrong(report));
        }
        let rust = generate(&interface, &name, self);
        let (assumed, summary) = self.assumed(&interface);
        Ok(Output { rust, report, assumed, summary, large: messages })
    }
}

impl Options {
    /// Whether the procedures that the options name are there, and can be what the options say.
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
                return Err(Error::Option(format!("no procedure of the file is called {name}")));
            }
            if self.oneway.contains(name) && named.any(|procedure| procedure.result.is_some()) {
                return Err(Error::Option(format!("{name} has results, so it cannot be one-way")));
            }
        }
        Ok(())
    }
}

impl Options {
    /// Whether all that the options state a bound for is there, and has none in the file.
    fn check_bounds(&self, interface: &Interface<'_>) -> Result<(), Error> {
        if let Some(strange) = self.levels_of.keys().find(|name| !interface.is_recursive(name)) {
            return Err(Error::Option(format!(
                "a bound of levels is given for {strange}, which is no recursive type of the file; linked lists have none"
            )));
        }
        if self.bounds.is_empty() {
            return Ok(());
        }
        let unbounded: Vec<_> = interface.unbounded().into_iter().map(|unbounded| unbounded.path).collect();
        let Some(strange) = self.bounds.keys().find(|path| !unbounded.contains(path)) else { return Ok(()) };
        let known = if unbounded.is_empty() { "nothing".to_owned() } else { unbounded.join(", ") };
        Err(Error::Option(format!("a bound is given for {strange}, but what the file states no bound for is: {known}")))
    }
}

impl Options {
    /// Whether trees are within the bounds that any tree has.
    fn check_trees(&self, interface: &Interface<'_>) -> Result<(), Error> {
        for Unbounded { path, .. } in interface.unbounded() {
            let nodes = ("nodes", self.bounds.get(&path).unwrap_or(&self.nodes));
            let levels = ("levels", self.levels_of.get(&path).unwrap_or(&self.levels));
            let large = [nodes, levels].into_iter().find(|(_, bound)| **bound > TREE_MAX);
            if let Some((what, bound)) = large.filter(|_| interface.is_recursive(&path)) {
                return Err(Error::Option(format!(
                    "the recursive type {path} is given a bound of {bound} {what}; state {TREE_MAX} at most"
                )));
            }
        }
        Ok(())
    }

    /// Whether all types that the options say are defined in Rust are in the file.
    fn check_externals(&self, interface: &Interface<'_>) -> Result<(), Error> {
        match self.externals.iter().find(|(name, path)| path.trim().is_empty() || !interface.uses(name)) {
            Some((name, path)) if path.trim().is_empty() => {
                Err(Error::Option(format!("the type of Rust for {name} is missing; state its path, as `super::Name`")))
            }
            Some((name, _)) => Err(Error::Option(format!(
                "a type of Rust is given for {name}, but the file uses no type of this name"
            ))),
            None => Ok(()),
        }
    }
}

/// Why there is no Rust.
///
/// `Debug` is the same as `Display`, since it is what a build script shows that returns or unwraps it.
pub enum Error {
    /// The file cannot be read.
    Read(PathBuf, io::Error),
    /// There are errors in the file.
    Wrong(Report),
    /// An option does not fit the file.
    Option(String),
    /// The Rust cannot be written.
    Write(PathBuf, io::Error),
    /// There is no `OUT_DIR`.
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
                "OUT_DIR is not set, as it is for build scripts; elsewhere use `Options::generate` or the command oncilla-rpcgen"
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
