//! Makes clients that connect again.

use std::fmt;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use oncilla::framing::{Framing, RecordAhead};
use oncilla::{Link, Transport};

use super::carrier::Carrier;
use super::client::Reconnecting;
use super::layer::Plain;
use super::policy::Reconnect;
use super::redial::{Dial, Redial};
use super::silence;
use crate::connect::random;
#[cfg(unix)]
use crate::connect::unix_stream;
use crate::shared::Wire;
use crate::{Connector, Error, SharedClient, Socket};

/// A client on TCP or a Unix socket that connects again.
pub type ReconnectingClient<F = RecordAhead> = Reconnecting<Socket<F>>;

/// Makes clients that connect again. Made by [`Connector::reconnect`].
#[derive(Debug)]
pub struct Reconnector<F = RecordAhead> {
    pub(crate) connector: Connector<F>,
    pub(crate) policy: Reconnect,
}

impl<F: Framing> Connector<F> {
    /// Makes clients that connect again after their connection was lost, as `policy` states.
    ///
    /// ```
    /// # oncilla::program! { pub mod oven = 0x2000_0001, version 1 { fn read() -> u64 = 1, idempotent; } }
    /// # struct Device;
    /// # impl oven::Service for Device { fn read(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Device> = oncilla::table![oven::program()];
    /// # let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
    /// # let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    /// # let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
    /// use std::time::Duration;
    /// use oncilla_host::{Connector, Reconnect};
    ///
    /// let policy = Reconnect::within(Duration::from_secs(60));
    /// // The address of a server, such as "oven.local:20049".
    /// let mut client = Connector::new().reconnect(policy).tcp(address)?;
    /// assert_eq!(oven::Client::new(&mut client).read()?, 7);
    /// # stopper.stop();
    /// # serving.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reconnect(self, policy: Reconnect) -> Reconnector<F> {
        Reconnector { connector: self, policy }
    }
}

impl<F: Framing + 'static> Reconnector<F> {
    /// Connects a client on TCP, as [`Connector::tcp`] does.
    ///
    /// A name is resolved again for each attempt. So the client keeps the address: pass a `String` or a `SocketAddr`, not
    /// a reference to one.
    ///
    /// The client notices when the server's machine is gone without closing the connection. TCP keep-alive probes an idle
    /// connection after 15 seconds. On Linux the connection is lost when the machine has confirmed nothing for 30 seconds.
    ///
    /// # Errors
    /// As [`Connector::tcp`], when the first attempt failed. Only [`Error::Size`] if the policy connects [later](Reconnect::later).
    pub fn tcp(
        self,
        address: impl ToSocketAddrs + fmt::Debug + Send + 'static,
    ) -> Result<ReconnectingClient<F>, Error> {
        let stream = tcp_stream(address);
        self.dial_by(Box::new(move |timeout| stream(timeout).map(Socket::from)))
    }

    /// Connects a client to a Unix socket, as [`Connector::unix`] does.
    ///
    /// # Errors
    /// As [`Connector::unix`], when the first attempt failed. Only [`Error::Size`] if the policy connects [later](Reconnect::later).
    #[cfg(unix)]
    pub fn unix(self, path: impl AsRef<Path>) -> Result<ReconnectingClient<F>, Error> {
        let path = path.as_ref().to_owned();
        self.dial_by(Box::new(move |_| unix_stream(&path).map(Socket::from)))
    }

    /// Connects a client on TCP that threads share, as [`Connector::shared_tcp`] does.
    ///
    /// The clones share the policy and the connection. One of the threads that call connects again, and the others wait
    /// for the connection, each until its own time-out.
    ///
    /// ```
    /// # oncilla::program! { pub mod oven = 0x2000_0001, version 1 { fn read() -> u64 = 1, idempotent; } }
    /// # struct Device;
    /// # impl oven::Service for Device { fn read(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Device> = oncilla::table![oven::program()];
    /// # let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
    /// # let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    /// # let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
    /// use std::time::Duration;
    /// use oncilla_host::{Connector, Reconnect};
    ///
    /// let policy = Reconnect::within(Duration::from_secs(60));
    /// let shared = Connector::new().reconnect(policy).shared_tcp(address)?;
    /// assert_eq!(oven::Client::new(shared.clone()).read()?, 7);
    /// # stopper.stop();
    /// # serving.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Connector::tcp`], when the first attempt failed. Only [`Error::Size`] if the policy connects [later](Reconnect::later).
    pub fn shared_tcp(self, address: impl ToSocketAddrs + fmt::Debug + Send + 'static) -> Result<SharedClient, Error> {
        let stream = tcp_stream(address);
        self.shared(Box::new(move |timeout| stream(timeout).map(socket2::Socket::from).map(Wire::from)))
    }

    /// Connects a client to a Unix socket that threads share, as [`Connector::shared_unix`] does.
    ///
    /// # Errors
    /// As [`Connector::unix`], when the first attempt failed. Only [`Error::Size`] if the policy connects [later](Reconnect::later).
    #[cfg(unix)]
    pub fn shared_unix(self, path: impl AsRef<Path>) -> Result<SharedClient, Error> {
        let path = path.as_ref().to_owned();
        self.shared(Box::new(move |_| unix_stream(&path).map(Wire::from)))
    }

    pub(crate) fn shared(self, dial: Dial<Wire>) -> Result<SharedClient, Error> {
        let (redial, wire) = self.begin(dial)?;
        Ok(SharedClient::reconnecting(redial, wire, self.connector.buffer_size()))
    }

    /// Returns a client on a transport of another kind, which `dial` opens.
    ///
    /// `dial` runs for each attempt, on the thread of the call. It must return within the given time.
    ///
    /// # Errors
    /// [`Error::Connect`] when the first attempt failed. Only [`Error::Size`] if the policy connects [later](Reconnect::later).
    pub fn dial<T: Transport<Error = io::Error>>(
        self,
        dial: impl FnMut(Duration) -> io::Result<T> + Send + 'static,
    ) -> Result<Reconnecting<T>, Error> {
        self.dial_by(connecting(dial))
    }

    pub(crate) fn dial_by<T: Transport<Error = io::Error>>(self, dial: Dial<T>) -> Result<Reconnecting<T>, Error> {
        let (redial, transport) = self.begin(dial)?;
        let (rx, tx) = self.connector.buffers();
        let link = Link::new(Carrier::new(transport), rx, tx);
        Ok(Reconnecting::new(link, Plain, redial, self.connector.buffer_size(), random()))
    }

    pub(crate) fn begin<T>(&self, dial: Dial<T>) -> Result<(Redial<T>, Option<T>), Error> {
        self.connector.check()?;
        let mut redial = Redial::new(self.policy.clone(), self.connector.timeout(), dial);
        let transport = redial.begin()?;
        Ok((redial, transport))
    }
}

/// Returns a function that opens a carrier, with its errors as [`Error::Connect`].
pub(super) fn connecting<T>(mut dial: impl FnMut(Duration) -> io::Result<T> + Send + 'static) -> Dial<T> {
    Box::new(move |timeout| dial(timeout).map_err(|source| Error::Connect { to: "the server".into(), source }))
}

/// Returns a function that connects on TCP, within the time it is given.
pub(crate) fn tcp_stream(address: impl ToSocketAddrs + fmt::Debug) -> impl Fn(Duration) -> Result<TcpStream, Error> {
    move |timeout| Connector::new().connect_timeout(timeout).tcp_stream(&address).map(silence::limit)
}
