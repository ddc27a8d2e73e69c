//! Reads the files, with those that they import.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use miette::Diagnostic as _;
use oncilla_rpcgen::{Diagnostic, Place, Report, Sources};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};
use protox::prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FileDescriptor, ReflectMessage, Value,
};

use crate::Error;

/// The file of the options.
pub const OPTIONS: &str = "oncilla.proto";
const OPTIONS_TEXT: &str = include_str!("oncilla.proto");

/// The file that the options extend.
const DESCRIPTORS: &str = "google/protobuf/descriptor.proto";

/// Files that were read without errors of their own.
pub struct Files {
    pub pool: DescriptorPool,
    /// The compiled file, by its name in `import`.
    pub main: String,
    /// The texts, and the errors that were found later.
    pub report: Report,
    /// The names in `import` of the texts, in their order.
    pub names: Vec<String>,
    /// The paths of the files on disk.
    pub read: Vec<PathBuf>,
}

impl Files {
    /// Returns the files whose messages are generated: all but those that only declare options.
    pub fn generated(&self) -> impl Iterator<Item = FileDescriptor> + '_ {
        self.pool.files().filter(|file| ![OPTIONS, DESCRIPTORS].contains(&file.name()))
    }

    /// Returns an option of `oncilla.proto`, if it is set.
    pub fn option(&self, set: &DynamicMessage, name: &str) -> Option<Value> {
        let of_this = |extension: &ExtensionDescriptor| {
            extension.containing_message() == set.descriptor() && extension.full_name() == format!("oncilla.{name}")
        };
        let extension = self.pool.all_extensions().find(of_this)?;
        set.has_extension(&extension).then(|| set.get_extension(&extension).into_owned())
    }

    /// Returns an option of `oncilla.proto` that is a number, if it is set.
    pub fn number(&self, set: &DynamicMessage, name: &str) -> Option<u32> {
        self.option(set, name)?.as_u32()
    }

    /// Returns the compiled file.
    pub fn main(&self) -> Option<FileDescriptor> {
        self.pool.get_file_by_name(&self.main)
    }
}

/// A text that was opened: its name in `import`, its path on disk, and the text.
type Opened = (String, Option<PathBuf>, String);

/// Remembers the texts, which errors show.
struct Recorder {
    chain: ChainFileResolver,
    /// The folders that are searched.
    folders: Vec<PathBuf>,
    opened: Arc<Mutex<Vec<Opened>>>,
}

impl FileResolver for Recorder {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.chain.resolve_path(path)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        // A file that has errors is not returned, so its text is read here, too.
        let record = |path: Option<&Path>, text: String| {
            let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            if opened.iter().all(|(known, ..)| known != name) {
                opened.push((name.to_owned(), path.map(Path::to_owned), text));
            }
        };
        let file = self.chain.open_file(name);
        match &file {
            Ok(file) => record(file.path(), file.source().unwrap_or_default().to_owned()),
            Err(error) => {
                if let Some(text) = error.source_code().and_then(whole) {
                    let path = self.folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
                    record(path.as_deref(), text);
                }
            }
        }
        file
    }
}

/// Returns all text of a source.
fn whole(source: &dyn miette::SourceCode) -> Option<String> {
    let contents = source.read_span(&(0, 0).into(), usize::MAX, usize::MAX).ok()?;
    Some(String::from_utf8_lossy(contents.data()).into_owned())
}

/// The file of the options, whatever folders are searched.
struct OptionsFile;

impl FileResolver for OptionsFile {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == OPTIONS { File::from_source(name, OPTIONS_TEXT) } else { Err(protox::Error::file_not_found(name)) }
    }
}

/// Reads a file. Without `includes`, imported files are searched in its folder.
pub fn files(path: &Path, includes: &[PathBuf]) -> Result<Files, Error> {
    let mut chain = ChainFileResolver::new();
    chain.add(OptionsFile);
    let mut folders = includes.to_vec();
    if folders.is_empty() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folders.push(folder.unwrap_or(Path::new(".")).to_owned());
    }
    for folder in &folders {
        chain.add(IncludeFileResolver::new(folder.clone()));
    }
    chain.add(GoogleFileResolver::new());
    let opened = Arc::new(Mutex::new(Vec::new()));
    let main = chain.resolve_path(path).or_else(|| path.to_str().map(str::to_owned));
    let main = main.ok_or_else(|| Error::Refused(format!("the path {} is not UTF-8", path.display())))?;
    let mut compiler = Compiler::with_file_resolver(Recorder { chain, folders, opened: Arc::clone(&opened) });
    let result = compiler.include_imports(true).include_source_info(true).open_file(&main).map(|_| ());
    let opened = std::mem::take(&mut *opened.lock().unwrap_or_else(PoisonError::into_inner));

    let (mut sources, mut names, mut read) = (Sources::default(), Vec::new(), Vec::new());
    for (name, path, text) in opened {
        sources.add(path.clone().unwrap_or_else(|| PathBuf::from(&name)), text);
        names.push(name);
        read.extend(path);
    }
    let mut report = Report { sources, diagnostics: Vec::new() };
    if let Err(error) = result {
        report.diagnostics = vec![diagnostic(&error, &names).ok_or_else(|| Error::Refused(error.to_string()))?];
        return Err(Error::Wrong(report));
    }
    Ok(Files { pool: compiler.descriptor_pool(), main, report, names, read })
}

/// Converts an error of protox, if it has a place.
fn diagnostic(error: &protox::Error, names: &[String]) -> Option<Diagnostic> {
    let file = names.iter().position(|name| Some(name.as_str()) == error.file())?;
    let mut labels = error.labels()?.map(|label| {
        let place = Place::new(file, label.offset()..label.offset() + label.len().max(1));
        (place, label.label().unwrap_or_default().to_owned())
    });
    let (place, label) = labels.next()?;
    let diagnostic = Diagnostic::error(place, error.to_string()).label(label);
    let diagnostic = labels.next().map_or(diagnostic.clone(), |(place, label)| diagnostic.other(place, label));
    let help = error.help().map(|help| help.to_string());
    Some(help.map_or(diagnostic.clone(), |help| diagnostic.help(help)))
}
