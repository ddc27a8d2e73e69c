//! Clients and links under a key.

use std::fmt;
use std::net::ToSocketAddrs;
#[cfg(unix)]
use std::path::Path;

#[cfg(feature = "serial")]
use oncilla::framing::Cobs;
use oncilla::framing::{Datagram, Framing};
use oncilla::{Endpoint, Keyed, Link, Table, Transport};

use super::{Acceptor, KeyClient, KeyError, KeyServer, Opener, Peers};
#[cfg(feature = "serial")]
use crate::Serial;
use crate::connect::{boxed, random};
use crate::{Connector, Error, Socket};

/// A client under a key on a transport, with its own buffers. See [`Link::with_keys`].
pub type KeyedClient<T> = oncilla::Client<Keyed<T, Opener>, Box<[u8]>>;

/// A link under at most `N` keys that serves peers on a transport. Made by [`Connector::keyed_link`].
pub type KeyedLink<T, const N: usize> = Link<Keyed<T, Acceptor<N>>, Box<[u8]>>;

/// An endpoint under keys on a line. Made by [`Connector::keyed_endpoint`].
pub type KeyedEndpoint<S, T> = Endpoint<S, Keyed<T, Peers>, Box<[u8]>>;

/// Bytes that the buffers of keyed links have more than those of other links.
///
/// They are the bytes that sealing adds, and those by which the first call opens a session.
const MORE: usize = oncilla::keys::sealed_call_by::<oncilla::keys::ForwardSecret>(0);

/// # Keyed links
/// Links whose messages are sealed under a key that the peer has too, with the feature `keys`. [`crate::keys`] is an
/// overview. The buffers are longer by the bytes that sealing adds, so messages of the same size fit as without keys.
impl<F: Framing> Connector<F> {
    /// Connects a client on TCP under a key. Otherwise like [`tcp`](Self::tcp).
    ///
    /// The first call opens the session. A server that does not have the key closes the connection, or does not answer.
    ///
    /// # Errors
    /// As [`tcp`](Self::tcp). [`Error::Key`] when the system has no random numbers.
    pub fn keyed_tcp(
        &self,
        address: impl ToSocketAddrs + fmt::Debug,
        key: &KeyClient,
    ) -> Result<KeyedClient<Socket<F>>, Error> {
        let socket = socket2::Socket::from(self.tcp_stream(address)?);
        self.keyed(Socket::from(socket).of_client(), key)
    }

    /// Connects a client to a Unix socket under a key. Otherwise like [`unix`](Self::unix).
    ///
    /// # Errors
    /// As [`unix`](Self::unix). [`Error::Key`] when the system has no random numbers.
    #[cfg(unix)]
    pub fn keyed_unix(&self, path: impl AsRef<Path>, key: &KeyClient) -> Result<KeyedClient<Socket<F>>, Error> {
        self.keyed(Socket::from(crate::connect::unix_stream(path.as_ref())?).of_client(), key)
    }

    /// Returns a client on UDP under a key. Otherwise like [`udp`](Self::udp).
    ///
    /// # Errors
    /// As [`udp`](Self::udp). [`Error::Key`] when the system has no random numbers.
    pub fn keyed_udp(
        &self,
        address: impl ToSocketAddrs + fmt::Debug,
        key: &KeyClient,
    ) -> Result<KeyedClient<Socket<Datagram>>, Error> {
        self.keyed(self.udp(address)?.into_link().into_transport(), key)
    }

    /// Opens a serial port and returns a client under a key. Otherwise like [`serial`](Self::serial).
    ///
    /// The framing is [`Cobs`], since the session takes the place of the hellos.
    ///
    /// # Errors
    /// As [`serial`](Self::serial). [`Error::Key`] when the system has no random numbers.
    #[cfg(feature = "serial")]
    pub fn keyed_serial(
        &self,
        path: &str,
        baud_rate: u32,
        key: &KeyClient,
    ) -> Result<KeyedClient<Serial<Cobs>>, Error> {
        self.keyed(Serial::open(path, baud_rate)?.of_client(), key)
    }

    /// Returns a client under a key on a transport of another kind.
    ///
    /// # Errors
    /// [`Error::Size`] when the buffer is too large. [`Error::Key`] when the system has no random numbers.
    pub fn keyed<T: Transport>(&self, transport: T, key: &KeyClient) -> Result<KeyedClient<T>, Error> {
        self.check()?;
        let (rx, tx) = self.keyed_buffers();
        Ok(oncilla::Client::new(Link::with_keys(transport, rx, tx, key.opener()?), random()))
    }

    /// Returns a link that serves peers under at most `N` keys, for [`Link::serve`] and others.
    ///
    /// It is for serial ports, and for transports of other kinds. `N` is 1 to 32. On a connection it is 1, for the
    /// first key of the keyring that verifies.
    ///
    /// ```no_run
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Host;
    /// # impl clock::Service for Host { fn now(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Host> = oncilla::table![clock::program()];
    /// use oncilla::framing::Cobs;
    /// use oncilla_host::keys::{KeyFile, KeyServer};
    /// use oncilla_host::{Connector, Serial};
    ///
    /// let keys = KeyServer::new(&KeyFile::read("plant.key")?)?;
    /// let port = Serial::<Cobs>::open("/dev/ttyUSB0", 115_200)?;
    /// Connector::new().keyed_link::<_, 1>(port, &keys)?.serve(&TABLE, &mut Host)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Key`] when the system has no random numbers.
    pub fn keyed_link<T: Transport, const N: usize>(
        &self,
        transport: T,
        keys: &KeyServer,
    ) -> Result<KeyedLink<T, N>, Error> {
        let (rx, tx) = self.keyed_buffers();
        Ok(Link::with_keys(transport, rx, tx, keys.acceptor()?))
    }

    /// Returns an [`Endpoint`] under keys on a line.
    ///
    /// It calls the device under `key`, and serves `table` to the peer that has the key at place 0 of `keys`, which is
    /// usually the same key. Side and suite are those of `key`.
    ///
    /// # Errors
    /// [`Error::Key`] when the system has no random numbers.
    pub fn keyed_endpoint<S, T: Transport>(
        &self,
        transport: T,
        key: &KeyClient,
        keys: &KeyServer,
        table: &'static Table<S>,
        state: S,
    ) -> Result<KeyedEndpoint<S, T>, Error> {
        let (rx, tx) = self.keyed_buffers();
        let link = Link::with_keys(transport, rx, tx, key.both(keys)?);
        Ok(Endpoint::new(link, table, state, random()))
    }

    pub(crate) fn keyed_buffers(&self) -> (Box<[u8]>, Box<[u8]>) {
        let size = self.keyed_buffer_size();
        (boxed(size), boxed(size))
    }

    /// Returns the size of each buffer of a keyed link.
    pub(crate) fn keyed_buffer_size(&self) -> usize {
        // The framing of serial lines adds a byte for each 254.
        self.buffer_size().min(1 << 30) + MORE + 1
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
