//! Interrupt channels on a host: a thread for each.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;
use std::vec::Vec;

use oncilla::framing::{Framing, Record};

use super::shared::{LOOK, Shared, State};
use super::{CONNECTIONS, LINKS, thread};
use crate::{Instrument, InterruptChannel};

/// How long a client may take to accept the connection, and to take a request.
const PATIENCE: Duration = Duration::from_secs(2);

/// The size of a service request, as a record.
const REQUEST: usize = Record::buffer(88);

/// More than the replies to the requests of all links, of 28 bytes each: nothing else is sent to the instrument.
const REPLIES: usize = LINKS * 32;

/// The threads of all channels.
#[derive(Debug, Default)]
pub(super) struct Threads {
    count: usize,
    /// The machines to which a thread connects. One at a time for each: a client that does not accept takes one thread
    /// only, however many channels it wants.
    connecting: Vec<Ipv4Addr>,
}

/// The most threads: one for each connection, and as many that have not yet noticed the end of theirs.
const THREADS: usize = 2 * CONNECTIONS;

/// Starts to establish a channel, unless its client must wait for another one that is being established.
///
/// It is called again while the client's call waits.
pub(super) fn start<I: Instrument + Send + 'static>(
    shared: &Arc<Shared<I>>,
    state: &mut State<I>,
    slot: usize,
    channel: InterruptChannel,
) {
    let machine = *channel.address.ip();
    if state.threads.count >= THREADS || state.threads.connecting.contains(&machine) {
        return;
    }
    let own = Arc::clone(shared);
    if thread("interrupt", move || serve(&own, slot, channel)).is_err() {
        return state.server.interrupt_established(slot, channel, false);
    }
    *state.channel(slot) = Some(channel);
    state.threads.count += 1;
    state.threads.connecting.push(machine);
}

/// Establishes a channel, and sends its service requests until it is not wanted any more.
fn serve<I: Instrument + Send + 'static>(shared: &Shared<I>, slot: usize, channel: InterruptChannel) {
    let _watch = Watch(shared);
    let connected = connect(channel);
    let mut state = shared.lock();
    state.threads.connecting.retain(|machine| machine != channel.address.ip());
    state.server.interrupt_established(slot, channel, connected.is_ok());
    shared.notify();
    if let Ok(line) = connected {
        state = send_all(shared, state, line, slot, channel);
    }
    state.threads.count -= 1;
    let place = state.channel(slot);
    if *place == Some(channel) {
        *place = None;
    }
}

/// Reports a panic of the instrument in the thread of a channel.
struct Watch<'a, I>(&'a Shared<I>);

impl<I> Drop for Watch<'_, I> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.ended(Some(oncilla_host::Error::Panicked));
        }
    }
}

/// Sends service requests while the channel is wanted.
fn send_all<'a, I: Instrument + Send + 'static>(
    shared: &'a Shared<I>,
    mut state: MutexGuard<'a, State<I>>,
    mut line: Line,
    slot: usize,
    channel: InterruptChannel,
) -> MutexGuard<'a, State<I>> {
    let mut request = [0; REQUEST];
    let mut look = shared.now().after(LOOK);
    while !state.is_stopping() && state.server.interrupt_channel(slot) == Some(channel) {
        state.server.tick(shared.now());
        let length = state.server.service_request(slot, Record::room(&mut request));
        if length.is_none() && shared.now() < look {
            state = shared.wait(state, look);
            continue;
        }
        // Nobody waits for what this client does.
        drop(state);
        let works = match length {
            Some(length) => line.send(&mut request, length).is_ok(),
            None => line.is_there(),
        };
        state = shared.lock();
        if length.is_none() {
            look = shared.now().after(LOOK);
        }
        if !works {
            state.server.interrupt_established(slot, channel, false);
        }
    }
    state
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

    /// Drops what the client has sent, and returns whether it is there. One that sends more than replies is not.
    fn is_there(&mut self) -> bool {
        let Self::Stream(stream) = self else { return true };
        let mut replies = [0; REPLIES];
        if stream.set_nonblocking(true).is_err() {
            return false;
        }
        let there = match stream.read(&mut replies) {
            Ok(count) => (1..REPLIES).contains(&count),
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        };
        stream.set_nonblocking(false).is_ok() && there
    }
}
