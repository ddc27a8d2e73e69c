//! The core channel and the abort channel: each connection passes its calls to the server.

use core::net::{IpAddr, SocketAddr};

use oncilla::Clock;
use oncilla_ethernet::{Answer, Network, Responder, smoltcp::phy::Device};
use oncilla_instrument::{Multimeter, Simulated};
use oncilla_vxi11::Answer as Answered;

use super::memory::{CONNECTIONS, LINKS};

/// The server of the multimeter.
pub type Server = oncilla_vxi11::Server<Multimeter<Simulated, LINKS>, LINKS, CONNECTIONS>;

/// A connection of the core channel.
pub struct CoreChannel<'s, 'n, 'a, D, C> {
    pub server: &'s mut Server,
    pub network: &'n Network<'a, D, C>,
    pub connection: usize,
}

impl<D: Device, C: Clock> Responder for CoreChannel<'_, '_, '_, D, C> {
    fn opened(&mut self, peer: Option<SocketAddr>) {
        self.server.opened(self.connection, peer);
    }

    fn closed(&mut self) {
        self.server.closed(self.connection);
    }

    fn answer(&mut self, call: &[u8], room: &mut [u8]) -> Answer {
        match self.server.call(self.network.now(), self.connection, call, room) {
            Answered::Reply(length) => Answer::Reply(length),
            Answered::Silent => Answer::Silent,
            Answered::Later(until) => Answer::Later(until),
        }
    }
}

/// A connection of the abort channel.
pub struct AbortChannel<'s, 'n, 'a, D, C> {
    pub server: &'s mut Server,
    pub network: &'n Network<'a, D, C>,
    pub peer: &'s mut Option<IpAddr>,
}

impl<D: Device, C: Clock> Responder for AbortChannel<'_, '_, '_, D, C> {
    fn opened(&mut self, peer: Option<SocketAddr>) {
        *self.peer = peer.map(|peer| peer.ip());
    }

    fn answer(&mut self, call: &[u8], room: &mut [u8]) -> Answer {
        let length = self.server.abort(self.network.now(), *self.peer, call, room);
        length.map_or(Answer::Silent, Answer::Reply)
    }
}
