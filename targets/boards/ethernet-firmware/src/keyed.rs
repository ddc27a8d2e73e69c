//! A server with keys on UDP.

use oncilla::framing::Datagram;
use oncilla::keys::Ends;
use oncilla::{Clock, Keyed, Link};
use oncilla_bare::Print;
use oncilla_ethernet::{Sockets, UdpMemory, UdpPort, smoltcp::phy::Device};

use crate::site::network;

/// The port, on UDP.
const PORT: u16 = 1111;

/// Datagrams that can wait.
const QUEUE: usize = 2;

/// The link that [`serve_keyed`] creates.
pub type KeyedLink<'n, D, C, E> = Link<Keyed<UdpPort<'n, 'static, D, C>, E>, &'static mut [u8]>;

/// The memory of [`serve_keyed`] for sealed calls and replies of these sizes, for a `static`.
pub struct KeyedMemory<const CALL: usize, const REPLY: usize> {
    sockets: Sockets<'static, 1>,
    datagrams: UdpMemory<CALL, REPLY, QUEUE>,
    rx: [u8; CALL],
    tx: [u8; REPLY],
}

impl<const CALL: usize, const REPLY: usize> KeyedMemory<CALL, REPLY> {
    /// Creates empty memory.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        // A datagram is a message: there is nothing to add.
        const { assert!(Datagram::buffer(CALL) == CALL && Datagram::buffer(REPLY) == REPLY) }
        Self { sockets: Sockets::new(), datagrams: UdpMemory::new(), rx: [0; CALL], tx: [0; REPLY] }
    }
}

/// Writes "serving" to `log` and passes a link with keys on UDP to `serve`. Returns `None` only if the device is not an
/// Ethernet device.
pub fn serve_keyed<D: Device, C: Clock, E: Ends, const CALL: usize, const REPLY: usize, R>(
    driver: D,
    clock: C,
    memory: &'static mut KeyedMemory<CALL, REPLY>,
    ends: E,
    mut log: impl Print,
    serve: impl FnOnce(&mut KeyedLink<'_, D, C, E>) -> R,
) -> Option<R> {
    let KeyedMemory { sockets, datagrams, rx, tx } = memory;
    let network = network(driver, clock, sockets)?;
    let port = UdpPort::new(&network, PORT, datagrams)?;
    let mut link = Link::with_keys(port, &mut rx[..], &mut tx[..], ends);
    log.text("serving\n");
    Some(serve(&mut link))
}
