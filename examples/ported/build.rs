//! Compiles the interfaces of the ported programs to Rust.

use oncilla_rpcgen::{Data, Error, Options};

fn main() -> Result<(), Error> {
    oncilla_rpcgen::compile("phonebook.x")?;
    // The file states no bounds.
    let options = Options::new().data(Data::Borrowed).unbounded_bytes(256);
    options.bound("Create_LinkParms.device", 32).compile("../../targets/rpcgen/tests/x/vxi11.x")
}
