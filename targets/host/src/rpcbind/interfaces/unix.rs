//! The IPv4 networks of this machine, by `getifaddrs`.

use std::io;
use std::net::Ipv4Addr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

use super::broadcast;

/// Returns the broadcast address of each IPv4 network of an interface that is up, loopback included.
pub(super) fn networks() -> io::Result<Vec<Ipv4Addr>> {
    Ok(getifaddrs()?.filter_map(|interface| broadcast_address(&interface)).collect())
}

fn broadcast_address(interface: &InterfaceAddress) -> Option<Ipv4Addr> {
    if !interface.flags.contains(InterfaceFlags::IFF_UP) {
        return None;
    }
    // The address is computed, because an interface may be configured without a broadcast address. Networks of one or
    // two addresses have none to compute.
    broadcast(ipv4(interface.address)?, ipv4(interface.netmask)?).or_else(|| ipv4(interface.broadcast))
}

fn ipv4(address: Option<SockaddrStorage>) -> Option<Ipv4Addr> {
    address?.as_sockaddr_in().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}
