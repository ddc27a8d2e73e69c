//! Memory for sockets.

use smoltcp::iface::SocketStorage;
use smoltcp::socket::{tcp, udp};

/// A value that is made at run time. It is zero before, so that a static of it takes no flash.
#[derive(Debug)]
#[repr(u8)]
enum Late<T> {
    // Without `repr(u8)` the compiler would represent `Not` by a value of `T` that is not zero.
    Not = 0,
    Made(T) = 1,
}

impl<T> Late<T> {
    fn make(&mut self, value: T) -> Option<&mut T> {
        *self = Self::Made(value);
        match self {
            Self::Made(value) => Some(value),
            Self::Not => None,
        }
    }
}

/// Memory for `N` sockets, about 500 bytes each on a 32-bit machine.
#[derive(Debug)]
pub struct Sockets<'a, const N: usize>(Late<[SocketStorage<'a>; N]>);

impl<'a, const N: usize> Sockets<'a, N> {
    /// Creates empty memory.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self(Late::Not)
    }

    pub(crate) fn places(&mut self) -> &mut [SocketStorage<'a>] {
        self.0.make([const { SocketStorage::EMPTY }; N]).map(|places| &mut places[..]).unwrap_or_default()
    }
}

/// Memory of a TCP socket: `IN` + `OUT` + 2 × `WINDOW` bytes.
///
/// `IN` bytes hold a received message, `OUT` bytes a sent one, each with the record mark of four bytes: use
/// [`Record::buffer`](oncilla::framing::Record::buffer). smoltcp keeps `WINDOW` bytes that arrived and were not read,
/// and `WINDOW` bytes that were sent and not acknowledged.
///
/// `WINDOW` may be smaller than a message. The larger it is, the fewer turns a large message takes; a segment on
/// Ethernet has up to 1460 bytes. A client needs no `IN` and `OUT` here, because its link has buffers.
#[derive(Debug)]
pub struct TcpMemory<const IN: usize, const OUT: usize, const WINDOW: usize> {
    pub(crate) rx: [u8; IN],
    pub(crate) tx: [u8; OUT],
    received: [u8; WINDOW],
    sent: [u8; WINDOW],
}

impl<const IN: usize, const OUT: usize, const WINDOW: usize> TcpMemory<IN, OUT, WINDOW> {
    /// Creates memory that is zero.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { rx: [0; IN], tx: [0; OUT], received: [0; WINDOW], sent: [0; WINDOW] }
    }

    /// Returns the buffers for messages, and a socket in the other memory.
    pub(crate) fn socket(&mut self) -> (&mut [u8], &mut [u8], tcp::Socket<'_>) {
        let Self { rx, tx, received, sent } = self;
        let buffer = tcp::SocketBuffer::new;
        let mut socket = tcp::Socket::new(buffer(&mut received[..]), buffer(&mut sent[..]));
        // Calls are small and wait for replies: Nagle's algorithm would only delay them.
        socket.set_nagle_enabled(false);
        (rx, tx, socket)
    }
}

/// Memory of a UDP socket.
///
/// `IN` bytes hold a received message, `OUT` bytes a sent one. A queue holds `COUNT` more of each: those that arrived
/// before their turn, and those that wait to be sent.
///
/// It has `(COUNT + 1) × (IN + OUT)` bytes and 2 × `COUNT` × `size_of::<udp::PacketMetadata>()` in total. A client
/// needs only the queue.
#[derive(Debug)]
pub struct UdpMemory<const IN: usize, const OUT: usize, const COUNT: usize> {
    pub(crate) rx: [u8; IN],
    pub(crate) tx: [u8; OUT],
    received: Queue<IN, COUNT>,
    sent: Queue<OUT, COUNT>,
}

#[derive(Debug)]
struct Queue<const BYTES: usize, const COUNT: usize> {
    senders: Late<[udp::PacketMetadata; COUNT]>,
    bytes: [[u8; BYTES]; COUNT],
}

impl<const BYTES: usize, const COUNT: usize> Queue<BYTES, COUNT> {
    const EMPTY: Self = Self { senders: Late::Not, bytes: [[0; BYTES]; COUNT] };

    fn buffer(&mut self) -> udp::PacketBuffer<'_> {
        let senders = self.senders.make([udp::PacketMetadata::EMPTY; COUNT]).map(|senders| &mut senders[..]);
        udp::PacketBuffer::new(senders.unwrap_or_default(), self.bytes.as_flattened_mut())
    }
}

impl<const IN: usize, const OUT: usize, const COUNT: usize> UdpMemory<IN, OUT, COUNT> {
    /// Creates memory that is zero.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { rx: [0; IN], tx: [0; OUT], received: Queue::EMPTY, sent: Queue::EMPTY }
    }

    /// Returns the buffers for messages, and a socket in the other memory.
    pub(crate) fn socket(&mut self) -> (&mut [u8], &mut [u8], udp::Socket<'_>) {
        let Self { rx, tx, received, sent } = self;
        (rx, tx, udp::Socket::new(received.buffer(), sent.buffer()))
    }
}
