//! Makes Rust of the interfaces that the tests of the repository have in C, too.

use std::path::Path;
use std::{env, fs};

use oncilla_rpcgen::{Data, Error, Options};

/// Files of the compiler's tests that rpcgen takes, too.
const CASES: [&str; 13] = [
    "bool_union",
    "chars",
    "discriminant_name_again",
    "discriminants",
    "header_types",
    "large_members",
    "nothing_opaque",
    "percent_in_bodies",
    "percent_midstatement",
    "quad_define",
    "switch_hyper",
    "headers_of_c",
    "zero_bounds",
];

/// What is assumed without them, said, so that cargo need not warn.
fn bounds() -> Options {
    Options::new().unbounded_bytes(1024).unbounded_elements(16).list_nodes(16)
}

fn main() -> Result<(), Error> {
    for case in CASES {
        bounds().compile(format!("../../targets/rpcgen/tests/accepted/{case}.x"))?;
    }
    let options = Options::new().unbounded_bytes(64).list_nodes(40);
    options.compile("dialect.x")?;
    options.clone().tree_levels(40).compile("recursive.x")?;
    let options = options.oneway("NOTE");
    options.compile("../interop/constructs.x")?;
    // Once more, with another name for what is made of the same file.
    let borrowed = options.data(Data::Borrowed).generate("../interop/constructs.x")?;
    let target = Path::new(&env::var_os("OUT_DIR").ok_or(Error::NoFolder)?).join("constructs_borrowed.rs");
    fs::write(&target, borrowed.rust).map_err(|error| Error::Write(target, error))
}
