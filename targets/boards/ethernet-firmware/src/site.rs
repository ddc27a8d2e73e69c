//! The network of the board: that of QEMU's `-nic user`, or another with the same addresses.

use core::net::Ipv4Addr;

use oncilla::Clock;
use oncilla_ethernet::{Network, Sockets, smoltcp::phy::Device};

/// The board's Ethernet address, which is locally administered.
pub const MAC: [u8; 6] = [2, 0, 0, 0, 0, 15];

/// The board's IP address, in a network of 24 bits.
pub const BOARD: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);

/// The host that runs QEMU, which is also the gateway.
pub const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// Creates the network of the board.
pub fn network<'a, D: Device, C: Clock, const N: usize>(
    driver: D,
    clock: C,
    sockets: &'a mut Sockets<'a, N>,
) -> Option<Network<'a, D, C>> {
    // A fixed seed, because no machine in this network guesses sequence numbers.
    let network = Network::new(driver, clock, MAC, 0x5eed, sockets)?;
    network.set_address(BOARD, 24);
    network.set_gateway(HOST);
    Some(network)
}
