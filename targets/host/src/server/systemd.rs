//! A server as a service of systemd: sockets that systemd passes, readiness, watchdog.

use std::io;
use std::time::{Duration, Instant};

use listenfd::ListenFd;
use sd_notify::{NotifyState, notify};
use socket2::SockRef;

use super::Server;
use super::listener::Listener;
use super::mailbox::Mailbox;
use super::source::Source;
use crate::Error;

/// The service manager that started this process.
#[derive(Debug)]
pub(super) struct Manager {
    /// How often the watchdog is told that the server works, and when next.
    watchdog: Option<(Duration, Instant)>,
}

impl Server {
    /// Runs as a service of systemd: takes the sockets that systemd passes, and reports its state.
    ///
    /// ```no_run
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Device;
    /// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
    /// let mut server = oncilla_host::Server::new()?.systemd()?.stop_on_signals()?;
    /// if !server.has_addresses() {
    ///     // Not started by a socket unit.
    ///     server = server.tcp("[::]:20049")?;
    /// }
    /// server.serve(&TABLE, &mut Device)?;
    /// # Ok::<(), oncilla_host::Error>(())
    /// ```
    ///
    /// **Sockets.** Every socket of the socket unit is served: `ListenStream=` with an IP address is TCP, with a path a
    /// Unix socket, and `ListenDatagram=` with an IP address is UDP. `Accept=yes` is not supported. The files of Unix
    /// sockets belong to systemd and stay. A process that systemd did not start gets no sockets and no error.
    ///
    /// **State.** With `Type=notify`, systemd considers the service started when [`serve`](Self::serve) is ready for
    /// calls and registered with rpcbind, and stopping when `serve` begins to stop. With `WatchdogSec=`, the thread that
    /// calls `serve` reports twice in that time that it is alive. A procedure that runs in this thread for longer ends the
    /// service.
    ///
    /// Call it before other threads start, because it removes the variables `LISTEN_FDS` and `LISTEN_PID` from the
    /// environment. A second call in a process gets no sockets.
    ///
    /// # Errors
    /// [`Error::Activation`] for a socket of another kind. [`Error::Watch`] when the system cannot watch a socket.
    pub fn systemd(mut self) -> Result<Self, Error> {
        let mut passed = ListenFd::from_env();
        for index in 0..passed.len() {
            let source = take(&mut passed, index).map_err(|source| Error::Activation { index, source })?;
            self = self.with(source)?;
        }
        let watchdog = sd_notify::watchdog_enabled().map(|limit| (limit / 2, Instant::now()));
        self.manager = Some(Manager { watchdog });
        Ok(self)
    }
}

/// Returns the socket with this index.
fn take(passed: &mut ListenFd, index: usize) -> io::Result<Source> {
    let unusable = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a TCP, UDP or listening Unix socket");
    // A socket of another kind stays where it is.
    if let Ok(Some(socket)) = passed.take_tcp_listener(index) {
        // With `Accept=yes` it is the connection of one client.
        if !SockRef::from(&socket).is_listener()? {
            return Err(unusable());
        }
        return Listener::from_tcp(socket).map(Source::Listener);
    }
    if let Ok(Some(socket)) = passed.take_unix_listener(index) {
        if !SockRef::from(&socket).is_listener()? {
            return Err(unusable());
        }
        return Listener::from_unix(socket).map(Source::Listener);
    }
    match passed.take_udp_socket(index) {
        Ok(Some(socket)) => Ok(Source::Mailbox(Box::new(Mailbox::from_socket(socket)?))),
        _ => Err(unusable()),
    }
}

impl Manager {
    /// Reports that the server is ready for calls.
    pub fn ready(&self) {
        report(NotifyState::Ready);
    }

    /// Reports that the server stops.
    pub fn stopping(&self) {
        report(NotifyState::Stopping);
    }

    /// Tells the watchdog that the server works, if that is due. Returns how long to wait at most until the next time.
    pub fn keep_alive(&mut self, wait: Option<Duration>) -> Option<Duration> {
        let Some((interval, next)) = &mut self.watchdog else { return wait };
        let now = Instant::now();
        if *next <= now {
            report(NotifyState::Watchdog);
            *next = now + *interval;
        }
        let left = next.saturating_duration_since(now);
        Some(wait.map_or(left, |wait| wait.min(left)))
    }
}

/// Reports a state. A server works without a manager, too, so a failure is no error.
fn report(state: NotifyState<'_>) {
    let _ = notify(&[state]);
}
