//! Sun's compiler on the same files.

use std::path::Path;
use std::process::Command;

use crate::files;

/// Accepted here, and not by rpcgen: the RFC's own, and what other compilers take.
const ALONE: [&str; 8] = [
    "rfc_bodies_without_names",
    "rfc_numbers",
    "line_comments",
    "continued_line",
    "namespace",
    "namespaces",
    "headers_in_namespaces",
    "recursive_bodies",
];

/// Whether rpcgen makes a header of a file.
pub fn accepts(path: &Path) -> bool {
    let file = std::path::absolute(path).unwrap();
    let output = Command::new("rpcgen").args(["-N", "-h"]).arg(file).current_dir("/").output();
    let output = output.unwrap_or_else(|error| panic!("cannot run rpcgen: {error}; apt install rpcsvc-proto"));
    output.status.success()
}

#[test]
fn what_is_not_the_rfcs_alone_is_accepted_by_rpcgen_too() {
    for path in files::accepted().into_iter().chain(files::specified()).chain(files::on_heap()) {
        let alone = ALONE.contains(&files::stem(&path));
        assert_eq!(accepts(&path), !alone, "{}", path.display());
    }
}

#[test]
fn what_rpcgen_accepts_of_the_system_is_accepted() {
    let mut accepted = 0;
    for path in files::system() {
        let ours = files::options(&path).generate(&path);
        // It has a line that goes on behind a backslash.
        if accepts(&path) || path.ends_with("nis.x") {
            accepted += 1;
            ours.unwrap_or_else(|error| panic!("{error}"));
        } else {
            assert!(ours.is_err(), "{} is refused by rpcgen", path.display());
        }
    }
    assert!(accepted >= 10, "only {accepted} files of the system are accepted by rpcgen");
}
