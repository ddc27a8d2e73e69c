//! Runs rpcinfo, the standard's own tool.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;

use crate::{install::RPCINFO, process::output_within};

/// The time limit. rpcinfo itself waits a shorter time for a reply.
const LIMIT: Duration = Duration::from_secs(60);

/// Calls a program on TCP with rpcinfo. Returns its output.
///
/// `-a` takes the port as two decimal bytes. `-n PORT` would be plainer, but rpcinfo of rpcbind 1.2.6 asks the port
/// mapper even then.
pub fn find(address: SocketAddr, program: u32, version: u32) -> Result<String> {
    let [high, low] = address.port().to_be_bytes();
    let mut rpcinfo = RPCINFO.command()?;
    rpcinfo.args(["-a", &format!("{}.{high}.{low}", address.ip()), "-T", "tcp"]);
    rpcinfo.args([program, version].map(|number| number.to_string()));
    output_within(LIMIT, &mut rpcinfo)
}
