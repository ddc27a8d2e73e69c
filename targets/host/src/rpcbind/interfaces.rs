//! The IPv4 networks of this machine.

use std::io;
use std::net::Ipv4Addr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

/// Returns the broadcast address of each IPv4 network of an interface that is up, loopback included.
pub(super) fn broadcast_addresses() -> io::Result<Vec<Ipv4Addr>> {
    let mut addresses: Vec<Ipv4Addr> = getifaddrs()?.filter_map(|interface| broadcast_address(&interface)).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

fn broadcast_address(interface: &InterfaceAddress) -> Option<Ipv4Addr> {
    if !interface.flags.contains(InterfaceFlags::IFF_UP) {
        return None;
    }
    // The address is computed, because an interface may be configured without a broadcast address. Networks of one or
    // two addresses have none to compute.
    broadcast(ipv4(interface.address)?, ipv4(interface.netmask)?).or_else(|| ipv4(interface.broadcast))
}

fn broadcast(address: Ipv4Addr, mask: Ipv4Addr) -> Option<Ipv4Addr> {
    let hosts = !u32::from(mask);
    (hosts > 1).then(|| Ipv4Addr::from(u32::from(address) | hosts))
}

fn ipv4(address: Option<SockaddrStorage>) -> Option<Ipv4Addr> {
    address?.as_sockaddr_in().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ones_behind_the_mask() {
        let broadcast = |address: [u8; 4], mask: [u8; 4]| broadcast(address.into(), mask.into());
        assert_eq!(broadcast([192, 0, 2, 7], [255, 255, 255, 0]), Some([192, 0, 2, 255].into()));
        assert_eq!(broadcast([127, 0, 0, 1], [255, 0, 0, 0]), Some([127, 255, 255, 255].into()));
        assert_eq!(broadcast([10, 1, 2, 3], [255, 255, 255, 252]), Some([10, 1, 2, 3].into()));
        assert_eq!(broadcast([10, 1, 2, 2], [255, 255, 255, 254]), None);
        assert_eq!(broadcast([10, 1, 2, 2], [255, 255, 255, 255]), None);
    }
}
