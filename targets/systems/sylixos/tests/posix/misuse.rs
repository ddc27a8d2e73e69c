//! Wrong use, and the headers.

use std::path::Path;
use std::process::Command;

use crate::examples::{WAYS, ours, run};

#[test]
fn wrong_use_is_reported() {
    for way in WAYS {
        run(&mut ours("misuse", way), "valgrind");
    }
}

#[test]
fn the_headers_are_good_c_and_good_cxx() {
    let ports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (compiler, language, standard) in [("gcc", "c", "c99"), ("g++", "c++", "c++11"), ("g++", "c++", "c++17")] {
        let mut command = Command::new(compiler);
        command.args(["-x", language, &format!("-std={standard}"), "-Wall", "-Wextra", "-Werror", "-pedantic"]);
        command.args(["-fsyntax-only", "-I", "capi/include"]);
        run(
            command.args(["systems/sylixos/include/oncilla_posix.h", "capi/c/oncilla_fd.h"]).current_dir(&ports),
            compiler,
        );
    }
}
