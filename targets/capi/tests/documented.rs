//! The documentation of `oncilla.h`, as doxygen reads it.

#[allow(dead_code, reason = "programs are compiled by other tests")]
mod support;

use std::path::Path;
use std::process::{Command, Output};
use std::{fs, thread};

use support::ports;

/// Runs doxygen on a header, with its output in a folder of this name.
fn doxygen(header: &Path, name: &str) -> Output {
    let root = ports().join("..");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let settings = fs::read_to_string(ports().join("capi/Doxyfile")).unwrap();
    let (input, output) = (format!("INPUT = {}", header.display()), format!("OUTPUT_DIRECTORY = {}", folder.display()));
    let file = folder.join("Doxyfile");
    // What stands later counts.
    fs::write(&file, format!("{settings}\n{input}\n{output}\n")).unwrap();
    let output = Command::new("doxygen").arg(&file).current_dir(root).output();
    output.unwrap_or_else(|error| panic!("cannot run doxygen: {error}; apt install doxygen"))
}

#[test]
fn every_item_of_the_header_is_documented() {
    let output = doxygen(&ports().join("capi/include/oncilla.h"), "doxygen");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{}: {said}", output.status);
    let pages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doxygen/html");
    assert!(fs::read_to_string(pages.join("oncilla_8h.html")).unwrap().contains("oncilla_client_call"));
}

#[test]
fn an_item_without_documentation_is_found() {
    let header = fs::read_to_string(ports().join("capi/include/oncilla.h")).unwrap();
    let place = "/** Decodes a hyper. */\n";
    assert!(header.contains(place));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("undocumented-{:?}", thread::current().id()));
    fs::create_dir_all(&folder).unwrap();
    let changed = folder.join("oncilla.h");
    fs::write(&changed, header.replace(place, "")).unwrap();
    let output = doxygen(&changed, "doxygen-undocumented");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("oncilla_get_i64"), "{}: {said}", output.status);
}
