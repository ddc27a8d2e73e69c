//! The standard's own tool.
//!
//! It is told the address as `-a 127.0.0.1.78.81`, the port in two decimal bytes: with `-n`
//! some versions of it look for a port mapper all the same.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// Where it may be although the user's path does not say so.
const ELSEWHERE: [&str; 2] = ["/usr/sbin/rpcinfo", "/sbin/rpcinfo"];

/// Runs `rpcinfo` and returns whether it succeeded and all it printed.
pub fn rpcinfo(transport: &str, address: SocketAddr, program: u32, version: Option<u32>) -> (bool, String) {
    let [high, low] = address.port().to_be_bytes();
    let elsewhere = ELSEWHERE.into_iter().find(|path| Path::new(path).exists());
    let output = Command::new(elsewhere.unwrap_or("rpcinfo"))
        .args(["-a", &format!("{}.{high}.{low}", address.ip()), "-T", transport, &program.to_string()])
        .args(version.map(|version| version.to_string()))
        .output()
        .unwrap_or_else(|error| panic!("cannot run rpcinfo: {error}; install it: apt install rpcbind"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}
