//! The programs and commands of the README and of the guide's chapter for C programs.

#[path = "../../../tests/support/namespace.rs"]
mod namespace;
#[allow(dead_code)] // Compiling programs of the repository is for others.
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{ports, run};

/// What a document has, in its order.
enum Block {
    /// A file to be written, named in the line before its block.
    File { name: String, text: String },
    /// Commands for the shell, each of which must succeed.
    Shell(String),
    /// A command, and what it prints.
    Session { command: String, prints: String },
}

fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut before = "";
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: String =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            match language {
                "sh" => found.push(Block::Shell(text)),
                "console" => {
                    let (command, prints) = text.split_once('\n').unwrap_or_default();
                    let command = command.strip_prefix("$ ").expect("a session begins with a command").to_owned();
                    found.push(Block::Session { command, prints: prints.to_owned() });
                }
                "c" => {
                    if let Some(name) = before.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:")) {
                        found.push(Block::File { name: name.to_owned(), text });
                    }
                }
                _ => {}
            }
        }
        if !line.is_empty() {
            before = line;
        }
    }
    found
}

/// Does what a document shows, in an empty folder. What cargo builds is kept for the next time.
fn follow(document: &Path, name: &str) {
    let root = ports().join("..").canonicalize().unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (folder, build) = (target.join(name), target.join("documents-build"));
    // Usually there is nothing.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(&build).unwrap();
    std::os::unix::fs::symlink(&build, folder.join("build")).unwrap();
    let shell = |command: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).current_dir(&folder).env("ONCILLA", &root);
        let output = run(&mut shell, "gcc g++ libc6-dev");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut sessions = 0;
    for block in blocks(&fs::read_to_string(document).unwrap()) {
        match block {
            Block::File { name, text } => fs::write(folder.join(name), text).unwrap(),
            Block::Shell(commands) => drop(shell(&commands)),
            Block::Session { command, prints } => {
                assert_eq!(shell(&command), prints, "{command}");
                sessions += 1;
            }
        }
    }
    assert!(sessions > 0, "{} shows no command with its output", document.display());
}

#[test]
fn the_readme_can_be_followed() {
    follow(&ports().join("capi/README.md"), "readme");
}

/// Builds the library that the chapters link. In a namespace, with its limit of time, it is there already.
fn build_library() {
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents-build");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--package", "oncilla-capi", "--lib", "--target-dir"]).arg(&build);
    run(cargo.current_dir(ports()), "cargo");
}

#[test]
fn the_chapter_for_c_programs_can_be_followed() {
    build_library();
    // Nobody else has its port there.
    namespace::alone("the_chapter_for_c_programs_can_be_followed", || {
        follow(&ports().join("../src/guide/from_c.md"), "chapter");
    });
}

#[test]
fn the_chapter_about_generated_c_can_be_followed() {
    // What the chapter builds takes longer than a test may in a namespace. Then it is there already.
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents-build");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "oncilla-rpcgen", "--target-dir"]).arg(&build);
    run(cargo.current_dir(ports()), "cargo");
    let mut make = Command::new("make");
    make.args(["--silent", "-C", "capi", "all"]).arg(format!("BUILD={}", build.join("c").display()));
    run(make.current_dir(ports()), "make gcc");
    // Nobody else has its port there.
    namespace::alone("the_chapter_about_generated_c_can_be_followed", || {
        follow(&ports().join("../src/guide/c_code.md"), "generated-chapter");
    });
}
