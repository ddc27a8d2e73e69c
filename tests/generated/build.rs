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
    write("constructs_borrowed", borrowed.rust)?;
    on_heap()
}

/// Makes Rust with data on the heap of the same files, and of those whose values would be too large without it.
fn on_heap() -> Result<(), Error> {
    let heap = Options::new().data(Data::Heap).message_limit(16 << 20).tree_levels(80);
    let only = |folder: &str, name: &str| format!("../../targets/rpcgen/tests/{folder}/{name}.x");
    let cases = CASES.map(|case| only("accepted", case));
    let large = ["bricks", "machines", "nfs4"].map(|name| only("heap", name));
    let others = ["dialect.x", "recursive.x", "../interop/constructs.x"].map(String::from);
    let nfs = ["mount3", "nfs3"].map(|name| format!("../../examples/nfs/{name}.x"));
    for file in cases.into_iter().chain(large).chain(others).chain(nfs).chain([only("x", "rpcbind")]) {
        let stem = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy();
        let options = heap.clone();
        // Its procedures are called over UDP as well, where a reply without a bound has no room.
        let bounded = |options: Options| options.oneway("NOTE").unbounded_bytes(64).list_nodes(40);
        let options = if stem == "constructs" { bounded(options) } else { options };
        write(&format!("heap/{stem}"), options.generate(&file)?.rust)?;
        println!("cargo:rerun-if-changed={file}");
    }
    Ok(())
}

/// Writes a file to the output folder.
fn write(name: &str, rust: String) -> Result<(), Error> {
    let target = Path::new(&env::var_os("OUT_DIR").ok_or(Error::NoFolder)?).join(name).with_extension("rs");
    let folder = target.parent().unwrap_or(&target);
    fs::create_dir_all(folder).and_then(|()| fs::write(&target, rust)).map_err(|error| Error::Write(target, error))
}
