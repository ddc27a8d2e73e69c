//! Makes Rust of the interfaces that the tests of the repository have in C, too.

use std::path::Path;
use std::{env, fs};

use oncilla_rpcgen::{Data, Error, Options};

fn main() -> Result<(), Error> {
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
