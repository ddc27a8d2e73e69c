//! Servers: one handler on addresses, Unix sockets and serial lines.

mod line;
mod place;

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use oncilla::Handler;
use oncilla_host::keys::KeyServer;
use oncilla_host::{Event, Server, TlsServer};

use crate::failure::{Done, Exit, Failure};

use line::Opened;
pub use place::{Line, Place};

/// Ends a server from outside.
pub trait Until: Sync {
    /// Returns whether the server should end.
    fn has_come(&self) -> bool;

    /// Waits this long, or until the server should end. Returns whether it should.
    fn wait(&self, time: Duration) -> bool;

    /// Ends the server.
    fn end(&self);
}

/// Receives notes about lines, such as a port that was lost.
pub type Notes<'a> = &'a (dyn Fn(&str) + Sync);

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest number of connections.
    pub connections: usize,
    /// How long a connection may be idle.
    pub idle: Option<Duration>,
    /// The largest number of calls at a time.
    pub workers: usize,
    /// The size of the largest call in bytes.
    pub call_max: usize,
}

/// The open servers, sockets and lines, which wait for calls.
pub struct Listening {
    server: Server,
    lines: Vec<Opened>,
    /// The targets of the Unix sockets.
    unix: Vec<String>,
    limits: Limits,
    /// TCP is served inside TLS only.
    secure: bool,
}

impl Listening {
    /// Opens all places.
    ///
    /// With `tls`, TCP is served inside TLS only. With `keys`, clients need one of them.
    ///
    /// # Errors
    /// A place cannot be opened, such as an address that is in use.
    pub fn open(places: &[Place], limits: Limits, tls: Option<TlsServer>, keys: Option<KeyServer>) -> Done<Self> {
        let mut server = Server::new()
            .map_err(of_server)?
            .connections(limits.connections)
            .idle_timeout(limits.idle)
            .call_max(limits.call_max);
        let secure = tls.is_some();
        if let Some(tls) = tls {
            server = server.tls(tls);
        }
        if let Some(keys) = &keys {
            server = server.keys(keys.clone());
        }
        if secure {
            check_tls(places)?;
        }
        let mut lines = Vec::new();
        let unix = places.iter().filter_map(|place| match place {
            Place::Unix(path) => Some(format!("unix:{}", path.display())),
            _ => None,
        });
        for place in places {
            server = match place {
                Place::Tcp(address) => server.tcp(&**address).map_err(of_server)?,
                Place::Udp(address) => server.udp(&**address).map_err(of_server)?,
                #[cfg(unix)]
                Place::Unix(path) => server.unix(path).map_err(of_server)?,
                #[cfg(not(unix))]
                Place::Unix(_) => return Err(Failure::usage("this system has no Unix sockets; use tcp://host:port")),
                Place::Line(line) => {
                    lines.push(Opened::open(line, keys.clone())?);
                    server
                }
            };
        }
        Ok(Self { server, lines, unix: unix.collect(), limits, secure })
    }

    /// Returns the targets by which this server is called.
    pub fn targets(&self) -> Vec<String> {
        let scheme = if self.secure { "tcp+tls" } else { "tcp" };
        let tcp = self.server.tcp_addresses().into_iter().map(|address| format!("{scheme}://{address}"));
        let udp = self.server.udp_addresses().into_iter().map(|address| format!("udp://{address}"));
        tcp.chain(udp).chain(self.unix.iter().cloned()).chain(self.lines.iter().map(|line| line.target())).collect()
    }

    /// Registers programs with this machine's rpcbind, until the server ends.
    ///
    /// # Errors
    /// rpcbind does not run, or no place is an address.
    pub fn register(self, programs: impl IntoIterator<Item = (u32, u32)>) -> Done<Self> {
        let server = self.server.register_programs(programs).map_err(|error| {
            of_server(error).help("`--register` needs a tcp:// or udp:// place to listen, and rpcbind on this machine")
        })?;
        Ok(Self { server, ..self })
    }

    /// Calls `observer` at events that the handler does not see: connections, repeated calls.
    #[must_use]
    pub fn observe(self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        let server = self.server.observe(observer);
        Self { server, ..self }
    }

    /// Serves until the server should end. `handler` makes the handler of a line or, with `None`, of the sockets.
    pub fn serve<H: Handler + Clone + Send + Sync>(
        self,
        handler: impl Fn(Option<&str>) -> H,
        notes: Notes<'_>,
        until: &impl Until,
    ) -> Done {
        let Self { mut server, lines, limits, .. } = self;
        thread::scope(|scope| {
            for line in lines {
                let handler = handler(Some(&line.target()));
                scope.spawn(move || line.serve(handler, limits.call_max, notes, until));
            }
            if !server.has_addresses() {
                while !until.wait(Duration::from_secs(3600)) {}
                return Ok(());
            }
            let stopper = server.stopper();
            scope.spawn(move || {
                while !until.wait(Duration::from_secs(3600)) {}
                stopper.stop();
            });
            let served = server.serve_by(limits.workers, handler(None)).map_err(of_server);
            // Also after an error, so that the lines end.
            until.end();
            served
        })
    }
}

/// Refuses places to which TLS does not apply: their calls would be in the clear, or refused.
fn check_tls(places: &[Place]) -> Done {
    let (place, what) = match places.iter().find(|place| !matches!(place, Place::Tcp(_) | Place::Unix(_))) {
        Some(Place::Udp(address)) => (format!("udp://{address}"), "and calls in the clear would be refused"),
        Some(Place::Line(line)) => (line.to_string(), "and its calls would be in the clear"),
        _ => return Ok(()),
    };
    Err(Failure::usage(format_args!("{place} cannot be served inside TLS, {what}")).help(
        "`--tls-cert` applies to tcp:// only: leave out the other places, serve them by another command, or use keys \
         (`--link-key FILE`), which apply to every place",
    ))
}

/// Returns the failure of a server, such as an address in use.
fn of_server(error: oncilla_host::Error) -> Failure {
    let in_use = matches!(&error, oncilla_host::Error::Listen { source, .. } if source.kind() == ErrorKind::AddrInUse);
    let failure = Failure::new(Exit::Usage, error);
    if in_use { failure.in_use() } else { failure }
}
