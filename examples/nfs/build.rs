//! Compiles the `.x` files to Rust.

use oncilla_rpcgen::{Data, Error, Options};

fn main() -> Result<(), Error> {
    // Names and data stay in the receive buffer, so their bounds cost no other memory. Names may be in any encoding.
    let options = Options::new().data(Data::Borrowed).strings_as_bytes(true).unbounded_bytes(4096);
    // A list takes the memory of its bound, and so does a list in each node of another: the exports, and the clients
    // that may mount each.
    options.clone().list_nodes(64).unbounded_elements(16).compile("mount3.x")?;
    // The largest number of directory entries in the bytes that `nfs_probe` requests at a time.
    options.list_nodes(256).compile("nfs3.x")
}
