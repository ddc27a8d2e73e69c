//! The IPv4 networks of this machine.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::net::Ipv4Addr;

#[cfg(unix)]
use unix::networks;
#[cfg(windows)]
use windows::networks;

/// Returns each address once at which a broadcast reaches an IPv4 network of this machine, or this machine itself.
pub(super) fn broadcast_addresses() -> io::Result<Vec<Ipv4Addr>> {
    let mut addresses = networks()?;
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

/// Returns the broadcast address of a network, if it has more than two addresses.
fn broadcast(address: Ipv4Addr, mask: Ipv4Addr) -> Option<Ipv4Addr> {
    let hosts = !u32::from(mask);
    (hosts > 1).then(|| Ipv4Addr::from(u32::from(address) | hosts))
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
