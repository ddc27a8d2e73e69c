//! Messages in packets.

use std::io::{self, ErrorKind, IoSlice, Read};
use std::vec::Vec;

use nix::libc::MSG_NOSIGNAL;
use socket2::{Domain, Socket, Type};

use crate::{Assembly, CHUNK_HEADER, ChunkFault, ChunkHeader};

/// The largest packet of dRPC: 128 KiB.
pub const PACKET_MAX: usize = 1 << 17;

/// How messages are put in packets. Both peers must do the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packets {
    /// A packet is a message, of at most [`PACKET_MAX`] bytes: DAOS 2.6 and before.
    #[default]
    Whole,
    /// Each packet begins with a [`ChunkHeader`], and large messages take several: DAOS since late 2025.
    Chunked,
}

impl Packets {
    /// Returns the largest message, where the program allows `max` bytes.
    pub(super) fn limit(self, max: usize) -> usize {
        match self {
            Self::Whole => max.min(PACKET_MAX),
            Self::Chunked => max,
        }
    }

    /// Sends packet `index` of a message. Returns whether there was one.
    fn send(self, socket: &Socket, message: &[u8], index: u32) -> io::Result<bool> {
        const PART: usize = PACKET_MAX - CHUNK_HEADER;
        let header;
        let parts = match self {
            Self::Whole if index > 0 => return Ok(false),
            Self::Whole => [IoSlice::new(message), IoSlice::new(&[])],
            Self::Chunked => {
                let Some(chunk) = ChunkHeader::of(message.len(), PART, index) else { return Ok(false) };
                header = chunk.to_bytes();
                let part = message.chunks(PART).nth(index as usize).unwrap_or_default();
                [IoSlice::new(&header), IoSlice::new(part)]
            }
        };
        let size: usize = parts.iter().map(|part| part.len()).sum();
        let sent = again(|| socket.send_vectored_with_flags(&parts, MSG_NOSIGNAL))?;
        // The system sends packets of this type whole or not at all.
        if sent == size { Ok(true) } else { Err(ErrorKind::WriteZero.into()) }
    }

    /// Sends the packets of a message from `index` on, and counts them in it.
    pub(super) fn send_from(self, socket: &Socket, message: &[u8], index: &mut u32) -> io::Result<()> {
        while self.send(socket, message, *index)? {
            *index += 1;
        }
        Ok(())
    }
}

/// Repeats what a signal interrupted.
fn again<T>(mut system: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match system() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Creates a socket of packets.
pub(super) fn socket() -> io::Result<Socket> {
    Socket::new(Domain::UNIX, Type::SEQPACKET, None)
}

/// Makes room for a packet on its way out. Where the system allows less, sending the largest packets is an error.
pub(super) fn prepare(socket: &Socket) {
    let _ = socket.set_send_buffer_size(2 * PACKET_MAX);
}

/// Room for a received packet, and a byte by which a packet over the limit is recognized.
pub(super) fn packet_room() -> Vec<u8> {
    std::vec![0; PACKET_MAX + 1]
}

/// Receives a packet. An empty one means the end: the system does not distinguish them.
pub(super) fn receive<'r>(mut socket: &Socket, room: &'r mut [u8]) -> io::Result<&'r [u8]> {
    let length = again(|| socket.read(room))?;
    Ok(room.get(..length).unwrap_or_default())
}

/// The reason why a packet or a message is not taken.
pub(super) enum Refused {
    /// The message has this many bytes, or more in a packet over the limit. The next message is understood.
    TooLarge(u64),
    /// The packet is not the next of its message.
    Chunk(ChunkFault),
}

/// Makes messages of packets.
#[derive(Debug)]
pub(super) struct Receiver {
    packets: Packets,
    /// The largest message.
    limit: usize,
    assembly: Assembly,
    /// What came of a message of several packets. It grows with what came, up to the limit.
    parts: Vec<u8>,
}

impl Receiver {
    pub(super) const fn new(packets: Packets, limit: usize) -> Self {
        Self { packets, limit, assembly: Assembly::new(), parts: Vec::new() }
    }

    /// Returns whether only a part of a message has come.
    pub(super) const fn is_within(&self) -> bool {
        self.assembly.has_begun()
    }

    /// Takes a packet. Returns the message that it completes.
    ///
    /// Of a message that is too large nothing is kept, and its last packet is the error.
    pub(super) fn take<'p>(&'p mut self, packet: &'p [u8]) -> Result<Option<&'p [u8]>, Refused> {
        if self.packets == Packets::Whole {
            let fits = packet.len() <= self.limit;
            return if fits { Ok(Some(packet)) } else { Err(Refused::TooLarge(packet.len() as u64)) };
        }
        if packet.len() > PACKET_MAX {
            return Err(Refused::Chunk(ChunkFault::Size));
        }
        let is_first = !self.assembly.has_begun();
        if is_first {
            // The message before was used, and was perhaps a large one.
            self.parts = Vec::new();
        }
        let part = self.assembly.accept(packet).map_err(Refused::Chunk)?;
        if part.total > self.limit as u64 {
            return if part.is_last { Err(Refused::TooLarge(part.total)) } else { Ok(None) };
        }
        if is_first && part.is_last {
            return Ok(Some(part.bytes));
        }
        self.parts.extend_from_slice(part.bytes);
        Ok(part.is_last.then_some(&self.parts[..]))
    }
}
