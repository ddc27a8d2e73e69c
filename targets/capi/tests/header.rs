//! Compares the header with the one that cbindgen generates from the sources.
//!
//! To write the header: `ONCILLA_HEADER=write cargo test -p oncilla-capi --test header`.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The sources, in an order in which each item follows the items that it needs.
const SOURCES: [&str; 19] = [
    "status", "reader", "writer", "io", "request", "auth", "table", "replay", "answer", "keys", "server", "client",
    "details", "endpoint", "keyed", "text", "slots", "flight", "nested",
];

fn crate_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn made() -> String {
    let source = |name: &str| -> PathBuf { crate_root().join("src").join(name).with_extension("rs") };
    let config = cbindgen::Config::from_file(crate_root().join("cbindgen.toml")).expect("cbindgen.toml is right");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in SOURCES {
        builder = builder.with_src(source(name));
    }
    let mut bytes = Vec::new();
    builder.generate().expect("cbindgen understands the sources").write(&mut bytes);
    with_version(&without_rust(&String::from_utf8(bytes).expect("the header is text")))
}

/// Writes the version of this crate where `cbindgen.toml` has the names of its parts.
fn with_version(header: &str) -> String {
    let parts = [
        ("@VERSION@", env!("CARGO_PKG_VERSION")),
        ("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR")),
        ("@MINOR@", env!("CARGO_PKG_VERSION_MINOR")),
        ("@PATCH@", env!("CARGO_PKG_VERSION_PATCH")),
    ];
    parts.iter().fold(header.to_owned(), |header, (name, value)| header.replace(name, value))
}

/// Removes the sections that are for callers from Rust only.
fn without_rust(header: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut safety = false;
    for line in header.lines() {
        let text = line.trim_start().trim_start_matches('*').trim();
        safety = (safety || text == "# Safety") && line.trim() != "*/";
        if !safety {
            // The empty line before the section.
            while line.trim() == "*/" && lines.last().is_some_and(|last| last.trim() == "*") {
                lines.pop();
            }
            lines.push(line);
        }
    }
    on_one_line(&lines.join("\n")) + "\n"
}

/// Writes comments with one line of text on one line.
fn on_one_line(header: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in header.lines() {
        let count = lines.len();
        match lines.get(count.saturating_sub(2)..) {
            Some([start, text]) if line.trim() == "*/" && start.trim() == "/**" => {
                let indent = start.len() - start.trim_start().len();
                let text = text.trim_start().trim_start_matches('*').trim();
                let whole = format!("{:indent$}/** {text} */", "");
                lines.truncate(count - 2);
                lines.push(whole);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[test]
fn the_header_is_that_of_the_sources() {
    let path = crate_root().join("include/oncilla.h");
    let made = made();
    if env::var_os("ONCILLA_HEADER").is_some_and(|value| value == "write") {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "include/oncilla.h differs from the sources; run ONCILLA_HEADER=write cargo test -p oncilla-capi --test header"
    );
}
