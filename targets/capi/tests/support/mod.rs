//! Compiles and runs C programs with the library: plainly, and in two ways that find memory errors.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, Once, PoisonError};
use std::{env, fs};

/// How a program is compiled and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Plain,
    /// With AddressSanitizer and UndefinedBehaviorSanitizer.
    Sanitized,
    Valgrind,
}

pub const WAYS: [Way; 3] = [Way::Plain, Way::Sanitized, Way::Valgrind];

/// Options that make every warning an error.
pub const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/// The folder `targets`, to which the paths of sources are relative. Crates in folders below it use this file too.
pub fn ports() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.find(|folder| folder.ends_with("targets")).expect("the crate is below `targets`")
}

/// The target folder in which cargo builds these tests.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder has tmp").to_owned()
}

/// Returns the static library; builds it at the first use.
pub fn library() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--package", "oncilla-capi", "--lib", "--features", "keys", "--target-dir"]);
        cargo.arg(target());
        run(cargo.current_dir(ports()), "cargo");
    });
    target().join("debug/liboncilla_capi.a")
}

/// Compiles `sources`, whose paths are relative to [`ports`], to a program with this name.
pub fn compile(name: &str, sources: &[&str], way: Way) -> PathBuf {
    compile_in(name, sources, &[], way)
}

/// Compiles sources that include headers of these folders.
pub fn compile_in(name: &str, sources: &[&str], folders: &[&Path], way: Way) -> PathBuf {
    // Two tests may need the program at the same time, and a running program cannot be overwritten. So it is compiled
    // once per run of the tests.
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
    folders.iter().for_each(|folder| _ = gcc.arg("-I").arg(folder));
    // The shim for POSIX has keys only then.
    if name.contains("keyed") {
        gcc.arg("-DONCILLA_KEYS");
    }
    if way == Way::Sanitized {
        gcc.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    }
    gcc.args(sources).arg(library()).arg("-pthread").arg("-o").arg(&program);
    run(gcc.current_dir(ports()), "gcc libc6-dev libasan8 libubsan1");
    compiled.insert(program.clone());
    program
}

/// Returns the command that runs a program. It fails on any memory error.
pub fn command(program: &Path, way: Way) -> Command {
    if way != Way::Valgrind {
        return Command::new(program);
    }
    // Memory of threads that outlive the program is only "possibly lost", and no error.
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

/// Runs a command and returns its output; panics if it fails.
pub fn run(command: &mut Command, packages: &str) -> Output {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {name}: {error}; install it: apt install {packages}"));
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} failed ({}): {errors}{out}", output.status);
    output
}
