//! Where the `.x` files are.

use std::fs;
use std::path::{Path, PathBuf};

use oncilla_rpcgen::Options;

/// The files of a folder, in the order of their names.
pub fn of(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let folder = folder.as_ref();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| {
        panic!("{}: {error}; if it is missing, install it: apt install rpcsvc-proto libc6-dev", folder.display())
    });
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "x"));
    files.sort();
    assert!(!files.is_empty(), "there are no .x files in {}", folder.display());
    files
}

pub fn accepted() -> Vec<PathBuf> {
    of("tests/accepted")
}

/// Those of the RFCs and of other specifications.
pub fn specified() -> Vec<PathBuf> {
    [of("tests/x"), of("../../examples/nfs")].concat()
}

/// Those whose values are too large without a heap.
pub fn on_heap() -> Vec<PathBuf> {
    of("tests/heap")
}

/// Those of the system.
pub fn system() -> Vec<PathBuf> {
    of("/usr/include/rpcsvc")
}

/// A file's name without its folder and its end.
pub fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// What `nis_callback.x` leaves to a header of C is defined in Rust.
pub fn options(path: &Path) -> Options {
    match stem(path) {
        "nis_callback" => {
            Options::new().external("nis_object", "super::External").external("nis_error", "super::External")
        }
        _ => Options::new(),
    }
}
