//! What the files do not state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::{Error, bounds, check, micropb, prost, read};

/// The library whose messages are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Messages {
    /// micropb: messages of fixed size, without an allocator. Each `string`, `bytes`, `repeated` and `map` needs a bound.
    Micropb,
    /// prost: messages on the heap, for hosts. `oncilla-protobuf` needs its feature `prost`.
    Prost,
}

/// How files are compiled: the library of the messages, and what the files do not state.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("oncilla-options-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("echo.proto");
/// # std::fs::write(&path, "service EchoService { rpc Foo(Text) returns (Text); } message Text { required string text = 1; }")?;
/// use oncilla_protobuf_build::{Messages, Options};
///
/// // A file of somebody else, without options.
/// let options = Options::new(Messages::Micropb).program("EchoService", 1).max_bytes("Text.text", 32);
/// let rust = options.generate(&path)?;
/// assert!(rust.contains("fn foo(Text) -> Text = 1;"));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) messages: Messages,
    pub(crate) includes: Vec<PathBuf>,
    pub(crate) programs: BTreeMap<String, u32>,
    pub(crate) versions: BTreeMap<String, u32>,
    pub(crate) procedures: BTreeMap<String, u32>,
    pub(crate) max_bytes: BTreeMap<String, u32>,
    pub(crate) max_len: BTreeMap<String, u32>,
    pub(crate) limit: u32,
}

/// The limit of a service of prost that states none: 64 KiB.
const LIMIT: u32 = 65_536;

impl Options {
    /// Creates options without any statement.
    #[must_use]
    pub const fn new(messages: Messages) -> Self {
        Self {
            messages,
            includes: Vec::new(),
            programs: BTreeMap::new(),
            versions: BTreeMap::new(),
            procedures: BTreeMap::new(),
            max_bytes: BTreeMap::new(),
            max_len: BTreeMap::new(),
            limit: LIMIT,
        }
    }

    /// Adds a folder in which imported files are searched. Without any, it is the folder of the compiled file.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.includes.push(folder.into());
        self
    }

    /// Sets the number of the program of a service, such as `acme.Thermostat`.
    #[must_use]
    pub fn program(mut self, service: &str, number: u32) -> Self {
        self.programs.insert(service.to_owned(), number);
        self
    }

    /// Sets the version of the program of a service.
    #[must_use]
    pub fn version(mut self, service: &str, number: u32) -> Self {
        self.versions.insert(service.to_owned(), number);
        self
    }

    /// Sets the number of a procedure, such as `acme.Thermostat.Read`.
    #[must_use]
    pub fn procedure(mut self, method: &str, number: u32) -> Self {
        self.procedures.insert(method.to_owned(), number);
        self
    }

    /// Sets the most bytes of a `string` or `bytes` field, such as `acme.Reading.unit`.
    #[must_use]
    pub fn max_bytes(mut self, field: &str, bytes: u32) -> Self {
        self.max_bytes.insert(field.to_owned(), bytes);
        self
    }

    /// Sets the most elements of a `repeated` field or a `map`.
    #[must_use]
    pub fn max_len(mut self, field: &str, elements: u32) -> Self {
        self.max_len.insert(field.to_owned(), elements);
        self
    }

    /// Sets the most bytes of arguments or results of services with messages of prost, if the file states none.
    ///
    /// Without this option it is 64 KiB. A decoded message takes a multiple of its bytes in memory.
    #[must_use]
    pub fn message_limit(mut self, bytes: u32) -> Self {
        self.limit = bytes;
        self
    }

    /// Compiles a file, such as `proto/three.proto`, to `three.rs` in `OUT_DIR`. For `build.rs`.
    ///
    /// Cargo runs the build script again when one of the files that were read has changed.
    ///
    /// # Errors
    /// A file cannot be read or written, or it has errors. `Display` and `Debug` of the error show them with the lines
    /// of the source, so a build script may return or unwrap the error.
    pub fn compile(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        self.compile_to(path, &format!("{name}.rs"))
    }

    /// Compiles a file to a file of this name in `OUT_DIR`, for crates that have its messages of both libraries.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    pub fn compile_to(&self, path: impl AsRef<Path>, name: &str) -> Result<(), Error> {
        let folder = env::var_os("OUT_DIR").ok_or(Error::NoFolder)?;
        let (rust, read) = self.generate_reading(path.as_ref())?;
        for file in read {
            println!("cargo:rerun-if-changed={}", file.display());
        }
        let target = Path::new(&folder).join(name);
        fs::write(&target, rust).map_err(|error| Error::Write(target, error))
    }

    /// Compiles a file and returns the Rust.
    ///
    /// # Errors
    /// A file cannot be read, or it has errors.
    pub fn generate(&self, path: impl AsRef<Path>) -> Result<String, Error> {
        Ok(self.generate_reading(path.as_ref())?.0)
    }

    /// Returns the Rust, and the files that were read.
    fn generate_reading(&self, path: &Path) -> Result<(String, Vec<PathBuf>), Error> {
        let mut files = read::files(path, &self.includes)?;
        let services = check::services(&mut files, self);
        let bounds = bounds::bounds(&mut files, self);
        if files.report.errors().next().is_some() {
            return Err(Error::Wrong(files.report));
        }
        check::all_used(&files, self)?;
        let rust = match self.messages {
            Messages::Micropb => micropb::generate(&files, services, &bounds)?,
            Messages::Prost => prost::generate(&files, services)?,
        };
        Ok((rust, files.read))
    }
}
