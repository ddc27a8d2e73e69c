//! Memory that is lent to sockets.

use smoltcp::iface::SocketStorage;
use smoltcp::socket::{tcp, udp};

/// What is made when the program runs, so that before all of it is zero, and a static of it takes no flash.
#[derive(Debug)]
#[repr(u8)]
enum Late<T> {
    // Without the representation the compiler would tell the two apart by a byte of `T` that is not zero.
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

/// Places for `N` sockets, some 500 bytes each on a 32-bit machine.
#[derive(Debug)]
pub struct Sockets<'a, const N: usize>(Late<[SocketStorage<'a>; N]>);

impl<'a, const N: usize> Sockets<'a, N> {
    /// All of them empty.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self(Late::Not)
    }

    pub(crate) fn places(&mut self) -> &mut [SocketStorage<'a>] {
        self.0.make([const { SocketStorage::EMPTY }; N]).map(|places| &mut places[..]).unwrap_or_default()
    }
}

/// Memory of a socket on TCP: `IN` bytes for a message that is received and `OUT` for one that is sent, both with the mark
/// of four bytes that [`Record::buffer`](oncilla::framing::Record::buffer) counts, and twice `WINDOW` bytes of the stream
/// that smoltcp keeps: what has come and was not read yet, and what was sent and is not known to have arrived.
///
/// `WINDOW` may be smaller than a message. The larger it is, the fewer turns a large message takes: a segment on Ethernet has
/// up to 1460 bytes. `IN` + `OUT` + 2 × `WINDOW` bytes in all. A client needs no `IN` and `OUT` here, as its link has
/// buffers.
#[derive(Debug)]
pub struct TcpMemory<const IN: usize, const OUT: usize, const WINDOW: usize> {
    pub(crate) rx: [u8; IN],
    pub(crate) tx: [u8; OUT],
    received: [u8; WINDOW],
    sent: [u8; WINDOW],
}

impl<const IN: usize, const OUT: usize, const WINDOW: usize> TcpMemory<IN, OUT, WINDOW> {
    /// All of it zero.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { rx: [0; IN], tx: [0; OUT], received: [0; WINDOW], sent: [0; WINDOW] }
    }

    /// The buffers for messages, and a socket in the rest.
    pub(crate) fn socket(&mut self) -> (&mut [u8], &mut [u8], tcp::Socket<'_>) {
        let Self { rx, tx, received, sent } = self;
        let buffer = tcp::SocketBuffer::new;
        let mut socket = tcp::Socket::new(buffer(&mut received[..]), buffer(&mut sent[..]));
        // Calls are small and wait for each other: Nagle's algorithm would only delay them.
        socket.set_nagle_enabled(false);
        (rx, tx, socket)
    }
}

/// Memory of a socket on UDP: `IN` bytes for a message that is received, `OUT` for one that is sent, and a queue of `COUNT`
/// more of each, which came before their turn or wait to be sent.
///
/// `(COUNT + 1) × (IN + OUT)` bytes and 2 × `COUNT` × `size_of::<udp::PacketMetadata>()` in all. A client needs only the queue.
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
    /// All of it zero.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { rx: [0; IN], tx: [0; OUT], received: Queue::EMPTY, sent: Queue::EMPTY }
    }

    /// The buffers for messages, and a socket in the rest.
    pub(crate) fn socket(&mut self) -> (&mut [u8], &mut [u8], udp::Socket<'_>) {
        let Self { rx, tx, received, sent } = self;
        (rx, tx, udp::Socket::new(received.buffer(), sent.buffer()))
    }
}
