//! rpcbind (RFC 1833): this library's table, its clients of that table and of the system's rpcbind, servers that
//! register themselves, and the search by broadcast. Debian's rpcbind and rpcinfo are the reference.

mod clients;
mod daemon;
mod find;
mod indirect;
mod machine;
#[path = "../support/namespace.rs"]
mod namespace;
mod procedures;
mod register;
mod requests;
mod rpcinfo;
mod served;
mod system;
mod taken;
mod universal;

use oncilla::rpcbind::{Service, Transport};

/// A program number that no other program uses.
const PROGRAM: u32 = 0x2000_0b1d;

/// One entry of a table.
const fn service(program: u32, version: u32, transport: Transport, port: u16) -> Service {
    Service { program, version, transport, port }
}

/// The bytes of these words.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A string of XDR.
fn text(text: &str) -> Vec<u8> {
    opaque(text.as_bytes())
}

/// Opaque data of XDR, of any length.
fn opaque(bytes: &[u8]) -> Vec<u8> {
    let fill = bytes.len().next_multiple_of(4) - bytes.len();
    [words(&[bytes.len() as u32]), bytes.to_vec(), vec![0; fill]].concat()
}

/// A universal address of IPv4 or IPv6.
fn universal_of(address: std::net::SocketAddr) -> String {
    oncilla::rpcbind::universal(address).to_string()
}
