//! The IPv4 address that a datagram was sent to: how a Unix system reports it, and sends from it.

use std::os::fd::AsFd;

#[cfg(target_os = "freebsd")]
pub(super) use nix::libc::in_addr as Address;
#[cfg(not(target_os = "freebsd"))]
pub(super) use nix::libc::in_pktinfo as Address;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, setsockopt, sockopt};

/// Makes the system report the address with every datagram of a socket.
pub(super) fn watch(socket: &impl AsFd) -> nix::Result<()> {
    #[cfg(not(target_os = "freebsd"))]
    return setsockopt(socket, sockopt::Ipv4PacketInfo, &true);
    #[cfg(target_os = "freebsd")]
    return setsockopt(socket, sockopt::Ipv4RecvDstAddr, &true);
}

/// Returns the address that a control message reports.
pub(super) const fn reported(control: &ControlMessageOwned) -> Option<Address> {
    match control {
        #[cfg(not(target_os = "freebsd"))]
        ControlMessageOwned::Ipv4PacketInfo(info) => Some(*info),
        #[cfg(target_os = "freebsd")]
        ControlMessageOwned::Ipv4RecvDstAddr(address) => Some(*address),
        _ => None,
    }
}

/// Returns the control message that sends from the address. The system chooses the interface, as for other datagrams.
pub(super) const fn sender(address: &mut Address) -> ControlMessage<'_> {
    #[cfg(not(target_os = "freebsd"))]
    {
        address.ipi_ifindex = 0;
        ControlMessage::Ipv4PacketInfo(address)
    }
    #[cfg(target_os = "freebsd")]
    ControlMessage::Ipv4SendSrcAddr(address)
}
