//! The generated Rust compiles without a warning, on this machine and for a microcontroller.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use oncilla_rpcgen::{Data, Description};

use crate::{files, rpcgen};

const BOARD: &str = "thumbv7m-none-eabi";

/// All files that can be compiled.
fn all() -> impl Iterator<Item = PathBuf> {
    let system = files::system().into_iter().filter(|path| rpcgen::accepts(path));
    let hostile = files::of("tests/hostile").into_iter().filter(|path| files::options(path).generate(path).is_ok());
    files::accepted().into_iter().chain(files::specified()).chain(system).chain(hostile)
}

/// A crate with the Rust of all files, owned, borrowed and with descriptions.
fn krate(name: &str) -> PathBuf {
    let mut generated = Vec::new();
    for path in all() {
        let variants = [
            (Data::Owned, Description::None, "owned"),
            (Data::Borrowed, Description::None, "borrowed"),
            (Data::Owned, Description::Commented, "described"),
        ];
        for (data, description, end) in variants {
            let options = files::options(&path).data(data).describe(description);
            let output = options.generate(&path).unwrap_or_else(|error| panic!("{error}"));
            generated.push((format!("{}_{end}", files::stem(&path)), output.rust));
        }
    }
    krate_of(name, NO_STD, &generated)
}

/// A crate with the Rust of all files with data on the heap, as they are and with limits and descriptions.
fn krate_on_the_heap(name: &str) -> PathBuf {
    let mut generated = Vec::new();
    for path in all().chain(files::on_heap()) {
        let plain = files::options(&path).data(Data::Heap);
        let bounded = plain.clone().tree_levels(40).list_nodes(9).unbounded_bytes(99).unbounded_elements(7);
        let bounded = bounded.message_limit(99_999).strings_as_bytes(true).describe(Description::Bare);
        for (options, end) in [(plain, "heap"), (bounded, "bounded")] {
            let output = options.generate(&path).unwrap_or_else(|error| panic!("{error}"));
            generated.push((format!("{}_{end}", files::stem(&path)), output.rust));
        }
    }
    krate_of(name, ON_HEAP, &generated)
}

/// The features of `oncilla` that a crate needs, and the attribute of its root.
type Kind = (&'static str, &'static str);
const NO_STD: Kind = ("", "#![no_std]\n");
const ON_HEAP: Kind = ("\"alloc\"", "");

/// A crate with these modules.
fn krate_of(name: &str, (features, attribute): Kind, modules: &[(String, String)]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let krate = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(krate.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"generated\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nheapless = \"0.9\"\n\
         oncilla = {{ path = {root:?}, features = [{features}] }}\n[lints.rust]\nwarnings = \"deny\"\nmissing_docs = \"deny\"\n"
    );
    write(&krate.join("Cargo.toml"), &manifest);
    // The same versions as everywhere here.
    write(&krate.join("Cargo.lock"), &fs::read_to_string(root.join("Cargo.lock")).unwrap());
    let mut lib = format!(
        "//! All files.\n{attribute}oncilla::xdr_struct! {{\n    /// Defined in Rust.\n    \
         #[derive(Clone, Debug, PartialEq)]\n    pub struct External {{\n        /// A number.\n        \
         pub number: u32,\n    }}\n}}\n"
    );
    for (module, rust) in modules {
        write(&krate.join(format!("src/{module}.rs")), rust);
        writeln!(lib, "/// Generated.\npub mod {module};").unwrap();
    }
    write(&krate.join("src/lib.rs"), &lib);
    krate
}

/// What is there already is not built again.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).unwrap();
    }
}

/// The folder in which packages of tests are checked: one for all, since they have the same dependencies.
pub fn checks() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("checks")
}

fn check(mut cargo: Command, krate: &Path, more: &[&str]) {
    cargo.args(["check", "--quiet", "--offline"]).args(more).current_dir(krate);
    cargo.arg("--target-dir").arg(checks());
    // Whatever this test itself is built with.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
    let output = cargo.output().unwrap_or_else(|error| panic!("cannot run cargo: {error}; run `cargo xtask setup`"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Rust of other files.
pub fn check_on_this_machine(name: &str, modules: &[(String, String)]) {
    check(Command::new(env!("CARGO")), &krate_of(name, NO_STD, modules), &[]);
}

#[test]
fn on_this_machine() {
    check(Command::new(env!("CARGO")), &krate("generated-host"), &[]);
}

#[test]
fn on_the_heap() {
    check(Command::new(env!("CARGO")), &krate_on_the_heap("generated-heap"), &[]);
}

#[test]
fn for_a_microcontroller() {
    let krate = krate("generated-board");
    if board_is_installed() {
        return check(Command::new(env!("CARGO")), &krate, &["--target", BOARD]);
    }
    // Debian's compiler, which comes with the source of `core`.
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.env("CARGO", "/usr/bin/cargo").env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
    check(cargo, &krate, &["--target", BOARD, "-Zbuild-std=core"]);
}

fn board_is_installed() -> bool {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", BOARD]).output().unwrap();
    let folder = String::from_utf8(output.stdout).unwrap();
    let files = fs::read_dir(folder.trim()).into_iter().flatten().flatten();
    files.into_iter().any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}

#[test]
fn rustfmt_leaves_it_as_it_is() {
    for krate in [krate("generated-formatted"), krate_on_the_heap("generated-heap-formatted")] {
        let files = fs::read_dir(krate.join("src")).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| !path.ends_with("lib.rs"));
        // Its defaults, and not what this repository has.
        write(&krate.join("rustfmt.toml"), "");
        let output = Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
