//! A mistake in an interface is one error, at the word that is wrong, and says what to write.
//!
//! Each file in `cases` has a mistake or several. A line with a mistake ends in `//~` and a part of its error's message;
//! a line `//? text` at the top says what stands in the notes or labels of some error. There must be as many errors as `//~`,
//! each in its line. Nothing else of rustc's text is compared, since it changes from one version to the next.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value;

/// One error of the compiler: where its first primary span begins, its message, and all of it as it is shown.
struct Error {
    file: String,
    line: u64,
    message: String,
    rendered: String,
}

#[test]
fn mistakes_are_reported_once_at_the_users_word() {
    let cases = cases();
    assert!(cases.len() > 10, "cases are missing: {cases:?}");
    let errors = check(&cases);
    let mut wrong = String::new();
    for (name, path) in &cases {
        let found = errors.get(name).map_or(&[][..], Vec::as_slice);
        for fault in compare(path, found) {
            writeln!(wrong, "{name}: {fault}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn cases() -> BTreeMap<String, PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

/// Checks all cases as programs of a package of their own, with the versions that the workspace has. An error that comes
/// again is left out, as cargo does when it shows them.
fn check(cases: &BTreeMap<String, PathBuf>) -> BTreeMap<String, Vec<Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    fs::create_dir_all(&package).unwrap();
    let mut manifest = format!(
        "[package]\nname = \"cases\"\nedition = \"2024\"\n[workspace]\n[dependencies]\noncilla = {{ path = {root:?} }}\n\
         heapless = \"0.9\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n"
    );
    for (name, path) in cases {
        write!(manifest, "[[bin]]\nname = {name:?}\npath = {path:?}\n").unwrap();
    }
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--bins", "--keep-going", "--message-format=json", "--target-dir"])
        // Packages of other tests are checked there, too, and have the same dependencies.
        .arg(concat!(env!("CARGO_TARGET_TMPDIR"), "/checks"))
        .current_dir(&package)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let mut errors = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let report: Value = serde_json::from_str(line).unwrap();
        let message = &report["message"];
        if report["reason"] == "compiler-message" && message["level"] == "error" {
            let known: &mut Vec<Error> = errors.entry(text(&report["target"]["name"])).or_default();
            let is_new = |error: &Error| known.iter().all(|known| known.rendered != error.rendered);
            if let Some(error) = error(message).filter(is_new) {
                known.push(error);
            }
        }
    }
    errors
}

/// `None` for the count of errors at the end, which has no place.
fn error(message: &Value) -> Option<Error> {
    let span = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
    Some(Error {
        file: text(&span["file_name"]),
        line: span["line_start"].as_u64()?,
        message: text(&message["message"]),
        rendered: text(&message["rendered"]),
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What is not as the case says.
fn compare(path: &Path, errors: &[Error]) -> Vec<String> {
    let source = fs::read_to_string(path).unwrap();
    let lines = || (1..).zip(source.lines());
    let mut expected: Vec<(u64, &str)> =
        lines().filter_map(|(number, line)| Some((number, line.split_once("//~")?.1.trim()))).collect();
    let mut faults = Vec::new();
    for error in errors {
        let is_expected = |&(line, part): &(u64, &str)| line == error.line && error.message.contains(part);
        match expected.iter().position(is_expected).filter(|_| Path::new(&error.file).ends_with(path)) {
            Some(place) => drop(expected.remove(place)),
            None => faults.push(format!("an error too many:\n{}", error.rendered)),
        }
    }
    faults.extend(expected.iter().map(|(line, part)| format!("no error `{part}` in line {line}")));
    for (_, note) in lines().filter_map(|(number, line)| Some((number, line.strip_prefix("//? ")?))) {
        if !errors.iter().any(|error| error.rendered.contains(note)) {
            faults.push(format!("no error says `{note}`"));
        }
    }
    faults
}
