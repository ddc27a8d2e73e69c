//! Where the board is: in the network that QEMU makes with `-nic user`, or in another with the same numbers.

use core::net::Ipv4Addr;

use oncilla::Clock;
use oncilla_ethernet::{Network, Sockets, smoltcp::phy::Device};

/// The board's address on the wire, one of those that anybody may use.
pub const MAC: [u8; 6] = [2, 0, 0, 0, 0, 15];

/// The board's address, in a network of 24 bits.
pub const BOARD: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);

/// The host that QEMU runs on, which leads on to everything else.
pub const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// The board on its network.
pub fn network<'a, D: Device, C: Clock, const N: usize>(
    driver: D,
    clock: C,
    sockets: &'a mut Sockets<'a, N>,
) -> Option<Network<'a, D, C>> {
    // Nobody in this network tries to guess anything.
    let network = Network::new(driver, clock, MAC, 0x5eed, sockets)?;
    network.set_address(BOARD, 24);
    network.set_gateway(HOST);
    Some(network)
}
