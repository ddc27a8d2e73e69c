//! Answering calls later.

use core::net::SocketAddr;

use oncilla::Time;

/// How a [`Responder`] has answered a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The reply has this many bytes, at the start of the room.
    Reply(usize),
    /// There is no reply.
    Silent,
    /// Not yet. The same call is passed again in each turn, and there is a turn at this instant at the latest.
    Later(Time),
}

/// Answers the calls of a [`TcpServer`](super::TcpServer), at once or later.
///
/// A responder has one connection at a time, which is [opened](Self::opened) before its first call.
pub trait Responder {
    /// Notes that a client has connected.
    fn opened(&mut self, peer: Option<SocketAddr>) {
        let _ = peer;
    }

    /// Notes that the connection has ended. A call that was to be answered later is not passed again.
    fn closed(&mut self) {}

    /// Answers a call, and writes the reply to the start of `room`.
    fn answer(&mut self, call: &[u8], room: &mut [u8]) -> Answer;
}
