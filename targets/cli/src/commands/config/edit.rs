//! `oncilla config add` and `remove`: short names of devices, in the configuration file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::ArgMatches;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::failure::{Done, Failure};
use crate::input;
use crate::output::Output;
use crate::settings::{FILE_MAX, File, Flags, is_flag};
use crate::state;
use crate::target::Target;

/// Changes the configuration file.
#[derive(clap::Subcommand)]
pub enum Edit {
    /// Gives a device a short name, with the settings on the command line
    Add {
        /// The short name
        name: String,
        /// The device, such as serial:/dev/ttyACM0
        address: String,
        /// Writes to oncilla.toml in this folder instead of the user's file
        #[arg(long)]
        here: bool,
        /// Replaces a device of this name
        #[arg(long)]
        replace: bool,
    },
    /// Lists the devices of the configuration files
    List,
    /// Removes the short name of a device
    Remove {
        /// The short name
        name: String,
        /// Removes it from oncilla.toml in this folder instead of the user's file
        #[arg(long)]
        here: bool,
    },
}

/// Changes the file. `matches` are those of the innermost command.
pub fn edit(edit: &Edit, flags: &Flags, matches: &ArgMatches, output: Output) -> Done {
    let (Edit::Add { name, here, .. } | Edit::Remove { name, here }) = edit else { return Ok(()) };
    let path = place(flags, *here)?;
    // One lock for all configuration files: one beside the file would stay in the user's folder. Without a folder for it,
    // the file is changed without a lock.
    let _lock = state::folder().and_then(|folder| state::lock(&folder.join("config")).ok());
    let mut document = read(&path)?;
    match edit {
        Edit::List => {}
        Edit::Add { address, replace, .. } => {
            address.parse::<Target>().map_err(Failure::usage)?;
            check_name(name)?;
            let targets = document.entry("targets").or_insert_with(implicit);
            let targets = targets.as_table_like_mut().ok_or_else(|| not_a_table(&path))?;
            if targets.contains_key(name) && !replace {
                return Err(Failure::usage(format_args!("{} has a device {name:?} already", path.display()))
                    .help("choose another name, or use `--replace`"));
            }
            targets.insert(name, Item::Table(device(address, flags, matches, &path)?));
        }
        Edit::Remove { .. } => {
            let removed = document.get_mut("targets").and_then(Item::as_table_like_mut);
            if removed.is_none_or(|targets| targets.remove(name).is_none()) {
                let failure = Failure::usage(format_args!("{} has no device {name:?}", path.display()));
                return Err(failure.help(elsewhere(name, *here)));
            }
        }
    }
    state::replace(&path, &document.to_string()).map_err(|error| Failure::file("write", &path, &error))?;
    output.note(match edit {
        Edit::List => return Ok(()),
        Edit::Add { .. } => format!("{} has {name:?} now; use it as `oncilla -t {name} …`", path.display()),
        Edit::Remove { .. } => format!("{} no longer has {name:?}", path.display()),
    });
    Ok(())
}

/// Returns the file to be changed.
fn place(flags: &Flags, here: bool) -> Done<PathBuf> {
    let mut places = File::places().into_iter();
    let place = match &flags.config {
        Some(path) => Some(path.clone()),
        None if here => places.next(),
        None => places.nth(1),
    };
    place.ok_or_else(|| {
        Failure::usage("this user has no folder for configuration files").help("use `--here` or `--config FILE`")
    })
}

/// Returns how to remove a device that another file has.
fn elsewhere(name: &str, here: bool) -> String {
    // A damaged file is reported where it is used.
    let files = File::read_all(None).unwrap_or_default();
    match files.iter().find(|file| file.targets.contains_key(name)) {
        Some(file) if file.path == Path::new("oncilla.toml") && !here => {
            format!("oncilla.toml in this folder has it: `oncilla config remove {name} --here`")
        }
        Some(file) => format!("{} has it: `oncilla config remove {name}`", file.path.display()),
        None => "`oncilla config list` shows the devices of all files".to_owned(),
    }
}

/// Reads the file, which may not exist yet. A file with errors is not changed.
fn read(path: &Path) -> Done<DocumentMut> {
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(DocumentMut::new());
        }
        _ => {}
    }
    // It is replaced, so it must be a regular file.
    let text = input::regular_text("read the configuration", path, FILE_MAX)?;
    File::parse(path, &text)?;
    text.parse().map_err(|error| Failure::usage(format_args!("{} is not TOML: {error}", path.display())))
}

/// Checks that a name is not read as an address.
fn check_name(name: &str) -> Done {
    let letter = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(letter) || name.parse::<Target>().is_ok() {
        return Err(
            Failure::usage(format_args!("{name:?} cannot be a short name")).help("use letters, digits, - and _")
        );
    }
    Ok(())
}

fn not_a_table(path: &Path) -> Failure {
    Failure::usage(format_args!("`targets` in {} is not a table", path.display()))
}

/// Returns the table of all devices. Its own heading is not written.
fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Returns the table of a device: the address, and the options on the command line.
fn device(address: &str, flags: &Flags, matches: &ArgMatches, file: &Path) -> Done<Table> {
    let mut table = Table::new();
    let given = |name| is_flag(matches, name);
    table["address"] = value(address);
    let paths = [
        ("interface", &flags.interface),
        ("ca", &flags.ca),
        ("cert", &flags.cert),
        ("key", &flags.key),
        ("link_key", &flags.link_key),
    ];
    for (name, path) in paths {
        if let Some(path) = path.as_ref().filter(|_| given(name)) {
            table[name] = value(relative(path, file)?);
        }
    }
    let times = [("timeout", flags.timeout), ("retry", flags.retry), ("connect_timeout", flags.connect_timeout)];
    for (name, time) in times {
        if let Some(time) = time.filter(|_| given(name)) {
            table[name] = value(humantime::format_duration(time).to_string());
        }
    }
    if let Some(baud) = flags.baud.filter(|_| given("baud")) {
        table["baud"] = value(i64::from(baud));
    }
    if let Some(framing) = flags.framing.filter(|_| given("framing")) {
        table["framing"] = value(framing.to_string());
    }
    if let Some(payload) = flags.payload.filter(|_| given("payload")) {
        table["payload"] = value(payload.to_string());
    }
    if let Some(suite) = flags.suite.filter(|_| given("suite")) {
        table["suite"] = value(suite.to_string());
    }
    if let Some(side) = flags.side.filter(|_| given("side")) {
        table["side"] = value(side.to_string());
    }
    if let Some(most) = flags.message_max.filter(|_| given("message_max")) {
        table["message_max"] = value(i64::from(most));
    }
    Ok(table)
}

/// Returns the path of an interface for the file.
///
/// It is relative within the folder of the file, and absolute elsewhere.
fn relative(path: &Path, file: &Path) -> Done<String> {
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|error| Failure::file("find the folder of", path, &error));
    let (path, file) = (absolute(path)?, absolute(file)?);
    let within = file.parent().and_then(|folder| path.strip_prefix(folder).ok());
    let shown = within.unwrap_or(&path);
    let text =
        shown.to_str().ok_or_else(|| Failure::usage(format_args!("the path {} is not UTF-8", shown.display())))?;
    Ok(text.to_owned())
}
