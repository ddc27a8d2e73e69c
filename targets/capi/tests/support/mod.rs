//! Compiles and runs C programs on the library, in each of the ways that find faults of memory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, Once, PoisonError};
use std::{env, fs};

/// How a program is compiled and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Plain,
    /// AddressSanitizer and the sanitizer of undefined behaviour.
    Sanitized,
    Valgrind,
}

pub const WAYS: [Way; 3] = [Way::Plain, Way::Sanitized, Way::Valgrind];

/// Without a warning.
pub const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/// The folder of the ports, from which sources are named.
pub fn ports() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where cargo puts what it builds for these tests.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder has tmp").to_owned()
}

/// The static library, built before it is needed for the first time.
pub fn library() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--package", "oncilla-capi", "--lib", "--target-dir"]).arg(target());
        run(cargo.current_dir(ports()), "cargo");
    });
    target().join("debug/liboncilla_capi.a")
}

/// Compiles `sources`, which are named from the folder of the ports, to a program of this name.
pub fn compile(name: &str, sources: &[&str], way: Way) -> PathBuf {
    // Two tests may want it at the same time, and what runs cannot be written. Compiled once in every run of the tests.
    static COMPILED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi").join(format!("{way:?}"));
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join(name);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if compiled.contains(&program) {
        return program;
    }
    let mut gcc = Command::new("gcc");
    gcc.arg("-std=c99").args(STRICT).args([
        "-g",
        "-I",
        "capi/include",
        "-I",
        "capi/c",
        "-I",
        "systems/sylixos/include",
    ]);
    if way == Way::Sanitized {
        gcc.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    }
    gcc.args(sources).arg(library()).arg("-pthread").arg("-o").arg(&program);
    run(gcc.current_dir(ports()), "gcc libc6-dev libasan8 libubsan1");
    compiled.insert(program.clone());
    program
}

/// The command that runs a program. Whatever is wrong with memory makes it fail.
pub fn command(program: &Path, way: Way) -> Command {
    if way != Way::Valgrind {
        return Command::new(program);
    }
    // What the threads of a program have that ends before them is only possibly lost.
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args([
            "--quiet",
            "--error-exitcode=99",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite",
            "--track-origins=yes",
        ])
        .arg(program);
    valgrind
}

/// Runs a command to its success.
pub fn run(command: &mut Command, packages: &str) -> Output {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {name}: {error}; install it: apt install {packages}"));
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} failed ({}): {errors}{out}", output.status);
    output
}
