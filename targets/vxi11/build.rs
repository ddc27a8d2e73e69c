//! Compiles `vxi11.x` to Rust.

use oncilla_rpcgen::{Data, Error, Options};

fn main() -> Result<(), Error> {
    // Data stay in the buffers of calls and replies, so their bound costs no memory: the buffers are the limit.
    Options::new().data(Data::Borrowed).unbounded_bytes(1 << 20).compile("vxi11.x")
}
