//! A server for several clients, in one thread and limited memory.

use std::borrow::ToOwned;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};
use std::vec::Vec;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use oncilla::Table;
use oncilla_host::__private::SocketFile;
use socket2::{SockAddr, Socket};

use super::Error;
use super::connection::Connection;
use super::packets::{PACKET_MAX, Packets, packet_room, socket};
use super::stop::{Stop, Stopper};
use crate::{HEADER_MAX, Modules, answer, response_max};

/// The largest number of connections that wait to be accepted.
const BACKLOG: i32 = 128;

/// The pause after the system could not accept a connection, for instance because the process has too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// What a server allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    packets: Packets,
    connections: usize,
    message_max: usize,
    pub(super) message_timeout: Duration,
    pub(super) idle_timeout: Option<Duration>,
}

/// Serves a table to clients on a Unix socket.
///
/// ```
/// # oncilla::program! { pub mod pools = 0x2000_0002, version 1 { fn size(pool: u32) -> u64 = 201; } }
/// # struct Device;
/// # impl pools::Service for Device { fn size(&mut self, pool: u32) -> u64 { 1 << pool } }
/// use oncilla_drpc::{Client, Module, Modules, Server, modules};
///
/// static TABLE: oncilla::Table<Device> = oncilla::table![pools::program()];
/// static MODULES: Modules = modules![Module::new(2, pools::PROGRAM, pools::VERSION)];
///
/// # let folder = std::env::temp_dir().join(format!("oncilla-drpc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("daos_server.sock");
/// let mut server = Server::bind(&path)?;
/// let stopper = server.stopper();
/// let serving = std::thread::spawn(move || server.serve(&MODULES, &TABLE, &mut Device));
///
/// let mut client = Client::connect(&path, MODULES)?;
/// assert_eq!(pools::Client::new(&mut client).size(3)?, 8);
///
/// stopper.stop();
/// serving.join().unwrap()?;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Threads.** All procedures run one at a time, in the thread that calls [`serve`](Self::serve), on one state. While a
/// procedure runs, all other clients wait. A connection has one call at a time: the next is read when its client has
/// made room for the response.
///
/// **Clients cannot block each other otherwise.** They take turns. A client that stops in the middle of a message of
/// several packets, or does not read its responses, loses its connection after the
/// [message time-out](Self::message_timeout).
///
/// **Bad messages.** What is not a call gets the status FAILED_UNMARSHAL_CALL, and so does a message over the limit, of
/// which nothing is kept. With [chunk headers](Packets::Chunked) a packet that is out of order is answered so, too, and
/// the connection is closed.
///
/// **Memory.** The server has a buffer for a packet and one for the largest response of the table. A connection has
/// buffers only while a message of several packets is on its way, of the bytes that came, or while the client makes
/// no room for a response.
#[derive(Debug)]
pub struct Server {
    listener: Socket,
    stop: Stop,
    limits: Limits,
    /// Removes the file when the server is dropped.
    _file: SocketFile,
}

impl Server {
    /// Listens on a Unix socket that only this user may open (mode 0600).
    ///
    /// A file that an earlier server left behind is replaced. When several servers start at the same time, exactly one
    /// gets the path. While the server starts or stops, a file of the same name with `.lock` added exists. The socket's
    /// file is removed when the server is dropped.
    ///
    /// The limits are 64 connections, messages of 128 KiB, one in a packet without a header, a message time-out of ten
    /// seconds and no idle time-out.
    ///
    /// # Errors
    /// [`Error::Listen`], also when a server listens there already.
    pub fn bind(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::bind_with_mode(path, 0o600)
    }

    /// Listens on a Unix socket whose file has the given mode, whatever the process's mask is.
    ///
    /// Users who may write to the file may call: `0o660` admits the file's group. Otherwise like [`bind`](Self::bind).
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub fn bind_with_mode(path: impl AsRef<Path>, mode: u32) -> Result<Self, Error> {
        let path = path.as_ref();
        let listen = || {
            let listener = socket()?;
            let file = SocketFile::bind(path, mode, |path| {
                listener.bind(&SockAddr::unix(path)?)?;
                listener.listen(BACKLOG)
            })?;
            listener.set_nonblocking(true)?;
            let limits = Limits {
                packets: Packets::Whole,
                connections: 64,
                message_max: PACKET_MAX,
                message_timeout: Duration::from_secs(10),
                idle_timeout: None,
            };
            Ok(Self { listener, stop: Stop::new()?, limits, _file: file })
        };
        listen().map_err(|source| Error::Listen { path: path.to_owned(), source })
    }

    /// Sets how messages are put in packets. The default is [`Packets::Whole`].
    #[must_use]
    pub const fn packets(mut self, packets: Packets) -> Self {
        self.limits.packets = packets;
        self
    }

    /// Sets the largest number of connections, which is 64 by default. Further ones are accepted and closed at once.
    #[must_use]
    pub const fn connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// Sets the largest message in bytes, of calls and of responses. The default is 128 KiB.
    ///
    /// More has an effect only with [`Packets::Chunked`]. A procedure whose largest response is over the limit is not
    /// run.
    #[must_use]
    pub const fn message_max(mut self, bytes: usize) -> Self {
        self.limits.message_max = bytes;
        self
    }

    /// Sets how long a client may stop in the middle of a message, or leave its response unread. The default is ten
    /// seconds.
    #[must_use]
    pub const fn message_timeout(mut self, timeout: Duration) -> Self {
        self.limits.message_timeout = timeout;
        self
    }

    /// Sets how long a connection may be idle between calls. The default, `None`, is for ever.
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.idle_timeout = timeout;
        self
    }

    /// Returns a handle that stops the server from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stop.stopper()
    }

    /// Serves until the server is [stopped](Self::stopper).
    ///
    /// # Errors
    /// [`Error::Io`] when the system cannot wait for the sockets.
    pub fn serve<S>(&mut self, modules: &Modules, table: &Table<S>, state: &mut S) -> Result<(), Error> {
        let Self { listener, stop, limits, .. } = self;
        let limit = limits.packets.limit(limits.message_max);
        let (mut packet, mut response) = (packet_room(), std::vec![0; response_max(table).min(limit).max(HEADER_MAX)]);
        let mut connections: Vec<Connection> = Vec::new();
        let mut accept_again = None;
        while !stop.is_stopped() || connections.iter().any(Connection::delivers) {
            let mut ready = wait(listener, stop, limits, &connections, accept_again)?.into_iter();
            let arrived = ready.next() == Some(true);
            let now = Instant::now();
            connections.retain_mut(|connection| {
                let is_ready = ready.next() == Some(true);
                if stop.is_stopped() && !connection.delivers() {
                    connection.leave(&mut packet)
                } else if is_ready {
                    let answer = |message: &[u8], room: &mut [u8]| answer(modules, table, state, message, room);
                    connection.proceed(&mut packet, &mut response, answer)
                } else {
                    connection.deadline(limits).is_none_or(|deadline| deadline > now)
                }
            });
            accept_again = accept_again.filter(|&again| again > now);
            if arrived && !stop.is_stopped() {
                accept_again = accept(listener, limits, limit, &mut connections);
            }
        }
        for connection in connections {
            connection.leave(&mut packet);
        }
        Ok(())
    }
}

/// Accepts a connection. Returns when to try again, if the system could not.
fn accept(listener: &Socket, limits: &Limits, limit: usize, connections: &mut Vec<Connection>) -> Option<Instant> {
    match listener.accept() {
        Ok((socket, _)) => {
            // Otherwise dropping the socket closes it.
            if connections.len() < limits.connections
                && let Ok(connection) = Connection::new(socket, limits.packets, limit)
            {
                connections.push(connection);
            }
            None
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => None,
        Err(_) => Some(Instant::now() + PAUSE),
    }
}

/// Waits until something is ready or a deadline passes. Returns what is ready: the listener, then each connection.
fn wait(
    listener: &Socket,
    stop: &Stop,
    limits: &Limits,
    connections: &[Connection],
    accept_again: Option<Instant>,
) -> Result<Vec<bool>, Error> {
    let watched = |is_watched: bool| if is_watched { PollFlags::POLLIN } else { PollFlags::empty() };
    // A stopped server waits only for the clients that have yet to read.
    let serves = !stop.is_stopped();
    let deadlines = connections.iter().filter_map(|connection| connection.deadline(limits));
    let timeout = match deadlines.chain(accept_again).min() {
        None => PollTimeout::NONE,
        Some(deadline) => {
            let left = deadline.saturating_duration_since(Instant::now());
            // Rounded up, so that the deadline has passed then.
            PollTimeout::try_from(left.saturating_add(Duration::from_millis(1))).unwrap_or(PollTimeout::MAX)
        }
    };
    let mut watch = std::vec![
        PollFd::new(listener.as_fd(), watched(serves && accept_again.is_none())),
        PollFd::new(stop.as_fd(), watched(serves)),
    ];
    watch.extend(connections.iter().map(|connection| PollFd::new(connection.socket.as_fd(), connection.interest())));
    match poll(&mut watch, timeout) {
        Ok(_) | Err(Errno::EINTR) => {
            // The stop has a flag of its own.
            watch.remove(1);
            Ok(watch.iter().map(|watched| watched.any().unwrap_or(true)).collect())
        }
        Err(error) => Err(Error::Io(error.into())),
    }
}
