//! `oncilla key`: makes keys for links, and lists the keys of a file.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use oncilla_host::keys::{KeyFile, KeyId, NewKey};
use oncilla_rpcgen::harmless;
use serde_json::json;

use crate::failure::{Done, Failure};
use crate::output::{Output, STRONG, WEAK};
use crate::settings::{split_key, wrong_key};

/// Makes a key for a link, or lists the keys of a file
///
/// A link under a key is sealed: nobody without the key can read, change, repeat or forge a message.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, subcommand_required = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

/// What to do with keys.
#[derive(clap::Subcommand)]
enum What {
    /// Makes a key of random numbers, in a new file that only this user may read
    ///
    /// Each pair of peers needs its own key. To keep the keys of several devices in one file, use an
    /// editor: one line a key.
    New {
        /// The file, which must not exist
        file: PathBuf,
        /// The number of the key, which is sent in the clear
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        id: u16,
        /// A name for people
        #[arg(long, default_value = "")]
        name: String,
        /// Also writes the secret as a constant of Rust, to standard output or a new file
        #[arg(long, value_name = "FILE.rs", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
        rust: Option<PathBuf>,
        /// Also writes the secret as an initialiser of C, to standard output or a new file
        #[arg(long, value_name = "FILE.h", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
        c: Option<PathBuf>,
    },
    /// Lists the ids and names of the keys in a file, never the secrets
    Show {
        /// The file; `FILE#ID` lists one of its keys
        #[arg(value_name = "FILE[#ID]")]
        file: PathBuf,
    },
}

const EXAMPLES: &str = "\
Examples:
  oncilla key new oven.key --name oven
  oncilla key new oven.key --id 7 --rust=firmware/src/key.rs
  oncilla key show oven.key
  oncilla -t serial:/dev/ttyUSB0 --link-key oven.key ping

A file has one line a key, `ID SECRET NAME`, and comments that begin with #. On Unix systems it
has mode 0600, so only its user may read it. On Windows, keep it in a folder of this user. The file
is secret, and so are those that --rust and --c write: keep them out of version control.";

pub fn run(arguments: &Arguments, output: Output) -> Done {
    match &arguments.what {
        What::New { file, id, name, rust, c } => {
            let key = NewKey::random(KeyId(*id), name).map_err(wrong_key)?;
            key.write(file).map_err(wrong_key)?;
            // A key that was made in part is removed: the next attempt makes another one.
            let mut made = Made { key: file, firmware: Vec::new(), kept: false };
            let mut texts = [(rust, of_rust(&key, name)), (c, of_c(&key, name))];
            // Standard output comes last: what was printed cannot be removed.
            texts.sort_by_key(|(to, _)| to.as_deref() == Some(Path::new("-")));
            for (to, text) in &texts {
                if let Some(to) = to {
                    write(to, text, &mut made, output)?;
                }
            }
            made.kept = true;
            output.note(format_args!(
                "wrote the secret key {id} to {}, which only this user may read; the device needs the same key",
                harmless(&file.display().to_string())
            ));
            for file in &made.firmware {
                output.note(format_args!(
                    "wrote the secret for the firmware to {}, which only this user may read",
                    harmless(&file.display().to_string())
                ));
            }
            Ok(())
        }
        What::Show { file } => {
            let (path, id) = split_key(file);
            let file = KeyFile::read(path).map_err(wrong_key)?;
            if let Some(id) = id {
                file.key(id).map_err(wrong_key)?;
            }
            show(&file, id, output)
        }
    }
}

/// Prints the ids and names of all keys, or of one.
fn show(file: &KeyFile, only: Option<KeyId>, output: Output) -> Done {
    for (KeyId(id), name) in file.names().filter(|(id, _)| only.is_none_or(|only| only == *id)) {
        if output.json {
            output.value(&json!({"id": id, "name": name}))?;
        } else {
            output.line(format_args!("{STRONG}{id}{STRONG:#}  {WEAK}{}{WEAK:#}", harmless(name)))?;
        }
    }
    Ok(())
}

/// New files with a secret. They are removed when it is dropped, unless they are kept.
struct Made<'a> {
    key: &'a Path,
    firmware: Vec<&'a Path>,
    /// The key was made as a whole.
    kept: bool,
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        for path in [self.key].iter().chain(&self.firmware) {
            // The failure that is reported is the one before.
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes a secret to standard output, or to a new file that only this user may read.
fn write<'a>(to: &'a Path, text: &str, made: &mut Made<'a>, output: Output) -> Done {
    if to == Path::new("-") {
        output.note("what follows is secret: only the firmware of the device may have it");
        return output.text(text);
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(to).and_then(|mut file| {
        made.firmware.push(to);
        file.write_all(text.as_bytes())
    });
    written.map_err(|error| {
        let failure = Failure::file("write", to, &error);
        match error.kind() {
            io::ErrorKind::AlreadyExists => failure.help("it is not overwritten; choose another name. No key was made"),
            _ => failure.help("no key was made"),
        }
    })
}

/// Returns the secret as bytes in hexadecimal, 8 a line.
fn bytes(key: &NewKey) -> String {
    let mut text = String::new();
    for (index, byte) in key.secret().iter().enumerate() {
        let before = if index % 8 == 0 { "\n    " } else { " " };
        // Writing to a `String` does not fail.
        let _ = write!(text, "{before}0x{byte:02x},");
    }
    text
}

/// Returns what a comment says of a key.
fn about(key: &NewKey, name: &str) -> String {
    // Nothing in a name ends a comment.
    let name = harmless(name).replace("*/", "* /");
    let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
    format!("Key {}{name}. Secret: keep it out of version control.", key.id().0)
}

fn of_rust(key: &NewKey, name: &str) -> String {
    format!(
        "/// {}\nstatic KEY: oncilla::keys::Key = oncilla::keys::Key::new(oncilla::keys::KeyId({}), [{}\n]);\n",
        about(key, name),
        key.id().0,
        bytes(key)
    )
}

fn of_c(key: &NewKey, name: &str) -> String {
    format!(
        "/* {} */\n#include \"oncilla.h\"\n\nstatic const oncilla_key key = {{{}, {{{}\n}}}};\n",
        about(key, name),
        key.id().0,
        bytes(key)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_end_a_comment() {
        let name = "oven */ int x; /*";
        let key = NewKey::random(KeyId(3), name).unwrap();
        let (c, rust) = (of_c(&key, name), of_rust(&key, name));
        assert_eq!(c.matches("*/").count(), 1, "{c}");
        assert!(c.contains("oncilla_key key = {3, {") && rust.contains("KeyId(3), ["), "{c}{rust}");
        assert_eq!((c.matches("0x").count(), rust.matches("0x").count()), (16, 16));
    }
}
