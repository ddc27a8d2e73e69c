//! The IPv4 networks of this machine, by the crate `if-addrs`.

use std::io;
use std::net::Ipv4Addr;

use if_addrs::{IfAddr, IfOperStatus, Interface, get_if_addrs};

use super::broadcast;

/// Returns the broadcast address of each IPv4 network of an interface that is up, and the loopback address.
pub(super) fn networks() -> io::Result<Vec<Ipv4Addr>> {
    Ok(get_if_addrs()?.iter().filter_map(broadcast_address).collect())
}

fn broadcast_address(interface: &Interface) -> Option<Ipv4Addr> {
    let IfAddr::V4(address) = &interface.addr else { return None };
    if interface.oper_status != IfOperStatus::Up {
        return None;
    }
    // A broadcast on the loopback interface reaches no program.
    if address.is_loopback() {
        return Some(address.ip);
    }
    broadcast(address.ip, address.netmask)
}
