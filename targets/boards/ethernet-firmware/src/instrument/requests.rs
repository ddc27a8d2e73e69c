//! Service requests: the board calls its clients on their interrupt channels, without waiting.

use oncilla::framing::{Framing, Record};
use oncilla::{Clock, Received, Time, Transport};
use oncilla_ethernet::{TcpClient, UdpClient, smoltcp::phy::Device};
use oncilla_vxi11::InterruptChannel;

use super::channels::Server;
use super::memory::{CONNECTIONS, REQUEST};

/// The interrupt channels of all connections.
pub struct Requests<'n, 'a, D, C> {
    connections: [Connection<'n, 'a, D, C>; CONNECTIONS],
    datagrams: UdpClient<'n, 'a, D, C>,
}

struct Connection<'n, 'a, D, C> {
    socket: TcpClient<'n, 'a, D, C>,
    /// The channel that the socket is for.
    channel: Option<InterruptChannel>,
    is_established: bool,
}

impl<'n, 'a, D: Device, C: Clock> Requests<'n, 'a, D, C> {
    /// Creates sockets without channels.
    pub fn new(sockets: [TcpClient<'n, 'a, D, C>; CONNECTIONS], datagrams: UdpClient<'n, 'a, D, C>) -> Self {
        let connections = sockets.map(|socket| Connection { socket, channel: None, is_established: false });
        Self { connections, datagrams }
    }

    /// Establishes and ends channels as the server wants them, and sends the service requests. Never waits.
    pub fn send(&mut self, server: &mut Server) {
        for (number, connection) in self.connections.iter_mut().enumerate() {
            connection.follow(server, number);
            connection.send(server, number, &mut self.datagrams);
        }
    }
}

impl<D: Device, C: Clock> Connection<'_, '_, D, C> {
    /// Connects to the client's channel, or ends the connection to one that is not wanted any more.
    fn follow(&mut self, server: &mut Server, number: usize) {
        let wanted = server.interrupt_channel(number);
        if wanted != self.channel {
            if self.channel.is_some_and(|channel| !channel.datagrams) {
                self.socket.close();
            }
            (self.channel, self.is_established) = (wanted, false);
            if let Some(channel) = wanted.filter(|channel| !channel.datagrams) {
                // A failure is seen below.
                let _ = self.socket.begin_to_connect(channel.address);
            }
        }
        let Some(channel) = self.channel else { return };
        if !self.is_established {
            match if channel.datagrams { Ok(true) } else { self.socket.is_connected() } {
                Ok(false) => {}
                connected => {
                    self.is_established = connected.is_ok();
                    server.interrupt_established(number, channel, self.is_established);
                }
            }
        }
    }

    fn send(&mut self, server: &mut Server, number: usize, datagrams: &mut UdpClient<'_, '_, D, C>) {
        let Some(channel) = self.channel.filter(|_| self.is_established) else { return };
        let mut frame = [0; Record::buffer(REQUEST)];
        if channel.datagrams {
            datagrams.set_host(channel.address);
            while let Some(length) = server.service_request(number, &mut frame) {
                // A datagram without a place is lost.
                let _ = datagrams.send(frame.get(..length).unwrap_or_default(), Time::ZERO);
            }
            return;
        }
        // The replies are not needed. What a turn does not drop, the next one does: a client that sends without end must
        // not keep this one.
        let mut replies = [0; 64];
        let mut lost = matches!(self.socket.receive(&mut replies, Time::ZERO), Ok(Received::End) | Err(_));
        while !lost && let Some(length) = server.service_request(number, Record::room(&mut frame)) {
            let record = Record::seal(&mut frame, length).unwrap_or_default();
            // A client that does not read its requests gets no more of them.
            lost = self.socket.send(record, Time::ZERO) != Ok(record.len());
        }
        if lost {
            self.socket.close();
            server.interrupt_established(number, channel, false);
        }
    }
}
