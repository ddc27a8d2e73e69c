//! The standard's own tool.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;

use crate::{install::RPCINFO, process::output_within};

/// More than it waits for a reply.
const LIMIT: Duration = Duration::from_secs(60);

/// Lets it look for a program on TCP; gives what it says.
///
/// Its `-a` takes the port as two decimal bytes. `-n PORT` would be plainer, but rpcbind's `rpcinfo` 1.2.6 goes to the
/// port mapper all the same.
pub fn find(address: SocketAddr, program: u32, version: u32) -> Result<String> {
    let [high, low] = address.port().to_be_bytes();
    let mut rpcinfo = RPCINFO.command()?;
    rpcinfo.args(["-a", &format!("{}.{high}.{low}", address.ip()), "-T", "tcp"]);
    rpcinfo.args([program, version].map(|number| number.to_string()));
    output_within(LIMIT, &mut rpcinfo)
}
