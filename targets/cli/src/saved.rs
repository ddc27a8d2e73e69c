//! Stored calls: the whole call with its target, in a file that people can read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::call::Options;
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::input;
use crate::remote::Remote;
use crate::settings::{Flags, From, Setting, Side, Suite};
use crate::state;
use crate::target::{Framing, Payload};

/// The name of the last call.
pub const LAST: &str = "last";

/// The largest file that is read, in bytes.
const FILE_MAX: u64 = 16 << 20;

const HEAD: &str = "# Stored calls of the command oncilla. `oncilla again NAME` repeats one.\n\n";

/// A stored call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// The name of the procedure, as it was given.
    pub call: String,
    /// The arguments, in JSON.
    pub arguments: String,
    /// The target as it was given: a short name follows the configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub define: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baud: Option<u32>,
    /// The user and the group.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub user: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// The file of the link key, never the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<Suite>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    #[serde(skip_serializing_if = "is_false")]
    pub cast: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub idempotent: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// The file of all stored calls.
#[derive(Default, Serialize, Deserialize)]
struct Book {
    #[serde(default)]
    calls: BTreeMap<String, Saved>,
}

/// Returns a setting, if it comes from an option, the environment or the target.
///
/// Files and defaults apply to a stored call anyway.
fn given<T: Clone>(setting: Option<&Setting<T>>) -> Option<T> {
    let setting = setting?;
    matches!(setting.from, From::Option | From::Environment(_)).then(|| setting.value.clone())
}

impl Saved {
    /// Creates a stored call of what this command was given.
    pub fn new(remote: &Remote<'_>, name: &str, arguments: Value, options: &Options) -> Done<Self> {
        let (settings, flags) = (&remote.settings, &remote.context.flags);
        let absolute = |path: PathBuf| {
            std::path::absolute(&path).map_err(|error| Failure::file("find the folder of", &path, &error))
        };
        Ok(Self {
            call: name.to_owned(),
            arguments: arguments.to_string(),
            target: settings.given.as_ref().map(|given| given.value.clone()),
            interface: given(settings.interface.as_ref()).map(absolute).transpose()?,
            include: flags.include.iter().cloned().map(absolute).collect::<Done<_>>()?,
            define: flags.define.clone(),
            framing: given(Some(&settings.framing)),
            payload: given(Some(&settings.payload)),
            baud: given(Some(&settings.baud)),
            user: given(settings.user.as_ref()),
            ca: given(settings.ca.as_ref()).map(absolute).transpose()?,
            cert: given(settings.cert.as_ref()).map(absolute).transpose()?,
            key: given(settings.key.as_ref()).map(absolute).transpose()?,
            link_key: given(settings.link_key.as_ref()).map(absolute).transpose()?,
            suite: given(Some(&settings.suite)),
            side: given(settings.side.as_ref()),
            cast: options.cast,
            idempotent: options.idempotent,
        })
    }

    /// Returns the arguments.
    pub fn arguments(&self) -> Done<Value> {
        let wrong = |error| {
            Failure::usage(format_args!("the stored arguments are not JSON: {error}"))
                .help(format_args!("correct them in {}", self::place(CALLS).display()))
        };
        serde_json::from_str(&self.arguments).map_err(wrong)
    }

    /// Returns the options of all commands that the call states.
    pub fn flags(&self) -> Flags {
        Flags {
            target: self.target.clone().into_iter().collect(),
            interface: self.interface.clone(),
            include: self.include.clone(),
            define: self.define.clone(),
            framing: self.framing,
            payload: self.payload,
            baud: self.baud,
            user: self.user,
            ca: self.ca.clone(),
            cert: self.cert.clone(),
            key: self.key.clone(),
            link_key: self.link_key.clone(),
            suite: self.suite,
            side: self.side,
            ..Flags::default()
        }
    }
}

const CALLS: &str = "calls.toml";

/// Returns the path of a file, for messages too.
fn place(file: &str) -> PathBuf {
    state::folder().unwrap_or_default().join(file)
}

/// Reads a file. `None` if it does not exist.
fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Done<Option<T>> {
    // The file does not exist, or a folder of its path is a file.
    let is_absent = |error: io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    if fs::metadata(path).is_err_and(is_absent) {
        return Ok(None);
    }
    let text = input::regular_text("read the stored calls in", path, FILE_MAX)?;
    let wrong = |error| {
        Failure::usage(format_args!("the stored calls in {} are wrong: {error}", path.display()))
            .help("correct the file, or remove it")
    };
    toml::from_str(&text).map(Some).map_err(wrong)
}

fn write(path: &Path, content: &impl Serialize) -> Done {
    let text = toml::to_string(content)
        .map_err(|error| Failure::usage(format_args!("the call cannot be written as TOML: {error}")))?;
    state::replace(path, &format!("{HEAD}{text}")).map_err(|error| Failure::file("store the call in", path, &error))
}

/// Keeps other processes from changing the file, until the result is dropped.
fn lock(path: &Path) -> Done<fs::File> {
    state::lock(path).map_err(|error| Failure::file("store the call in", path, &error))
}

/// Stores a call.
pub fn store(name: &str, saved: &Saved, context: &Context) -> Done {
    if name == LAST || name.is_empty() || name.contains(['=', '@']) {
        return Err(Failure::usage(format_args!("{name:?} cannot be the name of a stored call"))
            .help("use letters and digits; `last` is the last call"));
    }
    let path = place(CALLS);
    let _lock = lock(&path)?;
    let mut book: Book = read(&path)?.unwrap_or_default();
    book.calls.insert(name.to_owned(), saved.clone());
    write(&path, &book)?;
    context.output.note(format_args!("stored in {}; `oncilla again {name}` repeats the call", path.display()));
    Ok(())
}

/// Stores the last call.
pub fn remember(saved: &Saved) -> Done {
    write(&place("last.toml"), saved)
}

/// Returns all stored calls.
pub fn all() -> Done<BTreeMap<String, Saved>> {
    Ok(read::<Book>(&place(CALLS))?.unwrap_or_default().calls)
}

/// Returns a stored call.
pub fn find(name: &str) -> Done<Saved> {
    if name == LAST {
        let none = || Failure::usage("there is no last call").help("`oncilla call NAME` makes one");
        return read(&place("last.toml"))?.ok_or_else(none);
    }
    let mut all = all()?;
    all.remove(name).ok_or_else(|| unknown(name, &all))
}

/// Removes a stored call.
pub fn forget(name: &str) -> Done {
    let path = place(CALLS);
    let _lock = lock(&path)?;
    let mut calls = all()?;
    if calls.remove(name).is_none() {
        return Err(unknown(name, &calls));
    }
    write(&path, &Book { calls })
}

fn unknown(name: &str, all: &BTreeMap<String, Saved>) -> Failure {
    let failure = Failure::usage(format_args!("no stored call has the name {name:?}"));
    let similar = all.keys().find(|known| strsim::osa_distance(known, name) <= 2);
    match similar {
        Some(similar) => failure.help(format_args!("the most similar name is {similar:?}")),
        None if all.is_empty() => failure.help(format_args!("`oncilla call --save {name} …` stores one")),
        None => failure.help("`oncilla again --list` shows the stored calls"),
    }
}
