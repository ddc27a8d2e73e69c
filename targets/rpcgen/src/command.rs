//! The options and the work of `oncilla-rpcgen` and `oncilla compile`.

use std::io::{self, IsTerminal, Write as _};
use std::path::PathBuf;

use clap::ValueEnum;

use crate::{Data, Description, Error, Options, Output, Report, Source};

// No documentation: it would become the help of the command.
#[allow(missing_docs)]
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// The file to compile
    #[arg(value_name = "FILE.x")]
    file: PathBuf,
    /// Writes to this file instead of standard output; with `--language c` the header, beside which the sources are
    /// written
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Generates Rust for the crate oncilla, Python for the package oncilla-rpc, or C for oncilla.h
    ///
    /// C is four files for C99 and C++: with `-o sensor.h` the header, sensor.c (encoders and decoders), sensor_client.c and
    /// sensor_server.c. It allocates nothing, so each string, array and list needs a bound.
    ///
    /// Python is dataclasses, enums and client classes with types, for 3.9 and later. Of the other options, those of the
    /// preprocessor and `--oneway` apply to it.
    #[arg(short, long, value_enum, default_value = "rust")]
    language: LanguageArgument,
    /// Generates data of fixed size, borrowed from the receive buffer, or on the heap
    #[arg(long, value_enum, default_value = "owned")]
    data: DataArgument,
    /// Generates bytes for strings, for peers that send other encodings than UTF-8
    #[arg(long)]
    strings_as_bytes: bool,
    /// Sets the bound of unbounded strings and opaque data [default: 1024, with a note]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    bytes: Option<u32>,
    /// Sets the bound of unbounded arrays [default: 16, with a note]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    elements: Option<u32>,
    /// Sets the largest number of nodes of linked lists, and of other recursive types below their roots [default: 16,
    /// with a note]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    nodes: Option<u32>,
    /// Sets the largest number of levels of recursive types below their roots, which bounds the stack
    /// [default: 16; on the heap: 32 for all types of a message]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    levels: Option<u32>,
    /// Sets the largest number of levels of one recursive type
    #[arg(long, value_name = "TYPE=COUNT", value_parser = bound)]
    levels_of: Vec<(String, u32)>,
    /// Sets the most bytes of arguments or results of one call, for data on the heap [default: 4194304, with a note, if
    /// the file has no bound below 1 GiB]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Sets the bound of one item: TYPE.FIELD, UNION.ARM or PROCEDURE.ARGUMENT; or a name alone: a typedef, the node of
    /// a list, a recursive type, or a procedure for its results
    #[arg(long = "bound", value_name = "PATH=COUNT", value_parser = bound)]
    bounds: Vec<(String, u32)>,
    /// Also generates a program that returns the text of the interface
    #[arg(long, value_enum, default_value = "none")]
    describe: DescribeArgument,
    /// Sets the Rust type of a name that the file uses and does not define
    #[arg(long = "extern", value_name = "NAME=PATH", value_parser = pair)]
    externals: Vec<(String, String)>,
    /// Marks a procedure one-way: the server sends no reply
    #[arg(long, value_name = "PROCEDURE")]
    oneway: Vec<String>,
    /// Marks a procedure idempotent: it may be executed twice
    #[arg(long, value_name = "PROCEDURE")]
    idempotent: Vec<String>,
    /// Sets what all names of the generated C begin with, such as sensor_
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    prefix: Option<String>,
    /// Defines a name for the preprocessor
    #[arg(short = 'D', value_name = "NAME[=VALUE]", value_parser = definition)]
    define: Vec<String>,
    /// Also searches this folder for included files
    #[arg(short = 'I', value_name = "FOLDER")]
    include: Vec<PathBuf>,
    /// Prints each assumed bound with its place and the option that sets it, instead of their number
    #[arg(long)]
    assumed: bool,
    /// Prints only errors
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LanguageArgument {
    /// For the crate oncilla
    Rust,
    /// For the package oncilla-rpc
    Python,
    /// For oncilla.h
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DataArgument {
    /// heapless::String and heapless::Vec
    Owned,
    /// &str and &[u8]
    Borrowed,
    /// String, Vec and Box
    Heap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DescribeArgument {
    /// No such program
    None,
    /// The text without comments
    Bare,
    /// The text with comments
    Commented,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let both = text.split_once('=').filter(|(name, path)| !name.is_empty() && !path.trim().is_empty());
    let (name, path) = both.ok_or("expected NAME=PATH")?;
    Ok((name.to_owned(), path.to_owned()))
}

fn prefix(text: &str) -> Result<String, String> {
    let letter = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if text.is_empty() || !text.chars().all(letter) || text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("expected letters, digits and `_`, the first no digit".into());
    }
    Ok(text.to_owned())
}

fn definition(text: &str) -> Result<String, String> {
    let name = text.split_once('=').map_or(text, |(name, _)| name);
    let letter = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(letter) || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("expected NAME or NAME=VALUE; a name consists of letters, digits and `_`".into());
    }
    Ok(text.to_owned())
}

fn bound(text: &str) -> Result<(String, u32), String> {
    let (path, count) = text.split_once('=').ok_or("expected PATH=COUNT")?;
    let count = count.parse().ok().filter(|&count| count > 0).ok_or("expected a count from 1 after the `=`")?;
    Ok((path.to_owned(), count))
}

impl Arguments {
    /// Compiles the file. Notes go to standard error, and the result to the file of `--output` or to standard output.
    ///
    /// # Errors
    /// Nothing was generated or written.
    pub fn run(&self) -> Result<(), Error> {
        match self.language {
            LanguageArgument::Rust => self.rust(),
            LanguageArgument::Python => self.python(),
            LanguageArgument::C => self.c(),
        }
    }

    fn rust(&self) -> Result<(), Error> {
        if self.prefix.is_some() {
            return Err(Error::Option("--prefix applies to C; leave it out, or add `--language c`".into()));
        }
        let output = self.options().generate(&self.file)?;
        self.check_output(&output.report)?;
        if !self.quiet {
            notes(&output.report);
            assumed(&output, self.assumed);
        }
        self.write(&output.rust)
    }

    fn python(&self) -> Result<(), Error> {
        if let Some(option) = self.of_rust() {
            return Err(Error::Option(format!(
                "{option} does not apply to Python; leave it out with `--language python`"
            )));
        }
        let output = self.options().generate_python(&self.file)?;
        self.check_output(&output.report)?;
        if !self.quiet {
            notes(&output.report);
        }
        self.write(&output.python)
    }

    fn c(&self) -> Result<(), Error> {
        if let Some(option) = self.not_of_c() {
            return Err(Error::Option(format!("{option} does not apply to C; leave it out with `--language c`")));
        }
        let header = self.output.as_ref().filter(|path| path.extension().is_some_and(|end| end == "h"));
        let stem = header.and_then(|path| path.file_stem()).and_then(|stem| stem.to_str());
        let (Some(header), Some(stem)) = (header, stem) else {
            return Err(Error::Option(
                "C is several files; state the header by `-o NAME.h`, beside which NAME.c and the others are written"
                    .into(),
            ));
        };
        let output = self.options().generate_c(&self.file, stem)?;
        self.check_output(&output.report)?;
        if !self.quiet {
            notes(&output.report);
        }
        let files = [
            (".h", Some(&output.header)),
            (".c", Some(&output.codec)),
            ("_client.c", output.client.as_ref()),
            ("_server.c", output.server.as_ref()),
        ];
        for (end, text) in files {
            let path = header.with_file_name(format!("{stem}{end}"));
            if let Some(text) = text {
                std::fs::write(&path, text).map_err(|error| Error::Write(path, error))?;
            }
        }
        Ok(())
    }

    /// Returns a given option that does not apply to C.
    fn not_of_c(&self) -> Option<&'static str> {
        let given = [
            ("--data heap", self.data == DataArgument::Heap),
            ("--strings-as-bytes", self.strings_as_bytes),
            ("--levels", self.levels.is_some()),
            ("--levels-of", !self.levels_of.is_empty()),
            ("--limit", self.limit.is_some()),
            ("--describe", self.describe != DescribeArgument::None),
            ("--extern", !self.externals.is_empty()),
            ("--assumed", self.assumed),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
    }

    /// Returns a given option that only applies to Rust.
    fn of_rust(&self) -> Option<&'static str> {
        let given = [
            ("--data", self.data != DataArgument::Owned),
            ("--strings-as-bytes", self.strings_as_bytes),
            ("--bytes", self.bytes.is_some()),
            ("--elements", self.elements.is_some()),
            ("--nodes", self.nodes.is_some()),
            ("--levels", self.levels.is_some()),
            ("--levels-of", !self.levels_of.is_empty()),
            ("--limit", self.limit.is_some()),
            ("--bound", !self.bounds.is_empty()),
            ("--describe", self.describe != DescribeArgument::None),
            ("--extern", !self.externals.is_empty()),
            ("--idempotent", !self.idempotent.is_empty()),
            ("--assumed", self.assumed),
            ("--prefix", self.prefix.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
    }

    fn write(&self, text: &str) -> Result<(), Error> {
        match &self.output {
            Some(path) => std::fs::write(path, text).map_err(|error| Error::Write(path.clone(), error)),
            None => io::stdout().write_all(text.as_bytes()).map_err(|error| Error::Write("-".into(), error)),
        }
    }

    /// Refuses to replace the file, or one that it includes, also by a link or another name.
    fn check_output(&self, report: &Report) -> Result<(), Error> {
        let Some(path) = self.output.as_ref().filter(|path| path.is_file()) else { return Ok(()) };
        // A file that cannot be opened is not the one that was read.
        let is_output =
            |source: &&Source| source.path.is_file() && same_file::is_same_file(path, &source.path).unwrap_or_default();
        match report.sources.all().iter().find(is_output) {
            Some(source) => Err(Error::Option(format!(
                "--output {} is the same file as the input {}; write to another file",
                path.display(),
                source.path.display()
            ))),
            None => Ok(()),
        }
    }

    fn options(&self) -> Options {
        let data = match self.data {
            DataArgument::Owned => Data::Owned,
            DataArgument::Borrowed => Data::Borrowed,
            DataArgument::Heap => Data::Heap,
        };
        let description = match self.describe {
            DescribeArgument::None => Description::None,
            DescribeArgument::Bare => Description::Bare,
            DescribeArgument::Commented => Description::Commented,
        };
        let options = Options::new().data(data).describe(description).strings_as_bytes(self.strings_as_bytes);
        let options = self.bytes.into_iter().fold(options, Options::unbounded_bytes);
        let options = self.elements.into_iter().fold(options, Options::unbounded_elements);
        let options = self.nodes.into_iter().fold(options, Options::list_nodes);
        let options = self.levels.into_iter().fold(options, Options::tree_levels);
        let options = self.limit.into_iter().fold(options, Options::message_limit);
        let options = self.levels_of.iter().fold(options, |options, (name, levels)| options.levels(name, *levels));
        let options = self.bounds.iter().fold(options, |options, (path, bound)| options.bound(path, *bound));
        let options = self.externals.iter().fold(options, |options, (name, path)| options.external(name, path));
        let options = self.oneway.iter().fold(options, Options::oneway);
        let options = self.idempotent.iter().fold(options, Options::idempotent);
        let options = self.prefix.iter().fold(options, Options::prefix);
        let options = self.define.iter().fold(options, Options::define);
        self.include.iter().fold(options, Options::include)
    }
}

fn assumed(output: &Output, each: bool) {
    let Some(summary) = output.assumed_summary() else { return };
    if each {
        let report = Report { sources: output.report.sources.clone(), diagnostics: output.assumed.clone() };
        notes(&report);
    }
    print(&format!("note: {summary}"));
}

fn notes(report: &Report) {
    let styled = io::stderr().is_terminal();
    if report.notes().next().is_some() {
        print(&format!("{}\n", report.render_notes(styled)));
    }
}

/// Prints why nothing was generated, to standard error.
pub fn print_error(error: &Error) {
    match error {
        Error::Wrong(report) => print(&report.render_errors(io::stderr().is_terminal())),
        error => print(&format!("error: {error}")),
    }
}

/// Writes to standard error. Ignores that it may be closed, as by `oncilla-rpcgen FILE.x 2>&1 | head`.
fn print(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
