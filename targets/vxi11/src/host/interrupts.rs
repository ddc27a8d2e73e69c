//! Interrupt channels on a host: a thread for each.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use oncilla::framing::{Framing, Record};

use super::shared::{LOOK, Shared, State};
use super::thread;
use crate::{Instrument, InterruptChannel};

/// How long a client may take to accept the connection, and to take a request.
const PATIENCE: Duration = Duration::from_secs(2);

/// The size of a service request, as a record.
const REQUEST: usize = Record::buffer(88);

/// Starts to establish a channel.
pub(super) fn start<I: Instrument + Send + 'static>(
    shared: &Arc<Shared<I>>,
    state: &mut State<I>,
    slot: usize,
    channel: InterruptChannel,
) {
    *state.channel(slot) = Some(channel);
    let own = Arc::clone(shared);
    if thread("interrupt", move || serve(&own, slot, channel)).is_err() {
        state.server.interrupt_established(slot, channel, false);
    }
}

/// Sends the service requests of a channel, until it is not wanted any more.
fn serve<I: Instrument + Send + 'static>(shared: &Shared<I>, slot: usize, channel: InterruptChannel) {
    let connected = connect(channel);
    let mut state = shared.lock();
    state.server.interrupt_established(slot, channel, connected.is_ok());
    shared.notify();
    if let Ok(mut line) = connected {
        let mut request = [0; REQUEST];
        while !state.is_stopping() && state.server.interrupt_channel(slot) == Some(channel) {
            state.server.tick(shared.now());
            if let Some(length) = state.server.service_request(slot, Record::room(&mut request)) {
                drop(state);
                let sent = line.send(&mut request, length);
                state = shared.lock();
                if sent.is_err() {
                    state.server.interrupt_established(slot, channel, false);
                }
                continue;
            }
            if !line.is_there() {
                state.server.interrupt_established(slot, channel, false);
            }
            state = shared.wait(state, shared.now().after(LOOK));
        }
    }
    let place = state.channel(slot);
    if *place == Some(channel) {
        *place = None;
    }
}

/// What carries the requests of a channel.
enum Line {
    Stream(TcpStream),
    Datagrams(UdpSocket),
}

fn connect(channel: InterruptChannel) -> io::Result<Line> {
    let to = SocketAddr::V4(channel.address);
    if channel.datagrams {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect(to)?;
        return Ok(Line::Datagrams(socket));
    }
    let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(Line::Stream(stream))
}

impl Line {
    /// Sends a request of this many bytes, which are in the room of a record.
    fn send(&mut self, request: &mut [u8], length: usize) -> io::Result<()> {
        match self {
            Self::Stream(stream) => stream.write_all(Record::seal(request, length).unwrap_or_default()),
            // A datagram may be lost, so that it does not matter why it was not sent.
            Self::Datagrams(socket) => {
                let message = Record::room(request).get(..length).unwrap_or_default();
                let _ = socket.send(message);
                Ok(())
            }
        }
    }

    /// Drops what the client has sent, and returns whether it is there.
    fn is_there(&mut self) -> bool {
        let Self::Stream(stream) = self else { return true };
        let mut dropped = [0; 256];
        if stream.set_nonblocking(true).is_err() {
            return false;
        }
        let there = loop {
            match stream.read(&mut dropped) {
                Ok(0) => break false,
                Ok(_) => {}
                Err(error) => break matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
            }
        };
        stream.set_nonblocking(false).is_ok() && there
    }
}
