//! Makes Rust of the `.x` files.

use oncilla_rpcgen::{Data, Error, Options};

fn main() -> Result<(), Error> {
    // Names and data stay in the receive buffer, so their bounds cost nothing. Names may be in any encoding.
    let options = Options::new().data(Data::Borrowed).strings_as_bytes(true).unbounded_bytes(4096);
    // Lists take the room of their bounds, and those in lists take it for each node: of the exports, and of who may
    // mount each.
    options.clone().list_nodes(64).unbounded_elements(16).compile("mount3.x")?;
    // As many entries of a directory as there can be in the bytes that `nfs_probe` asks for at a time.
    options.list_nodes(256).compile("nfs3.x")
}
